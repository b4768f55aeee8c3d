# SPDX-License-Identifier: Apache-2.0
"""A research zone in memory that keeps to the port's promises, and can die at any write."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from services.common.errors import AlreadyExists, Erased, NotFound
from services.release.domain.approval import Approval, ReviewMode
from services.release.domain.ports import StoredFile, StoredRelease, Study, StudyContents
from services.release.domain.transcript import Segment, Transcript, TranscriptSummary
from tests.support.release_builders import NOON, STUDY


class Died(Exception):
    """The process is gone."""


@dataclass
class MemoryZone:
    """Everything is written once; `dies_after` counts the writes that still succeed."""

    transcripts: list[Transcript]
    review: ReviewMode = ReviewMode.REQUIRED
    withdrawn: set[str] = field(default_factory=set)
    kept_approvals: dict[str, list[Approval]] = field(default_factory=dict)
    files: dict[tuple[str, str], tuple[StoredFile, bytes]] = field(default_factory=dict)
    manifests: dict[str, StoredRelease] = field(default_factory=dict)
    dies_after: int | None = None
    reads: int = 0
    asked: Counter[str] = field(default_factory=Counter)

    def study(self, study_id: str) -> Study:
        """Know one study."""
        if study_id != STUDY:
            raise NotFound("no such study")
        return Study(STUDY, "research-default", self.review)

    def contents(self, study_id: str) -> StudyContents:
        """List what is readable."""
        self.asked["holdings"] += 1
        self.study(study_id)
        runs: dict[str, tuple[TranscriptSummary, ...]] = {}
        for one in self.transcripts:
            if one.summary.participant not in self.withdrawn:
                name = one.summary.recording_id
                runs[name] = (*runs.get(name, ()), one.summary)
        return StudyContents(runs, tuple(sorted(self.withdrawn)))

    def segments(self, study_id: str, summary: TranscriptSummary) -> tuple[Segment, ...]:
        """Read a transcript."""
        self.study(study_id)
        self.reads += 1
        if summary.participant in self.withdrawn:
            raise Erased("gone")
        return next(one.segments for one in self.transcripts if one.summary == summary)

    def approvals(self, study_id: str, summary: TranscriptSummary) -> Sequence[Approval]:
        """List approvals."""
        self.asked["approvals"] += 1
        self.study(study_id)
        return self.kept_approvals.get(summary.recording_id, [])

    def put_approval(self, study_id: str, summary: TranscriptSummary, approval: Approval) -> bool:
        """Keep the first approval of a run."""
        self.study(study_id)
        kept = self.kept_approvals.setdefault(summary.recording_id, [])
        if any(one.run_key == approval.run_key for one in kept):
            return True
        self._write()
        kept.append(approval)
        return False

    def put_file(self, study_id: str, release_id: str, file: StoredFile, data: bytes) -> bool:
        """Keep a file once."""
        self.study(study_id)
        assert file.sha256 == hashlib.sha256(data).hexdigest()
        assert file.size == len(data)
        key = (release_id, file.path)
        if key in self.files:
            if self.files[key] != (file, data):
                raise AlreadyExists("other bytes are there")
            return True
        self._write()
        self.files[key] = (file, data)
        return False

    def commit(self, study_id: str, release_id: str, files: Iterable[StoredFile]) -> bool:
        """Make visible once."""
        listed = tuple(files)
        assert all(self.files[release_id, one.path][0] == one for one in listed)
        if release_id in self.manifests:
            if self.manifests[release_id].files != listed:
                raise AlreadyExists("other files are there")
            return True
        self._write()
        self.manifests[release_id] = StoredRelease(study_id, release_id, listed, NOON)
        return False

    def releases(self, study_id: str) -> Sequence[StoredRelease]:
        """List what is visible."""
        self.study(study_id)
        return list(self.manifests.values())

    def read(self, release: StoredRelease, path: str) -> Iterator[bytes]:
        """Stream in two pieces."""
        file, data = self.files[release.release_id, path]
        if file.participant in self.withdrawn:
            raise Erased("gone")
        yield data[: len(data) // 2]
        yield data[len(data) // 2 :]

    def _write(self) -> None:
        if self.dies_after is not None:
            if self.dies_after == 0:
                raise Died
            self.dies_after -= 1
