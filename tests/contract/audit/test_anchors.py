# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from minio.error import S3Error

from services.audit.adapters.checkpoint_file import FileAnchor
from services.audit.adapters.s3_anchor import S3Anchor, S3AnchorOptions
from services.audit.adapters.sqlite_store import SqliteStore
from services.audit.domain.log import AuditLog
from services.audit.errors import LogDamaged, LogUnavailable
from services.audit_evidence.checkpoint import Checkpoint, peek, sign_checkpoint
from services.audit_evidence.keys import SigningKey
from services.common.errors import WrongUse
from services.common.s3_client import S3Connection
from tests.support.audit import LogFixture
from tests.support.audit_events import fact
from tests.support.s3 import NotInstalled, S3Server, certificate, running
from tests.support.tools import missing

KEY = SigningKey("audit.example/log", bytes(32))


def _note(size: int) -> str:
    return sign_checkpoint(Checkpoint(KEY.name, size, bytes([size]) * 32), [KEY])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server."""
    try:
        with running("minio", tmp_path_factory.mktemp("s3")) as started:
            yield started
    except NotInstalled as reason:
        missing(reason)


def _anchor(server: S3Server, bucket: str, *, days: int = 0) -> S3Anchor:
    connection = S3Connection(server.endpoint, server.credentials())
    return S3Anchor(S3AnchorOptions(connection, bucket, days=days, every=0.0))


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[S3Server]:
    """A real S3 server whose certificate a private authority issued."""
    started = S3Server("versitygw", tmp_path, certificate=certificate(tmp_path / "server.pem"))
    try:
        started.start()
        yield started
    except NotInstalled as reason:
        missing(reason)
    finally:
        started.kill()


class TestAnchors:
    """Places for published checkpoints."""

    def test_file(self, tmp_path: Path) -> None:
        """A file keeps the newest."""
        anchor = FileAnchor(tmp_path / "kept")
        assert anchor.latest() is None
        anchor.publish(_note(3))
        anchor.publish(_note(4))
        assert anchor.latest() == _note(4)

    def test_bucket(self, server: S3Server) -> None:
        """A bucket keeps each under its own name and gives the largest, deleted or not."""
        bucket = server.bucket(lock=True)
        anchor = _anchor(server, bucket, days=1)
        assert anchor.latest() is None
        for size in (3, 20, 100):
            anchor.publish(_note(size))
        anchor.publish(_note(100))
        anchor.publish(_note(50))
        client = server.client()
        names = [str(one.object_name) for one in client.list_objects(bucket, recursive=True)]
        assert names == [f"checkpoints/{size:020}" for size in (3, 20, 100)]
        client.remove_object(bucket, names[-1])  # only hides it
        assert _anchor(server, bucket).latest() == _note(100)
        versions = [
            one.version_id
            for one in client.list_objects(bucket, names[-1], include_version=True)
            if not one.is_delete_marker
        ]
        with pytest.raises(S3Error):
            client.remove_object(bucket, names[-1], version_id=versions[0])

    def test_a_restored_log_does_not_start(self, server: S3Server, tmp_path: Path) -> None:
        """A log whose every file was set back is still behind what the bucket keeps."""
        bucket = server.bucket(lock=True)
        fixture = LogFixture(tmp_path / "audit")
        fixture.add(fact())
        signed = AuditLog(fixture.store, fixture.ring.signing, anchors=[_anchor(server, bucket)])
        fixture.add(fact())
        _anchor(server, bucket).publish(fixture.log.snapshot.note)
        assert peek(_anchor(server, bucket).latest() or "").size == 2
        fixture.store.close()
        assert signed.snapshot.size == 1
        for name in ("log.sqlite", "checkpoint"):
            (tmp_path / "audit" / name).unlink(missing_ok=True)
        store = SqliteStore(tmp_path / "audit")
        with pytest.raises(LogDamaged, match="older copy"):
            AuditLog(store, fixture.ring.signing, anchors=[_anchor(server, bucket)])
        store.close()

    def test_unreachable(self, server: S3Server) -> None:
        """An unreachable bucket stops the start, and delays publishing."""
        options = S3AnchorOptions(S3Connection("http://127.0.0.1:1", server.credentials()), "none")
        with pytest.raises(LogUnavailable, match="compared"):
            S3Anchor(options).latest()
        with pytest.raises(OSError, match="refused"):
            S3Anchor(options).publish(_note(1))

    def test_without_tls(self, server: S3Server) -> None:
        """An address of another machine without TLS is refused, unless the setting allows it."""
        connection = S3Connection("http://10.0.0.5:9000", server.credentials(), prefix="audit_s3_")
        with pytest.raises(WrongUse, match="audit_s3_plain_http"):
            S3Anchor(S3AnchorOptions(connection, "b"))
        S3Anchor(S3AnchorOptions(replace(connection, plain_http=True), "b"))

    def test_private_authority(self, tls_server: S3Server) -> None:
        """A store behind a private authority is reached where that authority is named, else not."""
        bucket = tls_server.bucket()
        private = S3Connection(
            tls_server.endpoint, tls_server.credentials(), ca=tls_server.certificate
        )
        anchor = S3Anchor(S3AnchorOptions(private, bucket))
        anchor.publish(_note(7))
        assert anchor.latest() == _note(7)
        with pytest.raises(LogUnavailable):
            S3Anchor(S3AnchorOptions(replace(private, ca=None), bucket)).latest()
