# SPDX-License-Identifier: Apache-2.0
"""Both zones as the job sees them, over the storage contract."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

import grpc

from services.common.errors import Corrupted
from services.deidentification.domain.job import (
    DeidentifiedTurn,
    ManifestFields,
    Ref,
    SourceTranscript,
    Study,
    VaultSnapshot,
)
from services.deidentification.domain.transcript import AsrWord, Turn
from services.deidentification.domain.vault import Vault
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    segment_pb2,
    segment_service_pb2_grpc,
    vault_pb2,
    vault_service_pb2_grpc,
)
from sotto.transcript.v1 import transcript_pb2


class Zones:
    """Reads the clinical zone, writes the research zone; the vault stays clinical."""

    def __init__(self, clinical: grpc.Channel, research: grpc.Channel) -> None:
        self._catalog = catalog_service_pb2_grpc.CatalogReaderServiceStub(clinical)
        self._reader = segment_service_pb2_grpc.SegmentReaderServiceStub(clinical)
        self._vaults = vault_service_pb2_grpc.VaultServiceStub(clinical)
        self._rosters = vault_service_pb2_grpc.RosterReaderServiceStub(clinical)
        self._writer = segment_service_pb2_grpc.SegmentWriterServiceStub(research)

    def study(self, ref: Ref) -> Study:
        """Policy and roster of the study."""
        study = self._catalog.GetStudy(catalog_pb2.GetStudyRequest(study_id=ref.study)).study
        roster = self._rosters.GetRoster(vault_pb2.GetRosterRequest(study_id=ref.study)).document
        return Study(study.policy, study.policy_document, roster)

    def source(self, ref: Ref, run_key: str) -> ClinicalSource:
        """The whole transcript; raises Corrupted where its hash does not fit its manifest."""
        request = segment_pb2.GetTranscriptRequest(ref=_message(ref), run_key=run_key)
        manifest: transcript_pb2.TranscriptManifest | None = None
        segments: list[transcript_pb2.Segment] = []
        content = hashlib.sha256()
        day = ""
        for answer in self._reader.GetTranscript(request):
            if answer.WhichOneof("part") == "manifest":
                manifest, day = answer.manifest, answer.session_date
                continue
            for segment in answer.window.segments:
                content.update(segment.SerializeToString(deterministic=True))
                segments.append(segment)
        if manifest is None or content.digest() != manifest.content_sha256:
            raise Corrupted(
                "The stored transcript is not what its manifest says, so none of it was used; "
                "run `sotto storage scrub`."
            )
        return ClinicalSource(manifest, segments, date.fromisoformat(day) if day else None)

    def run(self, ref: Ref, key: str, source: SourceTranscript) -> ResearchRun:
        """Open a run; `source` is what this adapter gave out."""
        if not isinstance(source, ClinicalSource):
            raise TypeError("a source of another adapter")
        return ResearchRun(self._writer, _message(ref), key, source)

    def read_vault(self, ref: Ref) -> VaultSnapshot:
        """Both tables with their generations."""
        wide = self._vaults.GetVault(vault_pb2.GetVaultRequest(ref=_vault(ref, "")))
        own = self._vaults.GetVault(vault_pb2.GetVaultRequest(ref=_vault(ref, ref.participant)))
        return VaultSnapshot(
            Vault.loads(wide.document, own.document), wide.generation, own.generation
        )

    def write_vault(self, ref: Ref, snapshot: VaultSnapshot, vault: Vault) -> None:
        """Write the tables that changed, the study's first; raises Conflict where one has moved
        on.
        """
        before = snapshot.vault
        if vault.study != before.study or not snapshot.study_generation:
            self._vaults.PutVault(
                vault_pb2.PutVaultRequest(
                    ref=_vault(ref, ""),
                    document=vault.dumps_study(),
                    base_generation=snapshot.study_generation,
                )
            )
        if (vault.participant, vault.secret) != (before.participant, before.secret):
            self._vaults.PutVault(
                vault_pb2.PutVaultRequest(
                    ref=_vault(ref, ref.participant),
                    document=vault.dumps_participant(),
                    base_generation=snapshot.participant_generation,
                )
            )


class ClinicalSource(SourceTranscript):
    """A source that remembers its segments, from which the de-identified ones are made."""

    __slots__ = ("manifest", "segments")
    manifest: transcript_pb2.TranscriptManifest
    segments: Sequence[transcript_pb2.Segment]

    def __init__(
        self,
        manifest: transcript_pb2.TranscriptManifest,
        segments: Sequence[transcript_pb2.Segment],
        day: date | None,
    ) -> None:
        turns = tuple(Turn(s.text, s.speaker, s.role, _heard(s)) for s in segments)
        super().__init__(manifest.run_key, manifest.content_sha256, turns, day)
        object.__setattr__(self, "manifest", manifest)
        object.__setattr__(self, "segments", segments)


class ResearchRun:
    """Implements `OpenRun`: segments without words, hashed in order while they are written."""

    def __init__(
        self,
        stub: segment_service_pb2_grpc.SegmentWriterServiceStub,
        ref: recording_pb2.RecordingRef,
        key: str,
        source: ClinicalSource,
    ) -> None:
        self._stub, self._ref, self._key, self._source = stub, ref, key, source
        self._content = hashlib.sha256()
        self._windows = self._count = 0
        self._found = stub.ListWindows(segment_pb2.ListWindowsRequest(ref=ref, run_key=key))

    def finished(self) -> ManifestFields | None:
        """Return what the stored manifest says."""
        if not self._found.HasField("manifest"):
            return None
        manifest = self._found.manifest
        return ManifestFields(
            self._key, manifest.source_sha256, dict(manifest.provenance), dict(manifest.counts),
            manifest.scores.get("residual", 0.0),
        )  # fmt: skip

    def write(self, window: int, first: int, turns: Sequence[DeidentifiedTurn]) -> None:
        """Store one window."""
        segments = [
            _segment(source, turn)
            for source, turn in zip(
                self._source.segments[first : first + len(turns)], turns, strict=True
            )
        ]
        self._stub.PutWindow(
            segment_pb2.PutWindowRequest(
                ref=self._ref, run_key=self._key, window=window, segments=segments
            )
        )
        for segment in segments:
            self._content.update(segment.SerializeToString(deterministic=True))
        self._count += len(segments)
        self._windows += 1

    def commit(self, manifest: ManifestFields) -> None:
        """Write the manifest."""
        source = self._source.manifest
        message = transcript_pb2.TranscriptManifest(
            run_key=self._key,
            content_sha256=self._content.digest(),
            segment_count=self._count,
            window_count=self._windows,
            duration_ms=source.duration_ms,
            provenance={**source.provenance, **manifest.provenance},
            # The research zone learns from here which interview it is.
            counts={**manifest.counts, "session": source.counts["session"]},
            source_sha256=manifest.source_sha256,
            scores={"residual": manifest.residual},
        )
        self._stub.CommitTranscript(
            segment_pb2.CommitTranscriptRequest(ref=self._ref, manifest=message)
        )


def _segment(source: transcript_pb2.Segment, line: DeidentifiedTurn) -> transcript_pb2.Segment:
    """The de-identified segment: times, role, language and evidence stay, words do not."""
    segment = transcript_pb2.Segment(
        index=source.index,
        speaker=line.speaker[:64],
        role=source.role,
        start_ms=source.start_ms,
        end_ms=source.end_ms,
        text=line.text,
        language=source.language,
        replacements=[
            transcript_pb2.Replacement(start=start, end=end, entity_type=kind, score=score)
            for start, end, kind, score in line.replacements
        ],
        doubts=[
            transcript_pb2.Doubt(start=p.start, end=p.end, reason=p.reason, weight=p.weight)
            for p in line.flags
        ],
    )
    if source.HasField("evidence"):
        segment.evidence.CopyFrom(source.evidence)
    return segment


def _heard(segment: transcript_pb2.Segment) -> tuple[AsrWord, ...]:
    """The words of a segment at their places in its text; one that is not there is left out."""
    heard: list[AsrWord] = []
    at = 0
    for word in segment.words:
        bare = word.text.strip()
        start = segment.text.find(bare, at) if bare else -1
        if start >= 0:
            at = start + len(bare)
            heard.append(AsrWord(start, at, word.probability))
    return tuple(heard)


def _message(ref: Ref) -> recording_pb2.RecordingRef:
    return recording_pb2.RecordingRef(
        study_id=ref.study, participant=ref.participant, recording_id=ref.recording
    )


def _vault(ref: Ref, participant: str) -> vault_pb2.VaultRef:
    return vault_pb2.VaultRef(study_id=ref.study, participant=participant)
