# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pytest

from services.common import errors
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    pending_pb2,
    pending_service_pb2_grpc,
    recording_pb2,
    vault_pb2,
    vault_service_pb2_grpc,
)
from tests.support.storage_calls import erase, ingest
from tests.support.storage_service import StorageServer, study


def list_of(
    clinical: StorageServer, client: str = "flows"
) -> pending_service_pb2_grpc.PendingServiceStub:
    """The service as a client calls it."""
    return pending_service_pb2_grpc.PendingServiceStub(clinical.channel(client))


def pending(clinical: StorageServer) -> list[pending_pb2.PendingRecording]:
    """What is pending, over pages of two."""
    found, token = [], ""
    while True:
        page = list_of(clinical).ListPending(
            pending_pb2.ListPendingRequest(page_size=2, page_token=token)
        )
        found += page.recordings
        token = page.next_page_token
        if not token:
            return found


def settle_all(clinical: StorageServer) -> None:
    """Settle all that is pending."""
    for one in pending(clinical):
        answer = list_of(clinical).SettleRecording(
            pending_pb2.SettleRecordingRequest(ref=one.ref, mark=one.mark)
        )
        assert not answer.still_pending
    assert pending(clinical) == []


class TestPending:
    """What may have work due is listed until it is settled."""

    def test_ingest(self, clinical: StorageServer) -> None:
        """What comes in is pending, once; the same file again is not."""
        refs = [ingest(clinical, bytes([n]), session=n).ref for n in range(1, 4)]
        found = pending(clinical)
        assert sorted(one.session for one in found) == [1, 2, 3]
        assert {one.ref.recording_id for one in found} == {ref.recording_id for ref in refs}
        settle_all(clinical)
        assert ingest(clinical, b"\1", session=1).existed
        assert pending(clinical) == []

    def test_study_and_roster(self, clinical: StorageServer) -> None:
        """A study or a roster that changed marks its recordings; the same again marks none."""
        ingest(clinical, b"interview")
        writer = catalog_service_pb2_grpc.CatalogWriterServiceStub(clinical.channel("operator"))
        roster = vault_service_pb2_grpc.RosterWriterServiceStub(clinical.channel("operator"))
        changed = study(("P07", "P08", "P09"))
        for call, expected in (
            (lambda: writer.PutStudy(catalog_pb2.PutStudyRequest(study=study())), 0),
            (lambda: writer.PutStudy(catalog_pb2.PutStudyRequest(study=changed)), 1),
            (lambda: writer.PutStudy(catalog_pb2.PutStudyRequest(study=changed)), 0),
            (lambda: self._put_roster(roster, b'{"people":[{"name":"Faizal"}]}'), 1),
            (lambda: self._put_roster(roster, b'{"people":[{"name":"Faizal"}]}'), 0),
        ):
            settle_all(clinical)
            call()
            assert len(pending(clinical)) == expected

    @staticmethod
    def _put_roster(stub: vault_service_pb2_grpc.RosterWriterServiceStub, document: bytes) -> None:
        stub.PutRoster(vault_pb2.PutRosterRequest(study_id="peer-2026", document=document))

    def test_failure(self, clinical: StorageServer) -> None:
        """A recording that failed is not pending until its failure is cleared."""
        ref = ingest(clinical, b"interview").ref
        writer = catalog_service_pb2_grpc.FailureServiceStub(clinical.channel("flows"))
        failure = recording_pb2.StageFailure(stage="transcription", reason="INVALID_ARGUMENT")
        (tried,) = pending(clinical)
        request = catalog_pb2.PutFailureRequest(ref=ref, failure=failure, mark=tried.mark)
        writer.PutFailure(request)
        assert pending(clinical) == []
        writer.PutFailure(catalog_pb2.PutFailureRequest(ref=ref))
        assert [one.ref for one in pending(clinical)] == [ref]

    def test_failure_of_what_changed_meanwhile(self, clinical: StorageServer) -> None:
        """A study that was put right while a recording failed has that recording tried again."""
        ref = ingest(clinical, b"interview").ref
        (tried,) = pending(clinical)
        list_of(clinical, "operator").MarkPending(pending_pb2.MarkPendingRequest(recording=ref))
        failure = recording_pb2.StageFailure(stage="transcription", reason="INVALID_ARGUMENT")
        catalog_service_pb2_grpc.FailureServiceStub(clinical.channel("flows")).PutFailure(
            catalog_pb2.PutFailureRequest(ref=ref, failure=failure, mark=tried.mark)
        )
        (newer,) = pending(clinical)
        assert newer.mark > tried.mark

    def test_mark(self, clinical: StorageServer) -> None:
        """One recording, those of a study, or all are marked by name; who marked is in the log."""
        refs = [ingest(clinical, b"1", participant=p).ref for p in ("P07", "P08")]
        stub = list_of(clinical, "operator")
        for request, count in (
            (pending_pb2.MarkPendingRequest(recording=refs[1]), 1),
            (pending_pb2.MarkPendingRequest(study_id="peer-2026"), 2),
            (pending_pb2.MarkPendingRequest(study_id="other"), 0),
            (pending_pb2.MarkPendingRequest(), 2),
        ):
            settle_all(clinical)
            assert stub.MarkPending(request).marked == count
            assert len(pending(clinical)) == count
            assert clinical.log.names()[-1] == "recording:work:requested"
        nobody = recording_pb2.RecordingRef(
            study_id="peer-2026", participant="P07", recording_id="rec-" + "a" * 26
        )
        with pytest.raises(errors.NotFound):
            stub.MarkPending(pending_pb2.MarkPendingRequest(recording=nobody))
        with pytest.raises(errors.InvalidInput):
            stub.MarkPending(pending_pb2.MarkPendingRequest(study_id="other", recording=refs[0]))

    def test_engines(self, clinical: StorageServer) -> None:
        """Other engines than those of last time mark all recordings, as the first ones do."""
        ingest(clinical, b"interview")
        for digest, marked in (("a" * 64, 1), ("a" * 64, 0), ("b" * 64, 1)):
            settle_all(clinical)
            request = pending_pb2.PutEnginesRequest(engines_sha256=digest)
            assert list_of(clinical).PutEngines(request).marked == marked
            assert len(pending(clinical)) == marked

    def test_erasure(self, clinical: StorageServer) -> None:
        """Whoever withdrew is not pending, and not marked again."""
        ingest(clinical, b"interview")
        kept = ingest(clinical, b"interview", participant="P08").ref
        erase(clinical)
        assert [one.ref for one in pending(clinical)] == [kept]
        request = pending_pb2.MarkPendingRequest()
        assert list_of(clinical, "operator").MarkPending(request).marked == 1

    def test_access(self, clinical: StorageServer) -> None:
        """Engines and people other than the operator neither read nor change the list."""
        for client in ("transcription", "deidentification", "compliance", "researcher"):
            with pytest.raises(errors.PermissionDenied):
                list_of(clinical, client).ListPending(pending_pb2.ListPendingRequest())
