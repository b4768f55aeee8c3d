# SPDX-License-Identifier: Apache-2.0
"""What the release service needs of the world outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.release.domain.approval import Approval, ReviewMode
from services.release.domain.transcript import Record, Segment


@dataclass(frozen=True)
class Study:
    """What a release needs to know of a study."""

    study_id: str
    policy: str
    review: ReviewMode


@dataclass(frozen=True)
class Holdings:
    """What the research zone holds of a study.

    `runs` maps each readable recording id to its finished runs, oldest first; `withdrawn` are the
    codes of participants whose data were erased.
    """

    runs: dict[str, tuple[Record, ...]]
    withdrawn: tuple[str, ...]

    @property
    def newest(self) -> list[Record]:
        """Give the newest run of each recording that has one."""
        return [runs[-1] for runs in self.runs.values() if runs]


@dataclass(frozen=True)
class StoredFile:
    """A file in the store; `participant` is empty for files that concern nobody in particular."""

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
    """The research zone's store. Everything in it is written once.

    Methods raise Unavailable where the store is away, NotFound for unknown names, and Erased for
    what belonged to a participant who withdrew.
    """

    def study(self, study_id: str) -> Study:
        """Give a study."""

    def holdings(self, study_id: str) -> Holdings:
        """Tell what there is of a study."""

    def segments(self, study_id: str, record: Record) -> tuple[Segment, ...]:
        """Read a transcript; the store verifies it against the record's hash."""

    def approvals(self, study_id: str, record: Record) -> Sequence[Approval]:
        """Give the approvals of a recording, oldest first."""

    def put_approval(self, study_id: str, record: Record, approval: Approval) -> bool:
        """Keep an approval; True where that run was approved before."""

    def put_file(self, study_id: str, release_id: str, file: StoredFile, data: bytes) -> bool:
        """Keep a file of a release; True where the same file was there."""

    def commit(self, study_id: str, release_id: str, files: Iterable[StoredFile]) -> bool:
        """Make a release visible; True where it was so with the same files.

        Raises AlreadyExists where it is visible with other files.
        """

    def releases(self, study_id: str) -> Sequence[StoredRelease]:
        """Give the finished releases, oldest first."""

    def read(self, release: StoredRelease, path: str) -> Iterator[bytes]:
        """Stream a file of a finished release, verified before the first byte."""


class AuditLog(Protocol):
    """The audit log, as far as a release cites it."""

    def newest_checkpoint(self) -> AuditCheckpoint:
        """Return the newest checkpoint; it covers everything acknowledged before the call."""
