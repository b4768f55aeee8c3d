# SPDX-License-Identifier: Apache-2.0
"""A round of quality as it is stored: the frame, the draw, what readers said, who signed.

It holds ids, numbers and places, and no word of anybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.common.records import (
    Count,
    EntityTypeName,
    Hex,
    Moment,
    ParticipantCode,
    Record,
    RecordingId,
    RunKey,
    Sha256Hex,
    StudyId,
)
from services.registry import ids
from services.release.domain.quality.drawing import FrameRun, Position
from services.release.domain.quality.gate import Gate

_Person = Annotated[str, StringConstraints(pattern=f"^(?:{ids.PERSON})$")]
Number = Annotated[int, Field(ge=1, le=99_999_999)]


class FramedRun(Record):
    """An approved run of the frame; `text_sha256` is the hash of its approved text."""

    recording_id: RecordingId
    participant: ParticipantCode
    session: Count
    run_key: RunKey
    corrections_generation: Count
    segments: Count
    text_sha256: Sha256Hex

    @property
    def drawn_from(self) -> FrameRun:
        """The run as it counts for the draw."""
        return FrameRun(self.recording_id, self.run_key, self.corrections_generation, self.segments)


class Passage(Record):
    """A segment that is read: `recording` is its place in the frame.

    `census`: it has doubtful places, all of which are read. `second`: a second person reads it too.
    """

    recording: Count
    segment: Count
    census: bool
    second: bool


class Span(Record):
    """A place that should have been replaced, in code points of the run's own text of a segment.

    That is where corrections have their places too: none of them moves it.
    """

    start: Count
    end: Count
    entity_type: EntityTypeName


class Reading(Record):
    """What one reader marked in a passage; `found`: also the planted item, where there was one.

    `at_ms` is when that was, in milliseconds since the round was opened, and `took_ms` how long it
    took, both by the clock of the service; absent where an older version took it.
    """

    passage: Count
    reader: _Person
    spans: tuple[Span, ...]
    planted: bool
    found: bool
    at: Moment
    at_ms: Count | None = None
    took_ms: Count | None = None


class Showing(Record):
    """When a passage that waits for a decision was shown to a reader first, as in `Reading`."""

    passage: Count
    reader: _Person
    at_ms: Count


class Ruling(Record):
    """What a third person found right where two readers disagreed."""

    passage: Count
    by: _Person
    spans: tuple[Span, ...]
    at: Moment


class Search(Record):
    """That what was missed was looked for in the whole study: how many places were replaced."""

    by: _Person
    at: Moment
    replaced: Count


class SignOff(Record):
    """Who vouches for the round, and for which text: `text_sha256` is over that of all runs."""

    by: _Person
    at: Moment
    text_sha256: Sha256Hex


class Round(Record):
    """A round; `drawn` is how many segments the draw took until the sample was complete.

    `plant_key` decides which items are planted where, and is shown to nobody. A passage has one
    reading, or two of different people, in the order in which they came.
    """

    format: Literal["sotto quality round 1"] = "sotto quality round 1"
    study_id: StudyId
    number: Number
    opened_by: _Person
    opened_at: Moment
    gate: Gate
    frame: tuple[FramedRun, ...]
    checkpoint: str
    seed: Sha256Hex
    plant_key: Hex
    drawn: Count
    passages: tuple[Passage, ...]
    readings: tuple[Reading, ...] = ()
    showings: tuple[Showing, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    search: Search | None = None
    signed: SignOff | None = None

    def changed(self, **values: object) -> Round:
        """Return the round with other values of some fields."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**(fields | values))

    @property
    def draw(self) -> list[FrameRun]:
        """The frame as the draw takes it."""
        return [one.drawn_from for one in self.frame]

    @cached_property
    def by_passage(self) -> Mapping[int, tuple[Reading, ...]]:
        """The readings of each passage that has some."""
        found: dict[int, tuple[Reading, ...]] = {}
        for one in self.readings:
            found[one.passage] = (*found.get(one.passage, ()), one)
        return found

    @cached_property
    def ruled(self) -> Mapping[int, Ruling]:
        """The ruling on each passage that has one."""
        return {one.passage: one for one in self.rulings}

    @property
    def readers(self) -> tuple[str, ...]:
        """Who read or ruled, in order of the name."""
        readers = {one.reader for one in self.readings} | {one.by for one in self.rulings}
        return tuple(sorted(readers))

    @property
    def text_sha256(self) -> str:
        """The hash over the texts of the frame."""
        lines = sorted(f"{one.recording_id} {one.text_sha256}\n" for one in self.frame)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def position(self, passage: int) -> Position:
        """Return where a passage stands."""
        one = self.passages[passage]
        return self.frame[one.recording].recording_id, one.segment

    def covers(self, recording_id: str, run_key: str, generation: int) -> bool:
        """Return whether a run with these corrections is in the frame."""
        return any(
            (one.recording_id, one.run_key, one.corrections_generation)
            == (recording_id, run_key, generation)
            for one in self.frame
        )
