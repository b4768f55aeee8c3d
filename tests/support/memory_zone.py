# SPDX-License-Identifier: Apache-2.0
"""A research zone in memory that keeps to the ports' promises, and can die at any write."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.common.errors import AlreadyExists, Corrupted, Erased, NotFound
from services.corrections.model import RunCorrections
from services.release.domain.ports import AudioMode, StoredFile, StoredRelease, Study
from services.release.domain.quality.gate import Gate
from services.release.domain.quality.ports import StoredRound
from services.release.domain.quality.round import Round
from services.release.domain.reviews import Review, ReviewMode, ReviewState, StudyContents
from services.release.domain.transcript import (
    RecordingName,
    Segment,
    Transcript,
    TranscriptSummary,
)
from services.release.errors import ReviewChanged
from tests.support.release_builders import NOON, STUDY


class Died(Exception):
    """The process is gone."""


@dataclass
class MemoryZone:
    """Everything is written once; `dies_after` counts the writes that still succeed."""

    transcripts: list[Transcript]
    mode: ReviewMode = ReviewMode.REQUIRED
    withdrawn: set[str] = field(default_factory=set)
    reviews: dict[str, Review] = field(default_factory=dict)
    corrected: dict[str, RunCorrections] = field(default_factory=dict)
    files: dict[tuple[str, str], tuple[StoredFile, bytes]] = field(default_factory=dict)
    manifests: dict[str, StoredRelease] = field(default_factory=dict)
    released: dict[str, list[str]] = field(default_factory=dict)
    dies_after: int | None = None
    reads: int = 0
    audio: AudioMode = AudioMode.NONE
    disguise_voices: bool = False
    quality: Gate | None = None
    quality_rounds: dict[int, StoredRound] = field(default_factory=dict)
    copies_until: str = ""
    audio_deleted: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)

    def study(self, study_id: str) -> Study:
        """Know one study."""
        if study_id != STUDY:
            raise NotFound("no such study")
        return Study(
            STUDY,
            "research-default",
            self.mode,
            audio=self.audio,
            disguise_voices=self.disguise_voices,
            quality=self.quality,
            copies_until=self.copies_until,
        )

    def contents(self, study_id: str) -> StudyContents:
        """List what is readable."""
        self.asked["holdings"] += 1
        self.study(study_id)
        runs: dict[str, tuple[TranscriptSummary, ...]] = {}
        for one in self.transcripts:
            if one.summary.participant not in self.withdrawn:
                name = one.summary.recording_id
                runs[name] = (*runs.get(name, ()), one.summary)
        seen = {
            (one.recording_id, one.run_key): replace(self.reviews[one.run_key], reason="")
            for found in runs.values()
            for one in found
            if one.run_key in self.reviews
        }
        return StudyContents(
            runs, seen, tuple(sorted(self.withdrawn)), frozenset(self.audio_deleted)
        )

    def contents_of(self, recording: RecordingName) -> StudyContents:
        """List what is readable of one recording."""
        found = self.contents(recording.study_id)
        runs = found.runs.get(recording.recording_id)
        if runs is None:
            raise NotFound("no such recording")
        return replace(found, runs={recording.recording_id: runs})

    def segments(self, study_id: str, summary: TranscriptSummary) -> tuple[Segment, ...]:
        """Read a transcript."""
        self.study(study_id)
        self.reads += 1
        if summary.participant in self.withdrawn:
            raise Erased("gone")
        return next(one.segments for one in self.transcripts if one.summary == summary)

    def windows(self, study_id: str, summary: TranscriptSummary) -> Sequence[Sequence[bytes]]:
        """Read a transcript, all of it in one window."""
        return [[one.text.encode() for one in self.segments(study_id, summary)]]

    def review(self, study_id: str, summary: TranscriptSummary) -> Review | None:
        """Return the newest word on a run."""
        self.study(study_id)
        self.asked["reviews"] += 1
        return self.reviews.get(summary.run_key)

    def put_review(self, study_id: str, summary: TranscriptSummary, review: Review) -> Review:
        """Replace the word on a run, where nobody came between."""
        self.study(study_id)
        assert review.run_key == summary.run_key
        assert review.decided_by
        before = self.reviews.get(review.run_key)
        if (before.generation if before else 0) != review.generation:
            raise ReviewChanged("somebody came between")
        self._write()
        stored = replace(review, decided_at=NOON, generation=review.generation + 1)
        self.reviews[review.run_key] = stored
        return stored

    def corrections(self, study_id: str, summary: TranscriptSummary) -> RunCorrections:
        """Return the corrections of a run."""
        self.study(study_id)
        self.asked["corrections"] += 1
        return self.corrected.get(summary.run_key, RunCorrections())

    def put_corrections(
        self, study_id: str, summary: TranscriptSummary, corrections: RunCorrections
    ) -> int:
        """Replace the corrections of a run, where nobody came between."""
        self.study(study_id)
        before = self.corrected.get(summary.run_key, RunCorrections())
        if before.generation != corrections.generation:
            raise ReviewChanged("somebody came between")
        self._write()
        ordered = tuple(sorted(corrections.corrections, key=lambda one: one.place))
        stored = replace(corrections, corrections=ordered, generation=corrections.generation + 1)
        self.corrected[summary.run_key] = stored
        return stored.generation

    def rounds(self, study_id: str) -> list[StoredRound]:
        """Return the rounds, in order."""
        self.study(study_id)
        return [self.quality_rounds[number] for number in sorted(self.quality_rounds)]

    def round(self, study_id: str, number: int) -> StoredRound | None:
        """Return one round."""
        assert study_id == STUDY
        return self.quality_rounds.get(number)

    def put_round(self, one: Round, base: int) -> int:
        """Replace a round, where nobody came between; it is read back from its bytes."""
        there = self.quality_rounds.get(one.number)
        if (there.generation if there else 0) != base:
            raise ReviewChanged("somebody came between")
        kept = Round.parse(one.canonical_bytes(), "the round", Corrupted)
        self.quality_rounds[one.number] = StoredRound(kept, base + 1)
        return base + 1

    def approve_all(self, person: str = "dr.lim", time: datetime = NOON) -> None:
        """Approve every newest run, as a reviewer who read it would."""
        for one in self.contents(STUDY).newest:
            before = self.reviews.get(one.run_key)
            self.reviews[one.run_key] = Review(
                *(one.run_key, ReviewState.APPROVED, person, time),
                residual_risk=one.residual_risk,
                threshold=one.threshold,
                corrections_generation=self.corrections(STUDY, one).generation,
                generation=(before.generation if before else 0) + 1,
                with_sound=self.study(STUDY).has_sound,
            )
        self.asked.clear()

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

    def commit(
        self,
        study_id: str,
        release_id: str,
        files: Iterable[StoredFile],
        runs: Iterable[TranscriptSummary],
    ) -> bool:
        """Make visible once."""
        listed = tuple(files)
        released = list(runs)
        assert all(self.files[release_id, one.path][0] == one for one in listed)
        if release_id in self.manifests:
            if self.manifests[release_id].files != listed:
                raise AlreadyExists("other files are there")
            return True
        self._write()
        self.released[release_id] = [one.run_key for one in released]
        self.manifests[release_id] = StoredRelease(
            study_id,
            release_id,
            listed,
            NOON,
            tuple((one.recording_id, one.run_key) for one in released),
        )
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
