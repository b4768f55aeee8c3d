# SPDX-License-Identifier: Apache-2.0
"""Rounds of quality over a zone in memory, and readers who know what is planted."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from services.common.signing import Signer
from services.corrections.model import (
    Doubt,
    Replacement,
)
from services.release.domain.building import ReleaseBuilder
from services.release.domain.ports import AuditCheckpoint, RedactedPlace, StoredRelease
from services.release.domain.quality.finding import QualityView
from services.release.domain.quality.gate import Gate
from services.release.domain.quality.judging import RoundState
from services.release.domain.quality.passages import Mark
from services.release.domain.quality.reading import QualityReading, ShownPassage
from services.release.domain.quality.rounds import QualityRounds
from services.release.domain.transcript import Segment, TranscriptSummary
from tests.support.memory_zone import MemoryZone
from tests.support.release_builders import NOON, STUDY, Recorder, transcript

GATE = Gate(
    bound=0.25,
    alpha=0.05,
    second_reader=0.2,
    planted=4,
    detection=0.5,
    agreement=0.5,
    other_signer=True,
)
NAME = "Siti"


class Log:
    """A log whose checkpoint is another one with every look."""

    def __init__(self) -> None:
        self._sizes = itertools.count(1)

    def newest_checkpoint(self) -> AuditCheckpoint:
        """Return the next one."""
        return AuditCheckpoint(f"log.example/1\n{next(self._sizes)}\nAAAA=\n\n— x BBBB\n", ("key",))


class Spreader:
    """An engine that knows a place alone."""

    def redact(
        self,
        study_id: str,
        summary: TranscriptSummary,
        place: RedactedPlace,
        entity_type: str,
    ) -> Sequence[RedactedPlace]:
        """Return the asked place."""
        assert study_id == STUDY
        assert summary.run_key
        return [replace(place, text=f"[{entity_type.title()} 9]")]

    look = retype = redact

    def examine(
        self, study_id: str, summary: TranscriptSummary, place: RedactedPlace
    ) -> Sequence[Doubt]:
        """Find no text doubtful."""
        assert (study_id, bool(summary.run_key), bool(place.text)) == (STUDY, True, True)
        return ()


def segments(
    count: int, *, missed: int | None = None, doubtful: Sequence[int] = ()
) -> tuple[Segment, ...]:
    """Return segments of which one may hold a name in clear, and some a doubtful place."""
    return tuple(
        Segment(
            "S2",
            "participant",
            f"Then {NAME} came by." if at == missed else f"Number {at} of [Person 1] here.",
            language="en",
            replacements=()
            if at == missed
            else (Replacement(text_at(at), text_at(at) + 10, "PERSON"),),
            doubts=(Doubt(0, 1, "name_like", 0.4),) if at in doubtful else (),
        )
        for at in range(count)
    )


def text_at(number: int) -> int:
    """Return where the replacement of a segment begins."""
    return len(f"Number {number} of ")


def zone_of(*parts: tuple[Segment, ...], gate: Gate | None = GATE) -> MemoryZone:
    """Return a zone with a transcript of these segments each, all approved."""
    made = MemoryZone(
        [transcript(f"P0{at + 1}", 1, at, part, risk=0.01 * at) for at, part in enumerate(parts)]
    )
    made.quality = gate
    made.approve_all()
    return made


class Clock:
    """A clock that stands until it is told; `now` is UTC."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def goes_on(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


class Rounds(QualityRounds, QualityReading):
    """The rounds of a zone and what is read in them, as a new process would have them."""

    def __init__(self, zone: MemoryZone, clock: Callable[[], datetime]) -> None:
        QualityReading.__init__(self, zone, zone, zone, clock)
        QualityRounds.__init__(self, zone, zone, zone, Log(), clock, lambda count: b"\x07" * count)


def rounds_of(zone: MemoryZone, clock: Callable[[], datetime] = lambda: NOON) -> Rounds:
    """Return the rounds of a zone."""
    return Rounds(zone, clock)


def opened(rounds: Rounds) -> QualityView:
    """Open a round."""
    return rounds.open(rounds.frame(STUDY, "dr.lim"), "dr.lim")


def marks(passage: ShownPassage, words: str) -> list[Mark]:
    """Return where words stand in a passage."""
    at = passage.text.find(words)
    return [Mark(at, at + len(words), "PERSON")] if at >= 0 else []


def items(passage: ShownPassage) -> list[Mark]:
    """Return marks of the sentence that nobody said: a reader knows those of this test."""
    known = f"Then {NAME} came by." if NAME in passage.text else ""
    if known:
        at = passage.text.find(known) + len(known)
        rest = passage.text[at:]
    else:
        at = passage.text.find("here.") + len("here.")
        rest = passage.text[at:]
    return [Mark(at, len(passage.text), "PERSON")] if rest else []


def read_all(
    rounds: Rounds, number: int, person: str, *, sees: str = "", careful: bool = True
) -> QualityView | None:
    """Have a person read all that is left for them, and mark words where they see them."""
    view = None
    while found := rounds.read(STUDY, number, person, 20):
        view = rounds.record(
            STUDY,
            number,
            person,
            [
                (
                    one.number,
                    [*(marks(one, sees) if sees else ()), *(items(one) if careful else ())],
                )
                for one in found
            ],
        )
        if view.standing.state is not RoundState.READING:
            break
    return view


def build(zone: MemoryZone) -> StoredRelease:
    """Build a release."""
    made = ReleaseBuilder(
        zone, zone, zone, Log(), Recorder(), Signer.generate(), lambda: NOON, "0.1.0"
    )
    return made.build(STUDY)[0]
