# SPDX-License-Identifier: Apache-2.0
"""The clinical zone as this service sees it: recordings to read, runs to write."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import grpc

from services.common.errors import Corrupted
from services.transcription.adapters.convert import from_message, to_message
from services.transcription.domain.hotwords import StudyContext
from services.transcription.domain.job import ManifestFields, RecordingInput
from services.transcription.domain.transcript import Segment
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
    segment_pb2,
    segment_service_pb2_grpc,
    vault_pb2,
    vault_service_pb2_grpc,
)
from sotto.transcript.v1 import transcript_pb2


class ClinicalZone:
    """Speaks to the storage service of the clinical zone over one channel."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._catalog = catalog_service_pb2_grpc.CatalogReaderServiceStub(channel)
        self._recordings = recording_service_pb2_grpc.RecordingReaderServiceStub(channel)
        self._rosters = vault_service_pb2_grpc.RosterReaderServiceStub(channel)
        self._segments = segment_service_pb2_grpc.SegmentWriterServiceStub(channel)

    def briefing(self, ref: recording_pb2.RecordingRef, *, hears: bool) -> StudyContext:
        """What the study says of its talk; the roster is fetched where somebody `hears` and the
        study wants it used.
        """
        request = catalog_pb2.GetStudyRequest(study_id=ref.study_id)
        study = self._catalog.GetStudy(request).study
        roster = b""
        if hears and study.roster_hotwords:
            asked = vault_pb2.GetRosterRequest(study_id=ref.study_id)
            roster = self._rosters.GetRoster(asked).document
        return StudyContext(tuple(study.languages), ref.participant, roster)

    def source(self, ref: recording_pb2.RecordingRef) -> Incoming:
        """Begin to read a recording; close what is returned."""
        answers = self._recordings.GetRecording(recording_pb2.GetRecordingRequest(ref=ref))
        return Incoming(ref.recording_id, answers)

    def run(self, ref: recording_pb2.RecordingRef, key: str, incoming: Incoming) -> StoredRun:
        """Open a run."""
        return StoredRun(self._segments, ref, key, incoming)


class Incoming:
    """A recording on its way; `source` describes it, leaving the context ends the call."""

    def __init__(self, recording_id: str, answers: Any) -> None:
        self._answers = answers
        first = next(iter(answers), None)
        if first is None or first.WhichOneof("part") != "header":
            raise self._broken()
        self._sha256: bytes = first.header.content_sha256
        self.session: int = first.header.session
        self.source = RecordingInput(
            recording_id=recording_id,
            is_transcript=first.header.kind == recording_pb2.RECORDING_KIND_TRANSCRIPT,
            file_name=first.header.file_name,
            content_sha256=self._sha256,
            chunks=self._chunks(),
        )

    def __enter__(self) -> Incoming:
        return self

    def __exit__(self, *_: object) -> None:
        self._answers.cancel()

    def _chunks(self) -> Iterator[bytes]:
        content = hashlib.sha256()
        for answer in self._answers:
            part = answer.WhichOneof("part")
            if part == "chunk":
                content.update(answer.chunk)
                yield answer.chunk
            elif part == "verified" and answer.verified and content.digest() == self._sha256:
                return
        raise self._broken()

    @staticmethod
    def _broken() -> Corrupted:
        return Corrupted(
            "The store did not vouch for the whole recording, so none of it was used; "
            "check the zone with `sotto status` and try again."
        )


class StoredRun:
    """Implements `Run`: hashes segments in order while they are read back or written."""

    def __init__(
        self,
        segments: segment_service_pb2_grpc.SegmentWriterServiceStub,
        ref: recording_pb2.RecordingRef,
        key: str,
        incoming: Incoming,
    ) -> None:
        self._stub, self._ref, self._key = segments, ref, key
        self._source_sha256 = incoming.source.content_sha256
        self._session = incoming.session
        self._content = hashlib.sha256()
        self._windows = self._count = 0
        request = segment_pb2.ListWindowsRequest(ref=ref, run_key=key)
        self._found = segments.ListWindows(request)

    def finished(self) -> int | None:
        """Segments of the run where it was finished before, else None."""
        found = self._found
        return found.manifest.segment_count if found.HasField("manifest") else None

    def stored(self) -> int:
        """How many windows from the first on are there already."""
        stored = 0
        for index in self._found.windows:
            if index != stored:
                break
            stored += 1
        return stored

    def read(self, index: int) -> Sequence[Segment]:
        """Give back a stored window."""
        request = segment_pb2.GetWindowRequest(ref=self._ref, run_key=self._key, window=index)
        messages = self._stub.GetWindow(request).segments
        self._add(messages)
        return [from_message(message) for message in messages]

    def write(self, index: int, segments: Sequence[Segment]) -> None:
        """Store a window."""
        messages = [to_message(segment) for segment in segments]
        self._stub.PutWindow(
            segment_pb2.PutWindowRequest(
                ref=self._ref, run_key=self._key, window=index, segments=messages
            )
        )
        self._add(messages)

    def commit(self, facts: ManifestFields) -> None:
        """Write the manifest."""
        manifest = transcript_pb2.TranscriptManifest(
            run_key=self._key,
            content_sha256=self._content.digest(),
            segment_count=self._count,
            window_count=self._windows,
            duration_ms=facts.duration_ms,
            provenance=facts.provenance,
            counts={**facts.counts, "session": self._session},
            source_sha256=self._source_sha256,
        )
        self._stub.CommitTranscript(
            segment_pb2.CommitTranscriptRequest(ref=self._ref, manifest=manifest)
        )

    def _add(self, messages: Sequence[transcript_pb2.Segment]) -> None:
        for message in messages:
            self._content.update(message.SerializeToString(deterministic=True))
        self._count += len(messages)
        self._windows += 1
