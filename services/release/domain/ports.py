# SPDX-License-Identifier: Apache-2.0
"""Ports: what the release service needs of the store and of the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from services.corrections.model import Doubt, RunCorrections
from services.release.domain.quality.gate import Gate
from services.release.domain.reviews import Review, ReviewMode, StudyContents
from services.release.domain.transcript import (
    RecordingName,
    Segment,
    TranscriptSummary,
    Writing,
)


class AudioMode(StrEnum):
    """What sound a release holds: none, or with a tone or silence over what is redacted."""

    NONE = "none"
    BLEEPED = "bleeped"
    MUTED = "muted"


class NoAudio(StrEnum):
    """Why a release with sound holds none of a recording."""

    MADE_ELSEWHERE = "made_elsewhere"
    DELETED = "deleted"
    INVENTED = "invented"
    NOT_APPROVED = "not_approved"


@dataclass(frozen=True)
class BleepedAudio:
    """Bleeped sound of a recording as FLAC; times in milliseconds.

    `heard_again` counts the places where redacted words were heard when the model `checked_with`
    transcribed it again, and that were muted for it.
    """

    data: bytes
    duration_ms: int
    redacted_stretches: int
    redacted_ms: int
    muted_ms: int
    heard_again: int
    checked_with: str


@dataclass(frozen=True)
class Study:
    """What of a study matters for its reviews and releases.

    `policy_changed_by` are the accounts that changed its policy, its review or its sound. `writing`
    is how the words of its releases are written, but for the style. `quality` is the gate that
    approved transcripts pass before they are released; None where their approval is enough.
    `release_terms` are the study's own, empty for those that ship; copies may be kept until the day
    `copies_until`, empty for no such day.
    """

    study_id: str
    policy: str
    review: ReviewMode
    policy_changed_by: frozenset[str] = frozenset()
    writing: Writing = field(default_factory=Writing)
    audio: AudioMode = AudioMode.NONE
    disguise_voices: bool = False
    quality: Gate | None = None
    release_terms: str = ""
    copies_until: str = ""

    @property
    def has_sound(self) -> bool:
        """Whether its releases hold sound."""
        return self.audio is not AudioMode.NONE


@dataclass(frozen=True)
class StoredFile:
    """A file of a stored release; `participant` is empty when it is not about a single one."""

    path: str
    sha256: str
    size: int
    participant: str


@dataclass(frozen=True)
class StoredRelease:
    """A finished release in the store.

    `runs` are recording ids and keys of the runs in it; empty for what version 0.1 released.
    `removed` are its recordings that were removed since.
    """

    study_id: str
    release_id: str
    files: tuple[StoredFile, ...]
    committed_at: datetime
    runs: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class AuditCheckpoint:
    """A signed checkpoint of the audit log, and the keys to check it with."""

    checkpoint: str
    verifier_keys: tuple[str, ...]


class ResearchZone(Protocol):
    """Transcripts and releases of the research zone. Everything in it is written once.

    Methods raise Unavailable when the store cannot be reached, NotFound for unknown names, and
    Erased for data of a participant who withdrew.
    """

    def study(self, study_id: str) -> Study:
        """Return a study."""

    def contents(self, study_id: str) -> StudyContents:
        """Return the transcripts of a study and their reviews, without the reasons."""

    def contents_of(self, recording: RecordingName) -> StudyContents:
        """Return the transcripts of one recording and their reviews, without the reasons."""

    def segments(self, study_id: str, summary: TranscriptSummary) -> tuple[Segment, ...]:
        """Read a transcript; raises Corrupted when it does not have the hash of its summary."""

    def windows(self, study_id: str, summary: TranscriptSummary) -> Sequence[Sequence[bytes]]:
        """Read the encoded segments of a transcript, a window each, as they are stored.

        Raises Corrupted when they do not have the hash of the summary.
        """

    def put_file(self, study_id: str, release_id: str, file: StoredFile, data: bytes) -> bool:
        """Store a file of a release; return True when the same file was stored before."""

    def commit(
        self,
        study_id: str,
        release_id: str,
        files: Iterable[StoredFile],
        runs: Iterable[TranscriptSummary],
    ) -> bool:
        """Make a release of `runs` visible; return True when it was visible with the same files.

        Raises AlreadyExists when it is visible with other files.
        """

    def releases(self, study_id: str) -> Sequence[StoredRelease]:
        """Return the finished releases, oldest first."""

    def read(self, release: StoredRelease, path: str) -> Iterator[bytes]:
        """Stream a file of a finished release, verified before the first byte."""


class ReviewStore(Protocol):
    """Reviews and corrections of the research zone, replaced by compare-and-swap.

    Methods raise Unavailable, NotFound and Erased as those of the zone.
    """

    def review(self, study_id: str, summary: TranscriptSummary) -> Review | None:
        """Return the newest review of a run, with its reason."""

    def put_review(self, study_id: str, summary: TranscriptSummary, review: Review) -> Review:
        """Store the newest word on a run and return it with time and generation.

        `review.generation` is the one that was read before, 0 for the first. Raises ReviewChanged
        when another one came between.
        """

    def corrections(self, study_id: str, summary: TranscriptSummary) -> RunCorrections:
        """Return the corrections of a run; raises Corrupted when they are of another content."""

    def put_corrections(
        self, study_id: str, summary: TranscriptSummary, corrections: RunCorrections
    ) -> int:
        """Replace the corrections of a run and return their new generation.

        `corrections.generation` is the one that was read. Raises ReviewChanged when another one
        came between.
        """


@dataclass(frozen=True)
class RedactedPlace:
    """A place of a run's text (code points of a segment), and what is to stand there."""

    segment: int
    start: int
    end: int
    text: str


class CorrectionSpreader(Protocol):
    """The de-identification engine, which knows where else the words of a place are meant."""

    def redact(
        self, study_id: str, summary: TranscriptSummary, place: RedactedPlace, entity_type: str
    ) -> Sequence[RedactedPlace]:
        """Return all places of the same words, the asked one among them, with what replaces them.

        The text of `place` is not looked at.
        """

    def look(
        self, study_id: str, summary: TranscriptSummary, place: RedactedPlace, entity_type: str
    ) -> Sequence[RedactedPlace]:
        """Return the places that `redact` would, without what replaces them; nothing is kept."""

    def examine(
        self, study_id: str, summary: TranscriptSummary, place: RedactedPlace
    ) -> Sequence[Doubt]:
        """Return what is doubtful in the text that would stand at a place, by its code points.

        Raises InvalidInput where it holds what the engine would replace.
        """

    def retype(
        self, study_id: str, summary: TranscriptSummary, place: RedactedPlace, entity_type: str
    ) -> Sequence[RedactedPlace]:
        """Return all replacements of the same label, with what stands there under another type."""


class AudioSource(Protocol):
    """The clinical zone, which gives sound of nothing but what is in an approved transcript."""

    def bleep(
        self, study: Study, summary: TranscriptSummary, approved: Sequence[Segment]
    ) -> BleepedAudio | NoAudio:
        """Return the bleeped sound of a recording, checked by hearing it, or why there is none."""


class CheckpointSource(Protocol):
    """The audit log, of which a certificate names the newest checkpoint."""

    def newest_checkpoint(self) -> AuditCheckpoint:
        """Return the newest checkpoint; it covers everything acknowledged before the call."""
