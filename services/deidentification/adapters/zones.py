# SPDX-License-Identifier: Apache-2.0
"""Both zones for the job, over the storage client."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import grpc

from services.common.errors import NotFound
from services.deidentification.domain.canaries import CanaryCount
from services.deidentification.domain.correction_job import DeidentifiedRun
from services.deidentification.domain.job import (
    DeidentifiedTurn,
    ManifestFields,
    PolicyIdentity,
    SourceIdentity,
    SourceTranscript,
)
from services.deidentification.domain.roster import KnownName
from services.deidentification.domain.spreading import DeidentifiedText
from services.deidentification.domain.study import RecordingRef, Study
from services.deidentification.domain.transcript import AsrWord, Turn
from services.deidentification.domain.vault import Vault
from services.deidentification.domain.vault_updates import VaultSnapshot
from services.storage_client.catalog import CatalogClient, recording_ref
from services.storage_client.recording_rosters import get_recording_roster
from services.storage_client.run_keys import make_run_key
from services.storage_client.transcripts import (
    RunWriter,
    is_invented,
    read_manifest,
    read_transcript,
)
from sotto.storage.v1 import recording_pb2, vault_pb2, vault_service_pb2_grpc
from sotto.transcript.v1 import reading_pb2, transcript_pb2


class Zones:
    """Reads the clinical zone, writes the research zone; the vault stays clinical."""

    def __init__(self, clinical: grpc.Channel, research: grpc.Channel) -> None:
        self._clinical, self._research = clinical, research
        self._catalog = CatalogClient(clinical)
        self._vaults = vault_service_pb2_grpc.VaultServiceStub(clinical)
        self._rosters = vault_service_pb2_grpc.RosterReaderServiceStub(clinical)

    def study(self, ref: RecordingRef) -> Study:
        """Return the policy and roster of a study."""
        study, signed = self._catalog.study_and_countersignatures(ref.study)
        roster = self._rosters.GetRoster(vault_pb2.GetRosterRequest(study_id=ref.study)).document
        changed_by = tuple(study.policy_changed_by)
        # Who wrote a policy does not let it pass, whichever came first.
        countersigned = {one.policy_digest for one in signed if one.person not in changed_by}
        return Study(
            ref.study,
            study.policy,
            study.policy_document,
            roster,
            changed_by,
            frozenset(countersigned),
            tuple(study.participants),
        )

    def source(self, ref: RecordingRef, run_key: str) -> ClinicalTranscript:
        """Return the whole transcript and the names that came with its recording; raises Corrupted
        when hash and manifest differ.
        """
        stored = read_transcript(self._clinical, _message(ref), run_key=run_key)
        identity = _identity(stored.manifest, stored.session_date)
        names = get_recording_roster(self._clinical, _message(ref), identity.run_key)
        known = tuple(KnownName(one.name, one.source, one.role) for one in names)
        return ClinicalTranscript(identity, stored.manifest, stored.segments, known)

    def source_identity(self, ref: RecordingRef, run_key: str) -> SourceIdentity:
        """Return what is known of a transcript without its words; raises NotFound."""
        try:
            found = read_manifest(self._clinical, _message(ref), run_key=run_key)
        except NotFound as error:
            raise NotFound(
                f"recording {ref.recording} has no finished transcript in the clinical zone; "
                "transcribe it first"
            ) from error
        return _identity(found.manifest, found.session_date)

    def run_key(self, ref: RecordingRef, digest: bytes) -> str:
        """Return the key of the run whose inputs have this digest (32 bytes)."""
        return make_run_key(self._clinical, _message(ref), digest)

    def run(self, ref: RecordingRef, key: str, source: SourceTranscript) -> ResearchRun:
        """Open a run; `source` is what this adapter gave out."""
        if not isinstance(source, ClinicalTranscript):
            raise TypeError("a transcript of another adapter")
        return ResearchRun(RunWriter(self._research, _message(ref), key), key, source)

    def deidentified(self, ref: RecordingRef, run_key: str) -> DeidentifiedRun:
        """Return a de-identified transcript; raises NotFound."""
        stored = read_transcript(self._research, _message(ref), run_key=run_key)
        segments = tuple(
            DeidentifiedText(
                one.text,
                one.role,
                tuple(sorted((r.start, r.end, r.entity_type) for r in one.replacements)),
            )
            for one in stored.segments
        )
        return DeidentifiedRun(segments, stored.manifest.source_run_key)

    def day(self, ref: RecordingRef) -> date | None:
        """Return the day of the interview where it is known."""
        try:
            return self.source_identity(ref, "").day
        except NotFound:
            return None

    def identified_text(self, ref: RecordingRef, run_key: str, segment: int) -> str | None:
        """Return a segment of an identified transcript; None where there is no such run."""
        try:
            stored = read_transcript(self._clinical, _message(ref), run_key=run_key)
        except NotFound:
            return None
        return stored.segments[segment].text

    def read_vault(self, ref: RecordingRef) -> VaultSnapshot:
        """Return both tables with their generations."""
        wide = self._vaults.GetVault(vault_pb2.GetVaultRequest(ref=_vault(ref, "")))
        own = self._vaults.GetVault(vault_pb2.GetVaultRequest(ref=_vault(ref, ref.participant)))
        return VaultSnapshot(
            Vault.loads(wide.document, own.document), wide.generation, own.generation
        )

    def write_vault(self, ref: RecordingRef, snapshot: VaultSnapshot, vault: Vault) -> None:
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


class ClinicalTranscript(SourceTranscript):
    """A transcript with its segments, from which the de-identified ones are made."""

    __slots__ = ("manifest", "segments")
    manifest: transcript_pb2.TranscriptManifest
    segments: Sequence[transcript_pb2.Segment]

    def __init__(
        self,
        identity: SourceIdentity,
        manifest: transcript_pb2.TranscriptManifest,
        segments: Sequence[transcript_pb2.Segment],
        names: tuple[KnownName, ...],
    ) -> None:
        turns = tuple(Turn(s.text, s.speaker, s.role, _asr_words(s)) for s in segments)
        super().__init__(identity, turns, names)
        object.__setattr__(self, "manifest", manifest)
        object.__setattr__(self, "segments", segments)


class ResearchRun:
    """Implements `OpenRun`: segments without words."""

    def __init__(self, writer: RunWriter, key: str, source: ClinicalTranscript) -> None:
        self._writer, self._key, self._source = writer, key, source

    def select(self) -> None:
        """Make a run that was finished before the newest one."""
        self._writer.select()

    def finished(self) -> ManifestFields | None:
        """Return what the stored manifest says; None when no manifest is stored."""
        manifest = self._writer.finished()
        if manifest is None:
            return None
        done = manifest.deidentification
        return ManifestFields(
            run_key=self._key,
            source_run_key=manifest.source_run_key,
            provenance=dict(manifest.provenance),
            policy=PolicyIdentity(done.policy, done.policy_version, done.policy_digest),
            policy_changed_by=tuple(done.policy_changed_by),
            study_wide=tuple(done.study_wide),
            words=manifest.word_count,
            redactions=dict(done.redactions),
            coarsened=dict(done.coarsened),
            doubts=dict(manifest.doubts),
            doubtful_words=manifest.doubtful_word_count,
            doubtful_replacements=done.doubtful_replacement_count,
            canaries={
                kind: CanaryCount(one.planted, one.found) for kind, one in done.canaries.items()
            },
            quasi_identifier_kinds=done.quasi_identifier_kinds,
            residual_risk=done.residual_risk,
            review_threshold=done.review_threshold,
        )

    def write(self, window: int, first: int, turns: Sequence[DeidentifiedTurn]) -> None:
        """Store one window."""
        sources = self._source.segments[first : first + len(turns)]
        self._writer.write(window, [_segment(*pair) for pair in zip(sources, turns, strict=True)])

    def commit(self, manifest: ManifestFields) -> None:
        """Write the manifest."""
        source = self._source.manifest
        self._writer.commit(
            transcript_pb2.TranscriptManifest(
                # The research zone learns from here which interview it is.
                session=source.session,
                source_run_key=manifest.source_run_key,
                invented=is_invented(source),
                reading=_told_to_researchers(source),
                provenance=manifest.provenance,
                word_count=manifest.words,
                doubts=manifest.doubts,
                doubtful_word_count=manifest.doubtful_words,
                deidentification=transcript_pb2.Deidentification(
                    policy=manifest.policy.name,
                    policy_version=manifest.policy.version,
                    policy_digest=manifest.policy.digest,
                    redactions=manifest.redactions,
                    coarsened=manifest.coarsened,
                    doubtful_replacement_count=manifest.doubtful_replacements,
                    canaries={
                        kind: transcript_pb2.CanaryCount(planted=one.planted, found=one.found)
                        for kind, one in manifest.canaries.items()
                    },
                    residual_risk=manifest.residual_risk,
                    review_threshold=manifest.review_threshold,
                    quasi_identifier_kinds=manifest.quasi_identifier_kinds,
                    policy_changed_by=manifest.policy_changed_by,
                    study_wide=manifest.study_wide,
                ),
            )
        )


def _told_to_researchers(
    source: transcript_pb2.TranscriptManifest,
) -> reading_pb2.Reading | None:
    """Return of what was found in a transcript made elsewhere: its form, and what was left out."""
    if not source.HasField("reading"):
        return None
    return reading_pb2.Reading(form=source.reading.form, left_out=source.reading.left_out)


def _segment(source: transcript_pb2.Segment, turn: DeidentifiedTurn) -> transcript_pb2.Segment:
    """Return the de-identified segment: times and language stay, and roles that are known.

    Words do not, nor does the engine's evidence: its numbers are made from the words.
    """
    return transcript_pb2.Segment(
        index=source.index,
        speaker=turn.speaker[:64],
        role=turn.role,
        start_ms=source.start_ms,
        end_ms=source.end_ms,
        text=turn.text,
        language=source.language,
        replacements=[
            transcript_pb2.Replacement(start=start, end=end, entity_type=kind, doubtful=doubtful)
            for start, end, kind, doubtful in turn.replacements
        ],
        doubts=[
            transcript_pb2.Doubt(
                start=flag.start, end=flag.end, reason=flag.reason, weight=flag.weight
            )
            for flag in turn.flags
        ],
        doubtful_words=[
            transcript_pb2.DoubtfulWord(start=start, end=end) for start, end in turn.doubtful_words
        ],
        pauses=[
            transcript_pb2.Pause(at=one.at, duration_ms=one.duration_ms) for one in turn.pauses
        ],
        overlaps=[
            transcript_pb2.Overlap(start=one.start, end=one.end, comes_in=one.comes_in)
            for one in turn.overlaps
        ],
    )


def _identity(manifest: transcript_pb2.TranscriptManifest, session_date: str) -> SourceIdentity:
    return SourceIdentity(
        manifest.run_key,
        manifest.content_sha256,
        date.fromisoformat(session_date) if session_date else None,
        dict(manifest.provenance),
    )


def _asr_words(segment: transcript_pb2.Segment) -> tuple[AsrWord, ...]:
    """Return the words of a segment at their places in its text, without those that are not in
    it.
    """
    words: list[AsrWord] = []
    at = 0
    for word in segment.words:
        bare = word.text.strip()
        start = segment.text.find(bare, at) if bare else -1
        if start >= 0:
            at = start + len(bare)
            words.append(
                AsrWord(*(start, at, word.probability, word.doubtful), word.start_ms, word.end_ms)
            )
    return tuple(words)


def _message(ref: RecordingRef) -> recording_pb2.RecordingRef:
    return recording_ref(ref.study, ref.participant, ref.recording)


def _vault(ref: RecordingRef, participant: str) -> vault_pb2.VaultRef:
    return vault_pb2.VaultRef(study_id=ref.study, participant=participant)
