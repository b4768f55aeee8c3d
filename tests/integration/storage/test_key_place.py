# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli.main import build
from services.storage.adapters.directory import DirectoryBackend
from services.storage.adapters.s3 import S3Backend
from services.storage.errors import ContractViolation, StoreUnavailable
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc
from tests.support import s3, storage_service
from tests.support.stop import Stopped, stop_before
from tests.support.storage_calls import fetch, ingest
from tests.support.storage_service import StorageServer, s3_settings, study
from tests.support.tools import missing

ZONE = "clinical"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.S3Server]:
    """An S3 server."""
    try:
        with s3.running("versitygw", tmp_path_factory.mktemp("versitygw")) as server:
            yield server
    except s3.NotInstalled as error:
        missing(error)


@pytest.fixture
def settings(gateway: s3.S3Server) -> dict[str, Any]:
    """Settings with fresh buckets, for objects and for keys."""
    return s3_settings(gateway)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Folder of an installation."""
    return tmp_path / "home"


def start(home: Path, settings: dict[str, Any], **more: Any) -> StorageServer:
    """Start the clinical zone."""
    return storage_service.start(home, ZONE, **{**settings, **more})


def fill(home: Path, settings: dict[str, Any], **more: Any) -> Any:
    """Seal a recording; its reference."""
    service = start(home, settings, **more)
    catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator")).PutStudy(
        catalog_pb2.PutStudyRequest(study=study())
    )
    ref = ingest(service, b"interview").ref
    service.stop()
    return ref


def opens(home: Path, settings: dict[str, Any], ref: Any, **more: Any) -> bool:
    """Whether a new process reads the recording."""
    service = start(home, settings, **more)
    try:
        return bool(fetch(service, ref)[1] == b"interview")
    finally:
        service.stop()


def files(home: Path, kind: str = "keys") -> list[Path]:
    """Records in a folder."""
    return [path for path in (home / ZONE / kind).rglob("*") if path.is_file()]


def in_bucket(gateway: s3.S3Server, settings: dict[str, Any]) -> set[str]:
    """Which kinds of records the bucket of keys holds."""
    found = gateway.client().list_objects(f"{settings['s3_bucket']}-keys", recursive=True)
    return {str(item.object_name).split("/")[0] for item in found}


def sotto(home: Path, settings: dict[str, Any], *words: str) -> Any:
    """Run a command of `sotto storage` on the clinical zone."""
    environment = {f"SOTTO_{name.upper()}": str(value) for name, value in settings.items()}
    arguments = ["storage", *words, "--zone", ZONE, "--home", str(home)]
    return CliRunner().invoke(build(arguments), arguments, env=environment)


class TestPlace:
    """Where keys are, and when a zone does not start."""

    def test_with_the_objects(
        self, gateway: s3.S3Server, settings: dict[str, Any], home: Path
    ) -> None:
        """A new zone in S3 has its keys in the bucket, and nothing but the zone key at home."""
        ref = fill(home, settings)
        assert opens(home, settings, ref)
        assert in_bucket(gateway, settings) == {"keys", "pending", "counters"}
        assert files(home) == []
        assert (home / ZONE / "zone.key").exists()

    def test_folders_stay_in_use(
        self, gateway: s3.S3Server, settings: dict[str, Any], home: Path
    ) -> None:
        """Where keys are in folders already they stay there, with or without a bucket for them."""
        ref = fill(home, settings, key_store="directory")
        assert opens(home, settings, ref)
        assert in_bucket(gateway, settings) == set()
        assert opens(home, settings, ref, s3_keys_bucket="sotto-there-is-none")

    def test_folders_that_are_named(
        self, gateway: s3.S3Server, settings: dict[str, Any], home: Path, tmp_path: Path
    ) -> None:
        """Who names a folder for keys gets them there."""
        ref = fill(home, settings, keys_path=tmp_path / "keys")
        assert opens(home, settings, ref, keys_path=tmp_path / "keys")
        assert in_bucket(gateway, settings) == set()

    def test_bucket_while_folders_hold_keys(self, settings: dict[str, Any], home: Path) -> None:
        """A setting alone moves nothing: it is refused, with the command that does."""
        ref = fill(home, settings, key_store="directory")
        with pytest.raises(ContractViolation, match="move-keys"):
            start(home, settings, key_store="s3")
        assert opens(home, settings, ref)

    def test_folders_while_the_bucket_holds_keys(
        self, settings: dict[str, Any], home: Path
    ) -> None:
        """Neither is the way back a setting alone."""
        ref = fill(home, settings)
        with pytest.raises(ContractViolation, match="move-keys"):
            start(home, settings, key_store="directory")
        assert opens(home, settings, ref)

    def test_keys_in_both(self, settings: dict[str, Any], home: Path, tmp_path: Path) -> None:
        """Old keys that somebody put back into the folder are not taken for the keys of today."""
        fill(home, settings, key_store="directory")
        shutil.copytree(home / ZONE / "keys", tmp_path / "saved")
        assert sotto(home, settings, "move-keys").exit_code == 0
        shutil.copytree(tmp_path / "saved", home / ZONE / "keys", dirs_exist_ok=True)
        with pytest.raises(ContractViolation, match="hold keys, too"):
            start(home, settings)

    @pytest.mark.parametrize("place", ["directory", "s3"])
    def test_keys_lost(
        self, gateway: s3.S3Server, settings: dict[str, Any], home: Path, place: str
    ) -> None:
        """Objects without any key: the zone does not begin anew in silence."""
        ref = fill(home, settings, key_store=place)
        shutil.rmtree(home / ZONE / "keys")
        empty = gateway.bucket()
        for kept in ("zone.key", None):
            with pytest.raises(ContractViolation, match="restore the keys"):
                start(home, settings, s3_keys_bucket=empty)
            if kept:
                (home / ZONE / kept).rename(home / kept)
        assert not (home / ZONE / "zone.key").exists()
        if place == "s3":
            (home / "zone.key").rename(home / ZONE / "zone.key")
            assert opens(home, settings, ref)


class TestMove:
    """From folders to the bucket, and back."""

    def test_there_and_back(
        self, gateway: s3.S3Server, settings: dict[str, Any], home: Path
    ) -> None:
        """The command moves everything; the recording opens all the way; nothing stays behind."""
        ref = fill(home, settings, key_store="directory")
        tombstone = DirectoryBackend(home / ZONE / "tombstones").stage("peer-2026/P08/erased")
        tombstone.write(
            b'{"erased_at":"2026-01-01T00:00:00.000000+00:00","format":"sotto tombstone 1",'
            b'"key_id":"","participant":"P08","recordings":[],"study":"peer-2026",'
            b'"zone":"clinical"}'
        )
        tombstone.commit()
        done = sotto(home, settings, "move-keys")
        assert done.exit_code == 0, done.output
        # Of the mark, intake, counters, study and P07; the tombstone; a counter; the mark of work.
        assert "8 records moved" in done.output
        assert in_bucket(gateway, settings) == {"keys", "tombstones", "pending", "counters"}
        assert files(home) == files(home, "tombstones") == []
        assert opens(home, settings, ref)
        assert sotto(home, settings, "move-keys", "--to", "directory").exit_code == 0
        assert in_bucket(gateway, settings) == set()
        assert opens(home, settings, ref)

    @pytest.mark.parametrize(
        ("owner", "method", "call"),
        [(S3Backend, "stage", 4), (DirectoryBackend, "delete", 1), (DirectoryBackend, "delete", 4)],
    )
    def test_killed(
        self,
        settings: dict[str, Any],
        home: Path,
        monkeypatch: pytest.MonkeyPatch,
        owner: type,
        method: str,
        call: int,
    ) -> None:
        """Killed at any step it is finished by the same command; until then nothing starts."""
        ref = fill(home, settings, key_store="directory")
        with monkeypatch.context() as patched:
            stop_before(patched, owner, method, call)
            with pytest.raises(Stopped):
                sotto(home, settings, "move-keys")
        with pytest.raises(ContractViolation, match="move-keys"):
            start(home, settings)
        assert sotto(home, settings, "move-keys").exit_code == 0
        assert opens(home, settings, ref)

    def test_different_records(self, settings: dict[str, Any], home: Path, tmp_path: Path) -> None:
        """Nothing is moved over another record of the same name."""
        fill(home, settings, key_store="directory")
        shutil.copytree(home / ZONE / "keys", tmp_path / "saved")
        assert sotto(home, settings, "move-keys").exit_code == 0
        shutil.copytree(tmp_path / "saved", home / ZONE / "keys", dirs_exist_ok=True)
        for record in files(home):
            record.write_bytes(record.read_bytes().replace(b'"created":"2', b'"created":"3'))
        done = sotto(home, settings, "move-keys")
        assert done.exit_code != 0
        assert files(home) != []


class TestCheck:
    """`sotto storage check`, which a site runs before the first start."""

    @pytest.fixture(autouse=True)
    def prepared(self, home: Path) -> None:
        """Make the home as a site does before: settings, and nothing else."""
        home.mkdir(mode=0o700)
        (home / "sotto.toml").touch(mode=0o600)

    def test_passes(self, settings: dict[str, Any], home: Path) -> None:
        """It says where the keys are, and that destroyed ones are gone."""
        done = sotto(home, settings, "check")
        assert done.exit_code == 0, done.output
        assert "ok     destroyed keys are gone          the key bucket" in done.output

    def test_bucket_that_keeps_keys(
        self, gateway: s3.S3Server, settings: dict[str, Any], home: Path
    ) -> None:
        """A bucket with object lock is refused by the check as by the start."""
        locked = {**settings, "s3_keys_bucket": gateway.bucket(lock=True)}
        done = sotto(home, locked, "check")
        assert "FAILED destroyed keys are gone" in done.output
        assert "object lock" in done.output
        with pytest.raises(ContractViolation, match="without object lock"):
            start(home, locked)

    def test_no_bucket(self, settings: dict[str, Any], home: Path) -> None:
        """So is a bucket that nobody made; both name it."""
        without = {**settings, "s3_keys_bucket": "sotto-there-is-none"}
        done = sotto(home, without, "check")
        assert done.exit_code != 0
        assert "sotto-there-is-none is missing" in done.output
        with pytest.raises(StoreUnavailable, match="sotto-there-is-none for the keys"):
            start(home, without)
