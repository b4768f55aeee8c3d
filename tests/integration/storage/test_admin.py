# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from services.common.audit import AuditTrail
from services.storage.zone import open_zone
from sotto.storage.v1 import (
    admin_pb2,
    admin_service_pb2_grpc,
)
from tests.support.fake_audit_log import FakeAuditLog
from tests.support.storage_calls import RUN, fetch, ingest, spoil, write_transcript
from tests.support.storage_service import StorageServer
from tests.support.storage_zone import P07


class TestAdmin:
    """Describe, scrub, rotate."""

    def test_rotate(self, clinical: StorageServer) -> None:
        """A new zone key re-wraps the data keys; objects stay, the old key is gone."""
        ref = ingest(clinical, b"interview").ref
        stub = admin_service_pb2_grpc.StoreAdminServiceStub(clinical.channel("operator"))
        before = stub.DescribeStore(admin_pb2.DescribeStoreRequest())
        rotated = stub.RotateZoneKey(admin_pb2.RotateZoneKeyRequest())
        after = stub.DescribeStore(admin_pb2.DescribeStoreRequest())
        assert rotated.rewrapped == 4  # secrets of intake and counters, study, P07
        assert before.zone_key_id != after.zone_key_id == rotated.key_id
        assert before.zone_key_id.encode() not in (clinical.home / "clinical/zone.key").read_bytes()
        assert fetch(clinical, ref)[1] == b"interview"
        # A service that starts now has no key in memory: it must unwrap the new record.
        restarted = open_zone(clinical.zone.settings, AuditTrail(FakeAuditLog(), zone="clinical"))
        name = f"{P07.prefix}{ref.recording_id}/source"
        assert restarted.store.read(P07, name) == b"interview"

    def test_scrub(self, clinical: StorageServer) -> None:
        """Damage, a missing part and an orphan are each found and named."""
        stub = admin_service_pb2_grpc.StoreAdminServiceStub(clinical.channel("operator"))
        refs = [ingest(clinical, bytes([n]) * 1000).ref for n in range(3)]
        write_transcript(clinical, refs[0], "transcription")
        assert [s.finding for s in stub.Scrub(admin_pb2.ScrubRequest())] == [""]
        base = "peer-2026/P07/"
        backend = clinical.zone.store.backend
        spoil(clinical, f"{base}{refs[0].recording_id}/source", lambda data: data[:-1])
        backend.delete(f"{base}{refs[1].recording_id}/source")
        backend.delete(f"{base}{refs[2].recording_id}/manifest")
        backend.delete(f"{base}{refs[0].recording_id}/transcript/{RUN}/w-00000001")
        found = {
            (s.object.removeprefix("peer-2026/P07/"), s.finding)
            for s in stub.Scrub(admin_pb2.ScrubRequest(repair=True))
            if s.object
        }
        assert found == {
            (f"{refs[0].recording_id}/source", "damaged"),
            (f"{refs[0].recording_id}/transcript/{RUN}/w-00000001", "missing"),
            (f"{refs[1].recording_id}/source", "missing"),
            (f"{refs[2].recording_id}/source", "orphan"),
        }

    def test_check_on_a_schedule(self, clinical: StorageServer) -> None:
        """The orchestrator learns how much is damaged, in numbers alone; nothing is repaired."""
        stub = admin_service_pb2_grpc.StoreCheckServiceStub(clinical.channel("flows"))
        ref = ingest(clinical, b"interview").ref
        sound = stub.CheckZone(admin_pb2.CheckZoneRequest())
        assert sound.scanned > 0
        assert dict(sound.findings) == {}
        name = f"peer-2026/P07/{ref.recording_id}/manifest"
        clinical.zone.store.backend.delete(name)
        assert dict(stub.CheckZone(admin_pb2.CheckZoneRequest()).findings) == {"orphan": 1}
        assert dict(stub.CheckZone(admin_pb2.CheckZoneRequest()).findings) == {"orphan": 1}
