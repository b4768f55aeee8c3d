# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pytest

from services.common import errors
from sotto.storage.v1 import (
    recording_pb2,
    segment_pb2,
    segment_service_pb2_grpc,
)
from tests.support.storage_calls import (
    RUN,
    ingest,
    segment,
    states,
    transcript_manifest,
    write_transcript,
)
from tests.support.storage_service import StorageServer


class TestTranscripts:
    """Windows, manifests, reading."""

    def test_resume(self, clinical: StorageServer) -> None:
        """A run that stopped is continued: its windows are told, and given back."""
        ref = ingest(clinical, b"interview").ref
        stub = segment_service_pb2_grpc.SegmentWriterServiceStub(clinical.channel("transcription"))
        request = segment_pb2.PutWindowRequest(
            ref=ref, run_key=RUN, window=0, segments=[segment(0, "hello"), segment(1, "yes lah")]
        )
        assert not stub.PutWindow(request).existed
        assert stub.PutWindow(request).existed
        listed = stub.ListWindows(segment_pb2.ListWindowsRequest(ref=ref, run_key=RUN))
        assert list(listed.windows) == [0]
        assert not listed.HasField("manifest")
        window = stub.GetWindow(segment_pb2.GetWindowRequest(ref=ref, run_key=RUN, window=0))
        assert list(window.segments) == list(request.segments)

    def test_commit_and_read(self, clinical: StorageServer) -> None:
        """A finished run is read by the de-identification service, and listed."""
        ref = ingest(clinical, b"interview").ref
        segments = write_transcript(clinical, ref, "transcription")
        stub = segment_service_pb2_grpc.SegmentReaderServiceStub(
            clinical.channel("deidentification")
        )
        parts = list(stub.GetTranscript(segment_pb2.GetTranscriptRequest(ref=ref)))
        assert parts[0].manifest == transcript_manifest(segments)
        assert [s for part in parts[1:] for s in part.window.segments] == segments
        state = states(clinical).recordings[0]
        assert state.transcripts[0].manifest.run_key == RUN

    def test_commit_of_what_is_not_there(self, clinical: StorageServer) -> None:
        """A manifest over missing windows, or with another hash, is refused."""
        ref = ingest(clinical, b"interview").ref
        stub = segment_service_pb2_grpc.SegmentWriterServiceStub(clinical.channel("transcription"))
        manifest = transcript_manifest([segment(0, "a")])
        with pytest.raises(errors.InvalidInput, match="not stored"):
            stub.CommitTranscript(segment_pb2.CommitTranscriptRequest(ref=ref, manifest=manifest))
        for window in range(2):
            stub.PutWindow(segment_pb2.PutWindowRequest(ref=ref, run_key=RUN, window=window))
        with pytest.raises(errors.InvalidInput, match="not what its manifest"):
            stub.CommitTranscript(segment_pb2.CommitTranscriptRequest(ref=ref, manifest=manifest))

    def test_another_content(self, clinical: StorageServer) -> None:
        """A stored window or finished run is never changed."""
        ref = ingest(clinical, b"interview").ref
        segments = write_transcript(clinical, ref, "transcription")
        stub = segment_service_pb2_grpc.SegmentWriterServiceStub(clinical.channel("transcription"))
        with pytest.raises(errors.AlreadyExists):
            stub.PutWindow(
                segment_pb2.PutWindowRequest(
                    ref=ref, run_key=RUN, window=0, segments=[segment(0, "other")]
                )
            )
        manifest = transcript_manifest(segments)
        assert stub.CommitTranscript(
            segment_pb2.CommitTranscriptRequest(ref=ref, manifest=manifest)
        ).existed
        manifest.segment_count += 1
        with pytest.raises(errors.AlreadyExists):
            stub.CommitTranscript(segment_pb2.CommitTranscriptRequest(ref=ref, manifest=manifest))

    def test_no_recording(self, clinical: StorageServer) -> None:
        """The clinical zone takes no transcript of a recording that it does not hold."""
        ref = recording_pb2.RecordingRef(
            study_id="peer-2026", participant="P07", recording_id="rec-" + "a" * 26
        )
        with pytest.raises(errors.NotFound):
            write_transcript(clinical, ref, "transcription")
