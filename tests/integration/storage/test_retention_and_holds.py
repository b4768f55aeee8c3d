# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib

import pytest

from services.common import errors
from sotto.audit.v1 import entry_pb2
from sotto.storage.v1 import (
    admin_pb2,
    admin_service_pb2_grpc,
    bundle_pb2,
    bundle_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
)
from tests.support.storage_calls import (
    RUN,
    delete_content,
    fetch,
    hold,
    ingest,
    objects_of,
    states,
    write_transcript,
)
from tests.support.storage_service import StorageServer


class TestRetention:
    """Deletion by rule, and holds against it."""

    def test_content_goes_transcripts_stay(self, clinical: StorageServer) -> None:
        """The recording cannot be read any more, its transcript can; sending it again is known."""
        ref = ingest(clinical, b"interview").ref
        write_transcript(clinical, ref, "transcription")
        first = delete_content(clinical, ref)
        again = delete_content(clinical, ref)
        assert (first.existed, again.existed) == (False, True)
        assert first.deleted_at == again.deleted_at
        with pytest.raises(errors.NotFound, match="retention"):
            fetch(clinical, ref)
        assert ingest(clinical, b"interview").existed
        state = states(clinical).recordings[0]
        assert state.content_deleted_at == first.deleted_at
        assert len(state.transcripts) == 1
        assert not [n for n in objects_of(clinical) if n.endswith("/source")]
        admin = admin_service_pb2_grpc.StoreAdminServiceStub(clinical.channel("operator"))
        assert [s.finding for s in admin.Scrub(admin_pb2.ScrubRequest())] == [""]

    def test_hold_wins(self, clinical: StorageServer) -> None:
        """Under a legal hold nothing is deleted; lifted, it is."""
        ref = ingest(clinical, b"interview").ref
        assert not hold(clinical, ref, held=True)
        assert hold(clinical, ref, held=True)
        assert states(clinical).recordings[0].held
        with pytest.raises(errors.PermissionDenied, match="legal hold"):
            delete_content(clinical, ref)
        assert clinical.log.events[-1].outcome == entry_pb2.OUTCOME_DENIED
        assert fetch(clinical, ref)[1] == b"interview"
        hold(clinical, ref, held=False)
        assert not states(clinical).recordings[0].held
        delete_content(clinical, ref)

    def test_killed_in_between(self, clinical: StorageServer) -> None:
        """With the record written and the content still there nothing is read; a repeat ends it."""
        ref = ingest(clinical, b"interview").ref
        backend = clinical.zone.store.backend
        delete, backend.delete = backend.delete, lambda _name: True  # type: ignore[method-assign]
        delete_content(clinical, ref)
        backend.delete = delete  # type: ignore[method-assign]
        assert [n for n in objects_of(clinical) if n.endswith("/source")]
        with pytest.raises(errors.NotFound):
            fetch(clinical, ref)
        delete_content(clinical, ref)
        assert not [n for n in objects_of(clinical) if n.endswith("/source")]

    def test_header(self, clinical: StorageServer) -> None:
        """The header tells that the content is gone; it is read by record, without the name."""
        ref = ingest(clinical, b"interview", session_date="2026-03-04").ref
        stub = recording_service_pb2_grpc.RecordingReaderServiceStub(
            clinical.channel("transcription")
        )
        request = recording_pb2.GetRecordingHeaderRequest(ref=ref)
        before = stub.GetRecordingHeader(request)
        assert not before.content_deleted
        assert (before.header.session_date, before.header.file_name) == ("2026-03-04", "")
        delete_content(clinical, ref)
        assert stub.GetRecordingHeader(request).content_deleted
        assert clinical.log.names()[-1] == "recording:header:read"

    def test_released_at(self, research: StorageServer) -> None:
        """The research zone tells when the first release with a recording's words was finished."""
        ref = recording_pb2.RecordingRef(
            study_id="peer-2026", participant="P07", recording_id="rec-" + "a" * 26
        )
        write_transcript(research, ref, "deidentification")
        assert not states(research).recordings[0].HasField("released_at")
        stub = bundle_service_pb2_grpc.BundleServiceStub(research.channel("release"))
        release = bundle_pb2.ReleaseRef(study_id="peer-2026", release_id="rel-" + "a" * 26)
        file = bundle_pb2.BundleFile(
            path="txt/P07_S1.txt",
            content_sha256=hashlib.sha256(b"text").digest(),
            size=4,
            participant="P07",
        )
        stub.PutBundleFile(
            iter(
                [
                    bundle_pb2.PutBundleFileRequest(
                        header=bundle_pb2.BundleFileHeader(ref=release, file=file)
                    ),
                    bundle_pb2.PutBundleFileRequest(chunk=b"text"),
                ]
            )
        )
        run = bundle_pb2.ReleasedRun(ref=ref, run_key=RUN)
        stub.CommitBundle(bundle_pb2.CommitBundleRequest(ref=release, files=[file], runs=[run]))
        bundle = stub.ListBundles(bundle_pb2.ListBundlesRequest(study_id="peer-2026")).bundles[0]
        assert list(bundle.runs) == [run]
        state = states(research).recordings[0]
        assert state.released_at == bundle.committed_at
        assert state.transcripts[0].released_at == bundle.committed_at

    @pytest.mark.parametrize("client", ["researcher", "transcription", "compliance"])
    def test_access(self, clinical: StorageServer, client: str) -> None:
        """Who deletes by rule and who holds are not the same."""
        ref = ingest(clinical, b"interview").ref
        stub = recording_service_pb2_grpc.RetentionServiceStub(clinical.channel(client))
        with pytest.raises(errors.PermissionDenied):
            stub.DeleteContent(recording_pb2.DeleteContentRequest(ref=ref, rule="x"))
