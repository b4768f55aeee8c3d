# SPDX-License-Identifier: Apache-2.0
"""Records that do not belong in a key store stop no withdrawal and no start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.common import errors
from services.storage.backends import Kind, open_backend
from services.storage.domain.key_store import names, put_once, read
from services.storage.domain.names import Owner
from services.storage.domain.ports import ObjectBackend
from sotto.storage.v1 import (
    admin_pb2,
    admin_service_pb2_grpc,
    catalog_pb2,
    catalog_service_pb2_grpc,
)
from tests.support import storage_service
from tests.support.s3 import S3Server
from tests.support.softhsm import SoftHsm
from tests.support.stop import Stopped, stop_before
from tests.support.storage_calls import erase, fetch, ingest
from tests.support.storage_service import StorageServer, s3_settings, study

P07, P08 = "peer-2026/P07/", "peer-2026/P08/"


@pytest.fixture(params=["directory", "s3", "s3 with keys in folders", "token"])
def layout(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Settings of a zone: where objects, keys and zone key are."""
    if request.param == "token":
        hsm: SoftHsm = request.getfixturevalue("hsm")
        return {
            "key_provider": "pkcs11",
            "pkcs11_module": hsm.module,
            "pkcs11_token": request.getfixturevalue("token"),
            "pkcs11_pin": hsm.pin_file,
        }
    if request.param == "directory":
        return {}
    minio: S3Server = request.getfixturevalue("minio")
    settings = s3_settings(minio)
    return settings if request.param == "s3" else {**settings, "key_store": "directory"}


class Zone:
    """A clinical zone that stops and starts again."""

    def __init__(self, home: Path, settings: dict[str, Any]) -> None:
        self._home = home
        self._settings = settings
        self.service = storage_service.start(home, "clinical", **settings)

    def restart(self, meanwhile: Callable[[], None] = lambda: None) -> StorageServer:
        """Stop, do something, start again."""
        self.service.stop()
        meanwhile()
        self.service = storage_service.start(self._home, "clinical", **self._settings)
        return self.service

    def backend(self, kind: Kind = "keys") -> ObjectBackend:
        """One of its stores."""
        return open_backend(self.service.zone.settings, kind)

    def records(self, prefix: str) -> dict[str, bytes]:
        """Key records by name, as a backup takes them."""
        return {name: read(self.backend(), name) for name in names(self.backend(), prefix)}

    def put(self, records: dict[str, bytes], kind: Kind = "keys") -> None:
        """Put records into a store, as a restore over the top does."""
        for name, data in records.items():
            self.backend(kind).delete(name)
            put_once(self.backend(kind), name, data)

    def versions(self) -> tuple[str, ...]:
        """The zone keys that are left."""
        return self.service.zone.store.keyring.provider.versions()

    def admin(self) -> admin_service_pb2_grpc.StoreAdminServiceStub:
        """The administration, as hospital IT calls it."""
        return admin_service_pb2_grpc.StoreAdminServiceStub(self.service.channel("operator"))

    def findings(self, *, repair: bool = False) -> list[tuple[str, str, str]]:
        """What a scrub says."""
        found = self.admin().Scrub(admin_pb2.ScrubRequest(repair=repair))
        return [(one.object, one.finding, one.action) for one in found if one.object]


@pytest.fixture
def zone(tmp_path: Path, layout: dict[str, Any]) -> Iterator[Zone]:
    """A zone with recordings of P07, P08 and P09."""
    made = Zone(tmp_path / "home", layout)
    catalog_service_pb2_grpc.CatalogWriterServiceStub(made.service.channel("operator")).PutStudy(
        catalog_pb2.PutStudyRequest(study=study(("P02", "P07", "P08", "P09")))
    )
    for code in ("P07", "P08", "P09"):
        ingest(made.service, code.encode(), participant=code)
    yield made
    made.service.stop()


class TestStrayRecord:
    """A key record of somebody who was erased, put back from an old backup."""

    def test_withdrawals_and_start(self, zone: Zone) -> None:
        """It goes with the next rotation, or at the start, and stops neither."""
        stray = zone.records(P07)
        assert erase(zone.service, "P07").zone_key_replaced
        zone.put(stray)
        assert zone.findings() == [("keys/peer-2026/P07", "stray", "none")]
        receipt = erase(zone.service, "P08")
        assert receipt.objects_deleted > 0
        assert receipt.zone_key_replaced
        assert not receipt.unopened_keys
        assert zone.records(P07) == {}
        zone.restart(lambda: zone.put(stray))
        assert zone.records(P07) == {}
        assert len(zone.versions()) == 1

    def test_scrub(self, zone: Zone) -> None:
        """A scrub names it, and removes it when asked to."""
        stray = zone.records(P07)
        erase(zone.service, "P07")
        zone.put(stray)
        assert zone.findings(repair=True) == [("keys/peer-2026/P07", "stray", "deleted")]
        assert zone.records(P07) == {}
        assert zone.findings() == []


