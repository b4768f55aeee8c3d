# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from minio.commonconfig import GOVERNANCE
from minio.retention import Retention

from services.storage.adapters.s3 import S3Backend
from services.storage.adapters.s3_options import S3Options
from services.storage.errors import ObjectExists, Retained
from tests.support import s3
from tests.support.deployment import wait_until

NAME = "peer-2026/P07/rec-a/source"
PART = 5 << 20


@pytest.fixture(params=["minio", "versitygw"])
def server(request: pytest.FixtureRequest, servers: dict[str, s3.S3Server]) -> s3.S3Server:
    """A server that knows object lock."""
    return servers[request.param]


def backend(server: s3.S3Server, bucket: str, days: int) -> S3Backend:
    """A backend that locks its objects for so many days, as the server's administrator."""
    made = S3Backend(S3Options(server.endpoint, bucket, server.credentials(), lock_days=days))
    capabilities = made.self_test()
    assert capabilities.object_lock
    assert capabilities.versioning
    return made


def put(store: S3Backend, size: int) -> None:
    """Write an object."""
    staged = store.stage(NAME)
    try:
        staged.write(bytes(size))
        staged.commit()
    finally:
        staged.abort()


class TestLock:
    """Object lock, where the server has it; asked for as root, whom servers let do more."""

    @pytest.mark.parametrize("size", [10, PART + 1])
    def test_retained(self, server: s3.S3Server, size: int) -> None:
        """An object within its retention is not deleted, and the error says until when."""
        store = backend(server, server.bucket(lock=True), 2)
        put(store, size)
        with pytest.raises(Retained) as caught:
            store.delete(NAME)
        assert caught.value.until is not None
        assert timedelta(days=1) < caught.value.until - datetime.now(UTC) < timedelta(days=2)
        assert store.stat(NAME) is not None
        with pytest.raises(ObjectExists):
            put(store, size)

    def test_legal_hold(self, server: s3.S3Server) -> None:
        """A legal hold keeps an object without retention until it is lifted."""
        bucket = server.bucket(lock=True)
        store = backend(server, bucket, 0)
        put(store, 10)
        version = server.client().stat_object(bucket, NAME).version_id
        server.client().enable_object_legal_hold(bucket, NAME, version)
        with pytest.raises(Retained) as caught:
            store.delete(NAME)
        assert caught.value.until is None
        server.client().disable_object_legal_hold(bucket, NAME, version)
        assert store.delete(NAME)
        assert store.stat(NAME) is None

    def test_legal_hold_outlives_retention(self, server: s3.S3Server) -> None:
        """A hold on an object whose retention has ended still keeps it. Slow: waits for the end."""
        bucket = server.bucket(lock=True)
        store = backend(server, bucket, 0)
        put(store, 10)
        client = server.client()
        version = client.stat_object(bucket, NAME).version_id
        ends = datetime.now(UTC) + timedelta(seconds=2)
        client.set_object_retention(bucket, NAME, Retention(GOVERNANCE, ends), version)
        client.enable_object_legal_hold(bucket, NAME, version)
        wait_until(lambda: datetime.now(UTC) > ends, what="the end of the retention")
        with pytest.raises(Retained):
            store.delete(NAME)
        client.disable_object_legal_hold(bucket, NAME, version)
        assert store.delete(NAME)

    def test_old_versions_go_too(self, server: s3.S3Server) -> None:
        """A deletion leaves no version and no marker behind."""
        bucket = server.bucket(versioned=True)
        store = S3Backend(S3Options(server.endpoint, bucket, server.credentials()))
        store.self_test()
        put(store, 10)
        server.client().put_object(bucket, NAME, io.BytesIO(b"newer"), 5)  # not by us
        server.client().remove_object(bucket, NAME)  # somebody's marker over it
        assert store.delete(NAME)
        left = list(server.client().list_objects(bucket, recursive=True, include_version=True))
        assert left == []
