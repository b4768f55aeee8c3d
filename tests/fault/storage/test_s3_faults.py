# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
import socket
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import minio.time
import pytest

from services.storage.adapters.s3 import S3Backend
from services.storage.adapters.s3_options import S3Options
from services.storage.errors import (
    ContractViolation,
    ObjectExists,
    StoreOutOfSpace,
    StoreUnavailable,
)
from tests.support import s3
from tests.support.small_disk import mounted
from tests.support.tools import missing

NAME = "peer-2026/P07/rec-a/source"
PART = 5 << 20


def options(server: s3.S3Server, **more: object) -> S3Options:
    """Options for a fresh bucket."""
    given = {
        "endpoint": server.endpoint,
        "bucket": "",
        "credentials": server.credentials(),
        "timeout_s": 5.0,
        **more,
    }
    given["bucket"] = given["bucket"] or server.bucket()
    return S3Options(**given)  # type: ignore[arg-type]


def put(backend: S3Backend, name: str, data: bytes) -> None:
    """Write a whole object."""
    staged = backend.stage(name)
    try:
        staged.write(data)
        staged.commit()
    finally:
        staged.abort()


class TestServerDies:
    """The server is killed and comes back."""

    def test_in_the_middle_of_a_put(self, server: s3.S3Server) -> None:
        """The put fails with advice, nothing is visible, and a later put goes through."""
        backend = S3Backend(options(server))
        staged = backend.stage(NAME)
        staged.write(bytes(PART + 1))
        server.kill()
        with pytest.raises(StoreUnavailable):
            _write_and_commit(staged, bytes(2 * PART))
        staged.abort()
        server.start()
        assert backend.stat(NAME) is None
        put(backend, NAME, b"again")
        assert backend.stat(NAME) is not None

    def test_in_the_middle_of_a_get(self, server: s3.S3Server) -> None:
        """A get goes on where it stopped when the server is back in time."""
        backend = S3Backend(options(server))
        data = os.urandom(3 * PART)
        put(backend, NAME, data)
        reader = backend.open(NAME)
        found = reader.read(1000)
        server.kill()
        reader._drop()
        back = threading.Timer(0.5, server.start)
        back.start()
        while piece := reader.read(1 << 20):
            found += piece
        back.join()
        reader.close()
        assert found == data

    def test_stays_unavailable(self, server: s3.S3Server) -> None:
        """A server that stays unavailable gives an error on each call. Slow: each is retried."""
        backend = S3Backend(options(server))
        put(backend, NAME, b"content")
        server.kill()
        for call in (
            lambda: backend.stat(NAME),
            lambda: backend.open(NAME),
            lambda: backend.list(""),
            lambda: backend.delete(NAME),
            lambda: put(backend, NAME + "2", b"x"),
            backend.sweep,
            backend.self_test,
        ):
            with pytest.raises(StoreUnavailable):
                call()


class TestWrongSettings:
    """What the operator got wrong is said."""

    def test_credentials(self, server: s3.S3Server) -> None:
        """A wrong secret is named as such; the message holds no secret."""
        path = server.credentials("wrong", secret_key="not-the-secret")
        backend = S3Backend(options(server, credentials=path))
        with pytest.raises(StoreUnavailable, match="credential") as caught:
            backend.self_test()
        assert caught.value.reason == "store_credentials"
        assert "not-the-secret" not in str(caught.value)

    def test_credential_file_open_to_others(self, server: s3.S3Server) -> None:
        """A credential file that others may read is refused."""
        path = server.credentials("open")
        path.chmod(0o644)
        with pytest.raises(ContractViolation, match="chmod 600"):
            S3Backend(options(server, credentials=path))

    def test_bucket(self, server: s3.S3Server) -> None:
        """A missing bucket is named as such."""
        backend = S3Backend(options(server, bucket="no-such-bucket"))
        with pytest.raises(StoreUnavailable, match="bucket"):
            backend.self_test()

    def test_clock(self, server: s3.S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
        """A clock that is an hour off is named as such."""
        backend = S3Backend(options(server))
        later = datetime.now(UTC) + timedelta(hours=1)
        monkeypatch.setattr(minio.time, "utcnow", lambda: later)
        with pytest.raises(StoreUnavailable, match="clock"):
            backend.self_test()

    @pytest.mark.parametrize("endpoint", ["", "s3.example", "http://s3.example:9000", "ftp://x"])
    def test_endpoint(self, server: s3.S3Server, endpoint: str) -> None:
        """An address that is none, or that would send requests unencrypted, is refused."""
        with pytest.raises(ContractViolation):
            S3Backend(options(server, endpoint=endpoint))

    def test_lock_that_is_not_there(self, server: s3.S3Server) -> None:
        """Retention on a bucket without object lock is refused, or gone without by a setting."""
        with pytest.raises(ContractViolation, match="object lock"):
            S3Backend(options(server, lock_days=1)).self_test()
        S3Backend(options(server, lock_days=1, lock_optional=True)).self_test()


class TestSlowServer:
    """A server that does not answer."""

    def test_silence(self, tmp_path: Path) -> None:
        """A connection that stays silent ends in an error after the time-out."""
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen(16)
            path = tmp_path / "credentials"
            path.write_text("access\nsecret-secret\n")
            path.chmod(0o600)
            backend = S3Backend(
                S3Options(
                    f"http://127.0.0.1:{silent.getsockname()[1]}", "bucket", path, timeout_s=0.2
                )
            )
            with pytest.raises(StoreUnavailable):
                backend.stat(NAME)


class TestRetriedWrite:
    """A write whose answer was lost."""

    @pytest.mark.parametrize("size", [10, PART + 1])
    def test_own_first_try(self, server: s3.S3Server, size: int) -> None:
        """A writer that meets its own first try has succeeded; another writer has not."""
        backend = S3Backend(options(server))
        staged = backend.stage(NAME)
        staged.write(bytes(size))
        client = staged._client
        for method in ("put_once", "complete_once"):
            real = getattr(client, method)

            def twice(*args: object, real: object = real) -> None:
                real(*args)  # type: ignore[operator]
                real(*args)  # type: ignore[operator]

            setattr(client, method, twice)
        try:
            staged.commit()
        finally:
            for method in ("put_once", "complete_once"):
                delattr(client, method)
        with pytest.raises(ObjectExists):
            put(backend, NAME, bytes(size))


class TestServerFull:
    """No room on the server."""

    def test_disk_full(self, tmp_path: Path) -> None:
        """The put fails, nothing is visible, and what was there stays."""
        for kind in ("minio", "versitygw"):
            root = tmp_path / kind
            try:
                with mounted(root / "data", 48), s3.running(kind, root) as server:
                    backend = S3Backend(options(server))
                    put(backend, NAME, b"before")
                    with pytest.raises((StoreOutOfSpace, StoreUnavailable)):
                        put(backend, NAME + "2", os.urandom(64 << 20))
                    assert backend.stat(NAME + "2") is None
                    assert backend.open(NAME).read(10) == b"before"
            except s3.NotInstalled as error:
                missing(error)


def _write_and_commit(staged: object, data: bytes) -> None:
    staged.write(data)  # type: ignore[attr-defined]
    staged.commit()  # type: ignore[attr-defined]
