# SPDX-License-Identifier: Apache-2.0
"""The clinical zone as this service sees it: recordings to read, runs to write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import grpc

from services.storage_client.catalog import CatalogClient
from services.storage_client.recordings import RecordingDownload
from services.storage_client.transcripts import RunWriter
from services.transcription.adapters.convert import from_message, to_message
from services.transcription.domain.hotwords import StudyContext
from services.transcription.domain.job import ManifestFields, RecordingInput
from services.transcription.domain.transcript import Segment
from sotto.storage.v1 import recording_pb2, vault_pb2, vault_service_pb2_grpc
from sotto.transcript.v1 import transcript_pb2


class ClinicalZone:
    """Speaks to the storage service of the clinical zone over one channel."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel
        self._catalog = CatalogClient(channel)
        self._rosters = vault_service_pb2_grpc.RosterReaderServiceStub(channel)

    def briefing(self, ref: recording_pb2.RecordingRef, *, hears: bool) -> StudyContext:
        """Return what the study says of its talk; the roster is fetched where somebody `hears` and
        the study wants it used.
        """
        study = self._catalog.study(ref.study_id)
        roster = b""
        if hears and study.roster_hotwords:
            asked = vault_pb2.GetRosterRequest(study_id=ref.study_id)
            roster = self._rosters.GetRoster(asked).document
        return StudyContext(tuple(study.languages), ref.participant, roster)

    def source(self, ref: recording_pb2.RecordingRef) -> Incoming:
        """Begin to read a recording; close what is returned."""
        return Incoming(RecordingDownload(self._channel, ref), ref.recording_id)

    def run(self, ref: recording_pb2.RecordingRef, key: str, incoming: Incoming) -> StoredRun:
        """Open a run."""
        return StoredRun(RunWriter(self._channel, ref, key), incoming)


class Incoming:
    """A recording on its way; `source` describes it, leaving the context ends the call."""

    def __init__(self, download: RecordingDownload, recording_id: str) -> None:
        self._download = download
        header = download.header
        self.session: int = header.session
        self.source = RecordingInput(
            recording_id=recording_id,
            is_transcript=header.kind == recording_pb2.RECORDING_KIND_TRANSCRIPT,
            file_name=header.file_name,
            content_sha256=header.content_sha256,
            chunks=download.chunks(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *unused: object) -> None:
        self._download.__exit__(*unused)


class StoredRun:
    """Implements `Run` on the store."""

    def __init__(self, writer: RunWriter, incoming: Incoming) -> None:
        self._writer = writer
        self._source_sha256 = incoming.source.content_sha256
        self._session = incoming.session

    def finished(self) -> int | None:
        """Return the number of segments where the run was finished before, else None."""
        manifest = self._writer.finished()
        return None if manifest is None else manifest.segment_count

    def stored(self) -> int:
        """Return how many windows from the first on are there already."""
        return self._writer.stored()

    def read(self, index: int) -> Sequence[Segment]:
        """Read back a stored window."""
        return [from_message(message) for message in self._writer.read(index)]

    def write(self, index: int, segments: Sequence[Segment]) -> None:
        """Store a window."""
        self._writer.write(index, map(to_message, segments))

    def commit(self, manifest: ManifestFields) -> None:
        """Write the manifest."""
        self._writer.commit(
            transcript_pb2.TranscriptManifest(
                session=self._session,
                source_sha256=self._source_sha256,
                duration_ms=manifest.duration_ms,
                provenance=manifest.provenance,
                word_count=manifest.words,
                speaker_count=manifest.speakers,
                doubtful_segment_count=manifest.doubtful_segments,
                doubts=manifest.doubts,
            )
        )
