# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import io
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from minio.credentials.providers import StaticProvider
from minio.minioadmin import MinioAdmin
from minio.versioningconfig import ENABLED, VersioningConfig

from services.storage.adapters.directory import DirectoryBackend
from services.storage.adapters.s3 import S3Backend
from services.storage.adapters.s3_options import S3Options
from services.storage.domain.keyring import Keyring
from services.storage.domain.ports import ObjectBackend
from services.storage.domain.sealing import DataKey
from services.storage.errors import ContractViolation, ObjectMissing
from tests.support import s3
from tests.support.storage_zone import P07, P08, open_zone

NAME = "peer-2026/P07/00000001"


@pytest.fixture(params=["minio", "versitygw"])
def server(request: pytest.FixtureRequest, servers: dict[str, s3.S3Server]) -> s3.S3Server:
    """A server."""
    return servers[request.param]


def store(server: s3.S3Server, bucket: str, kind: str = "keys") -> S3Backend:
    """A store of keys in a bucket."""
    return S3Backend(
        S3Options(server.endpoint, bucket, server.credentials(), prefix=f"{kind}/", shreds=True)
    )


def put(backend: ObjectBackend, name: str = NAME) -> None:
    """Write a record."""
    staged = backend.stage(name)
    try:
        staged.write(b"wrapped key")
        staged.commit()
    finally:
        staged.abort()


def raw(server: s3.S3Server, bucket: str) -> list[str]:
    """Everything in a bucket, versions and markers included."""
    found = server.client().list_objects(bucket, recursive=True, include_version=True)
    return [str(item.object_name) for item in found]


class TestShredding:
    """What is destroyed is gone, on every backend."""

    def test_gone(self, backend: ObjectBackend) -> None:
        """No name, no bytes, no entry in a listing; and the name is free again."""
        put(backend)
        assert backend.delete(NAME, shred=True)
        assert not backend.delete(NAME, shred=True)
        assert backend.stat(NAME) is None
        assert backend.list("").objects == ()
        with pytest.raises(ObjectMissing):
            backend.open(NAME)
        put(backend)

    def test_by_several_at_once(self, backend: ObjectBackend) -> None:
        """Processes that destroy the same record at once do not disturb each other."""
        for number in range(5):
            put(backend)
            with ThreadPoolExecutor(4) as threads:
                done = [threads.submit(backend.delete, NAME, shred=True) for _ in range(4)]
            assert any(one.result() for one in done), number
            assert backend.stat(NAME) is None


class TestFolder:
    """In a folder the bytes are overwritten."""

    def test_overwritten(self, tmp_path: Path) -> None:
        """Whoever kept the file open, or a second name of it, has zeros."""
        backend = DirectoryBackend(tmp_path / "keys")
        put(backend)
        os.link(tmp_path / "keys" / NAME, tmp_path / "kept")
        assert backend.delete(NAME, shred=True)
        assert (tmp_path / "kept").read_bytes() == bytes(len(b"wrapped key"))
        assert list((tmp_path / "keys/.staging").iterdir()) == []

    def test_killed_before_it_was_overwritten(self, tmp_path: Path) -> None:
        """What a killed process left without its name is overwritten by the sweep."""
        backend = DirectoryBackend(tmp_path / "keys")
        put(backend)
        left = tmp_path / "keys/.staging/shred-left"
        (tmp_path / "keys" / NAME).rename(left)
        os.link(left, tmp_path / "kept")
        assert backend.sweep() == 1
        assert (tmp_path / "kept").read_bytes() == bytes(len(b"wrapped key"))
        assert not left.exists()


