# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib

import pytest

from services.common import errors
from services.registry.events import Event
from services.storage_client.transcripts import RunWriter, encode, read_transcript
from sotto.audit.v1 import entry_pb2
from sotto.storage.v1 import (
    recording_pb2,
    segment_pb2,
    segment_service_pb2_grpc,
)
from sotto.transcript.v1 import transcript_pb2
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
            ref=ref,
            run_key=RUN,
            window=0,
            encoded_segments=encode([segment(0, "hello"), segment(1, "yes lah")]),
        )
        assert not stub.PutWindow(request).existed
        assert stub.PutWindow(request).existed
        listed = stub.ListWindows(segment_pb2.ListWindowsRequest(ref=ref, run_key=RUN))
        assert list(listed.windows) == [0]
        assert not listed.HasField("manifest")
        window = stub.GetWindow(segment_pb2.GetWindowRequest(ref=ref, run_key=RUN, window=0))
        assert window.encoded_segments == request.encoded_segments

    def test_selected_again(self, clinical: StorageServer) -> None:
        """An earlier run that is wanted again is read, listed last, and recorded once."""
        ref = ingest(clinical, b"interview").ref
        later = "e" * 32
        write_transcript(clinical, ref, "transcription")
        write_transcript(clinical, ref, "transcription", later)
        reader = segment_service_pb2_grpc.SegmentReaderServiceStub(
            clinical.channel("deidentification")
        )

        def newest() -> tuple[str, str]:
            wanted = segment_pb2.GetTranscriptManifestRequest(ref=ref)
            listed = states(clinical).recordings[0].transcripts[-1].manifest.run_key
            return reader.GetTranscriptManifest(wanted).manifest.run_key, listed

        assert newest() == (later, later)
        for _ in range(2):
            RunWriter(clinical.channel("transcription"), ref, RUN).select()
        assert newest() == (RUN, RUN)
        events = [event for event in clinical.log.events if event.name == Event.TRANSCRIPT_SELECTED]
        assert [event.phase for event in events] == [
            entry_pb2.PHASE_INTENT,
            entry_pb2.PHASE_OUTCOME,
        ]

    def test_commit_and_read(self, clinical: StorageServer) -> None:
        """A finished run is read by the de-identification service, and listed."""
        ref = ingest(clinical, b"interview").ref
        segments = write_transcript(clinical, ref, "transcription")
        stub = segment_service_pb2_grpc.SegmentReaderServiceStub(
            clinical.channel("deidentification")
        )
        parts = list(stub.GetTranscript(segment_pb2.GetTranscriptRequest(ref=ref)))
        assert parts[0].manifest == transcript_manifest(segments)
        assert [part.window.encoded_segments for part in parts[1:]] == [
            encode(segments[:2]),
            encode(segments[2:]),
        ]
        state = states(clinical).recordings[0]
        assert state.transcripts[0].manifest.run_key == RUN

    def test_manifest_alone(self, clinical: StorageServer) -> None:
        """The manifest and the date are read by record, without a word; so is a whole reading."""
        ref = ingest(clinical, b"interview", session_date="2026-03-04").ref
        segments = write_transcript(clinical, ref, "transcription")
        stub = segment_service_pb2_grpc.SegmentReaderServiceStub(
            clinical.channel("deidentification")
        )
        found = stub.GetTranscriptManifest(segment_pb2.GetTranscriptManifestRequest(ref=ref))
        assert found.manifest == transcript_manifest(segments)
        assert found.session_date == "2026-03-04"
        assert clinical.log.names()[-1] == "transcript:manifest:read"

    def test_a_reader_that_leaves_with_the_last_window(self, clinical: StorageServer) -> None:
        """The outcome is in the log before the last window is sent: leaving then is no failure."""
        ref = ingest(clinical, b"interview").ref
        write_transcript(clinical, ref, "transcription")
        stub = segment_service_pb2_grpc.SegmentReaderServiceStub(
            clinical.channel("deidentification")
        )
        for _ in range(10):
            call = stub.GetTranscript(segment_pb2.GetTranscriptRequest(ref=ref))
            for _ in range(3):
                next(call)
            call.cancel()
        read = [
            event.outcome
            for event in clinical.log.events
            if event.name == Event.TRANSCRIPT_READ.value and event.phase == entry_pb2.PHASE_OUTCOME
        ]
        assert read == [entry_pb2.OUTCOME_SUCCESS] * 10

    @pytest.mark.parametrize(
        "broken", [b"\xff", transcript_pb2.Segment(role="nurse").SerializeToString()]
    )
    def test_what_is_no_segment(self, clinical: StorageServer, broken: bytes) -> None:
        """Bytes that are no segment, or break the rules of one, are refused and not stored."""
        ref = ingest(clinical, b"interview").ref
        stub = segment_service_pb2_grpc.SegmentWriterServiceStub(clinical.channel("transcription"))
        request = segment_pb2.PutWindowRequest(
            ref=ref, run_key=RUN, encoded_segments=[*encode([segment(0, "hello")]), broken]
        )
        with pytest.raises(errors.InvalidInput, match="segment 1 of the window"):
            stub.PutWindow(request)
        listed = stub.ListWindows(segment_pb2.ListWindowsRequest(ref=ref, run_key=RUN))
        assert not listed.windows

    def test_bytes_are_kept_as_they_came(self, clinical: StorageServer) -> None:
        """A segment in another encoding than ours is stored, hashed and given back as it came."""
        ref = ingest(clinical, b"interview").ref
        speaker, text = b"\x12\x02S1", b"\x32\x05hello"
        odd = text + speaker  # the fields in another order
        assert odd not in encode([transcript_pb2.Segment.FromString(odd)])
        channel = clinical.channel("transcription")
        segment_service_pb2_grpc.SegmentWriterServiceStub(channel).PutWindow(
            segment_pb2.PutWindowRequest(ref=ref, run_key=RUN, encoded_segments=[odd])
        )
        writer = RunWriter(channel, ref, RUN)
        assert writer.read(0)[0].text == "hello"
        writer.commit(transcript_pb2.TranscriptManifest(session=1))
        stored = read_transcript(clinical.channel("deidentification"), ref)
        assert stored.manifest.content_sha256 == hashlib.sha256(odd).digest()

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
                    ref=ref, run_key=RUN, window=0, encoded_segments=encode([segment(0, "other")])
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
