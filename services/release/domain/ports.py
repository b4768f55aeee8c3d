# SPDX-License-Identifier: Apache-2.0
"""Ports: what the release service needs of the store and of the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.release.domain.approval import Approval, ReviewMode
from services.release.domain.transcript import Segment, TranscriptSummary


@dataclass(frozen=True)
class Study:
    """The settings of a study that matter for its releases."""

    study_id: str
    policy: str
    review: ReviewMode


@dataclass(frozen=True)
class StudyContents:
    """What the research zone holds of a study.

    `runs` maps each readable recording id to its finished runs, oldest first; `withdrawn` are the
    codes of participants whose data were erased.
    """

    runs: dict[str, tuple[TranscriptSummary, ...]]
    withdrawn: tuple[str, ...]

    @property
    def newest(self) -> list[TranscriptSummary]:
        """The newest run of each recording that has one."""
        return [runs[-1] for runs in self.runs.values() if runs]


@dataclass(frozen=True)
class StoredFile:
    """A file of a stored release; `participant` is empty when it is not about a single one."""

    path: str
    sha256: str
    size: int
    participant: str


@dataclass(frozen=True)
class StoredRelease:
    """A finished release in the store."""

    study_id: str
    release_id: str
    files: tuple[StoredFile, ...]
    committed_at: datetime


@dataclass(frozen=True)
class AuditCheckpoint:
    """A signed checkpoint of the audit log, and the keys to check it with."""

    checkpoint: str
    verifier_keys: tuple[str, ...]


class ResearchZone(Protocol):
    """The store of the research zone. Everything in it is written once.

    Methods raise Unavailable when the store cannot be reached, NotFound for unknown names, and
    Erased for data of a participant who withdrew.
    """

    def study(self, study_id: str) -> Study:
        """Return a study."""

    def contents(self, study_id: str) -> StudyContents:
        """Return the transcripts of a study."""

    def segments(self, study_id: str, summary: TranscriptSummary) -> tuple[Segment, ...]:
        """Read a transcript; raises Corrupted when it does not have the hash of its summary."""

    def approvals(self, study_id: str, summary: TranscriptSummary) -> Sequence[Approval]:
        """Return the approvals of a recording, oldest first."""

    def put_approval(self, study_id: str, summary: TranscriptSummary, approval: Approval) -> bool:
        """Store an approval; return True when that run was approved before."""

    def put_file(self, study_id: str, release_id: str, file: StoredFile, data: bytes) -> bool:
        """Store a file of a release; return True when the same file was stored before."""

    def commit(self, study_id: str, release_id: str, files: Iterable[StoredFile]) -> bool:
        """Make a release visible; return True when it was visible with the same files.

        Raises AlreadyExists when it is visible with other files.
        """

    def releases(self, study_id: str) -> Sequence[StoredRelease]:
        """Return the finished releases, oldest first."""

    def read(self, release: StoredRelease, path: str) -> Iterator[bytes]:
        """Stream a file of a finished release, verified before the first byte."""


class CheckpointSource(Protocol):
    """The audit log, of which a certificate names the newest checkpoint."""

    def newest_checkpoint(self) -> AuditCheckpoint:
        """Return the newest checkpoint; it covers everything acknowledged before the call."""