class TestBucket:
    """A bucket that holds keys."""

    def test_versions_switched_on_later(self, server: s3.S3Server) -> None:
        """Versions that an administrator switched on after the start are deleted, too."""
        bucket = server.bucket()
        backend = store(server, bucket)
        backend.self_test()
        server.client().set_bucket_versioning(bucket, VersioningConfig(ENABLED))
        put(backend)
        server.client().put_object(bucket, f"keys/{NAME}", io.BytesIO(b"newer"), 5)  # not by us
        assert backend.delete(NAME, shred=True)
        assert raw(server, bucket) == []

    def test_object_lock(self, server: s3.S3Server) -> None:
        """A bucket with object lock is refused: it could keep keys for years."""
        with pytest.raises(ContractViolation, match="without object lock"):
            store(server, server.bucket(lock=True)).self_test()

    def test_versions_that_stay(self, servers: dict[str, s3.S3Server]) -> None:
        """A bucket whose versions the account may not delete is refused."""
        server = servers["minio"]
        bucket = server.bucket(versioned=True)
        account, secret = "keeps-versions", "secret-of-the-account"
        admin = MinioAdmin(
            endpoint=f"127.0.0.1:{server.port}",
            credentials=StaticProvider(server.access_key, server.secret_key),
            secure=False,
            region="us-east-1",
        )
        admin.user_add(account, secret)
        policy = json.loads(
            (Path(__file__).parents[3] / "infra/s3/policy-clinical.json").read_text()
        )
        for statement in policy["Statement"]:
            statement["Resource"] = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
        denied = {**policy["Statement"][1], "Sid": "Versions", "Effect": "Deny"}
        denied["Action"] = ["s3:DeleteObjectVersion"]
        policy["Statement"].append(denied)
        admin.policy_add(account, policy=policy)
        admin.attach_policy([account], user=account)
        credentials = server.credentials(account, account, secret)
        options = S3Options(server.endpoint, bucket, credentials, prefix="keys/", shreds=True)
        with pytest.raises(ContractViolation, match="keeps what was deleted"):
            S3Backend(options).self_test()

    def test_shared_by_several_stores(self, server: s3.S3Server) -> None:
        """Stores of one bucket do not see each other's names."""
        bucket = server.bucket()
        keys, tombstones = store(server, bucket), store(server, bucket, "tombstones")
        for backend in (keys, tombstones):
            backend.self_test()
        put(keys)
        put(tombstones, "peer-2026/P08/erased")
        assert [info.name for info in keys.list("").objects] == [NAME]
        assert [info.name for info in keys.list("", "peer-2026/P07/").objects] == [NAME]
        assert keys.list("", NAME).objects == ()
        assert tombstones.stat(NAME) is None
        assert not tombstones.delete(NAME, shred=True)
        assert sorted(raw(server, bucket)) == [f"keys/{NAME}", "tombstones/peer-2026/P08/erased"]


class TestKeyring:
    """The keys of a zone, on every backend."""

    def test_processes_at_once(self, backend: ObjectBackend, tmp_path: Path) -> None:
        """First writes, rotations and an erasure at once: one key each, and the erased is gone."""
        zone = open_zone(tmp_path / "zone")
        rings = [
            Keyring("clinical", backend, zone.tombstones, open_zone(zone.root).provider)
            for _ in range(4)
        ]
        rings[0].check_zone_key()
        rings[0].for_writing(P08)
        barrier = threading.Barrier(4)

        def work(number: int) -> DataKey:
            barrier.wait()
            key = rings[number].for_writing(P07)
            if number == 0:
                rings[number].destroy(P08, ())
            else:
                rings[number].rotate()
            return key

        with ThreadPoolExecutor(4) as threads:
            made = list(threads.map(work, range(4)))
        assert len(set(made)) == 1
        again = Keyring("clinical", backend, zone.tombstones, open_zone(zone.root).provider)
        again.check_zone_key()
        assert again.for_reading(P07) == made[0]
        assert again.is_destroyed(P08)
        assert len(again.provider.versions()) == 1


class TestBesideOthers:
    """A store in which several processes write and destroy at once."""

    def test_come_and_go(self, backend: ObjectBackend) -> None:
        """Records that come and go in one folder fail for nobody."""

        def come_and_go(number: int) -> None:
            for turn in range(15):
                name = f"peer-2026/P07/{number:04}{turn:04}"
                put(backend, name)
                assert backend.stat(name) is not None
                assert backend.delete(name, shred=True)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(come_and_go, range(4)))
        assert backend.list("").objects == ()