class TestRecordThatDoesNotOpen:
    """A damaged record of somebody who takes part."""

    def test_withdrawal_of_others(self, zone: Zone) -> None:
        """It is named; a zone key that it may need is kept, however often there are rotations."""
        whole = zone.records(P08)
        needed = zone.versions()
        zone.put(
            {name: data.replace(b'"wrapped":"', b'"wrapped":"AAAA') for name, data in whole.items()}
        )
        ref = ingest(zone.service, b"P09", participant="P09").ref
        zone.restart()
        for _ in range(2):  # a second rotation, while the first one is not finished
            receipt = erase(zone.service, "P07")
            assert list(receipt.unopened_keys) == ["peer-2026/P08"]
            assert not receipt.zone_key_replaced
            assert not receipt.rotation_failed
        assert len(zone.versions()) == 2
        assert set(needed) < set(zone.versions())
        assert ("keys/peer-2026/P08", "unreadable", "none") in zone.findings()
        assert fetch(zone.service, ref)[1] == b"P09"
        zone.restart(lambda: zone.put(whole))  # its zone key is still there, and the start rewraps
        assert len(zone.versions()) == 1
        assert zone.findings() == []

    def test_its_own_withdrawal(self, zone: Zone) -> None:
        """Whose record is damaged can be erased like anybody."""
        zone.put(dict.fromkeys(zone.records(P08), b"no record"))
        zone.restart()
        receipt = erase(zone.service, "P08")
        assert receipt.verified_unreadable
        assert receipt.objects_deleted > 0
        assert not receipt.unopened_keys
        assert zone.records(P08) == {}


class TestForeignRecord:
    """What somebody left in the stores."""

    def test_goes_on(self, zone: Zone) -> None:
        """Withdrawal and start go on, and a scrub names it."""
        zone.put({"peer-2026/P08.bak/00000001": b"x", "notes": b"x"})
        zone.put({"peer-2026/P01/notes": b"x", "peer-2026/P02/erased": b"x"}, "tombstones")
        zone.restart()
        receipt = erase(zone.service, "P07")
        assert list(receipt.unopened_keys) == ["notes", "peer-2026/P08.bak/00000001"]
        assert receipt.zone_key_replaced
        assert {name for name, _, _ in zone.findings()} == {
            "keys/notes",
            "keys/peer-2026/P08.bak/00000001",
            "tombstones/peer-2026/P01/notes",
            "tombstones/peer-2026/P02/erased",
        }
        with pytest.raises(errors.Erased):  # of a damaged tombstone the name counts
            ingest(zone.service, b"P02", participant="P02")


class TestInterrupted:
    """A withdrawal that stops anywhere is finished by the next start or the next call."""

    @pytest.mark.parametrize("step", ["delete", "rotate"])
    def test_finished(self, zone: Zone, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Objects go first, so that what stops the rotation leaves none."""
        opened = zone.service.zone
        part = opened.store.backend if step == "delete" else opened.store.keyring.provider
        with monkeypatch.context() as patched:
            stop_before(patched, part, step, call=1)
            with pytest.raises(Stopped):
                opened.erasure.erase(Owner("peer-2026", "P07"))
        left = opened.store.backend.list(P07).objects
        assert bool(left) == (step == "delete")
        zone.restart()
        assert not zone.service.zone.store.backend.list(P07).objects
        before = zone.versions()
        assert erase(zone.service, "P07").zone_key_replaced
        assert not set(before) & set(zone.versions())

    def test_object_that_stays(self, zone: Zone, monkeypatch: pytest.MonkeyPatch) -> None:
        """One object that cannot be deleted keeps no other one, and the receipt says so."""
        backend = zone.service.zone.store.backend
        delete = backend.delete

        def fails(name: str, *, shred: bool = False) -> bool:
            if name.endswith("/manifest"):
                raise errors.Unavailable("the disk does not answer")
            return delete(name, shred=shred)

        with monkeypatch.context() as patched:
            patched.setattr(backend, "delete", fails)
            receipt = erase(zone.service, "P07")
        assert (receipt.objects_failed, receipt.objects_deleted) == (1, 1)
        assert receipt.zone_key_replaced
        again = erase(zone.service, "P07")
        assert (again.objects_failed, again.objects_deleted) == (0, 1)
