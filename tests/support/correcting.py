# SPDX-License-Identifier: Apache-2.0
"""One transcript that is corrected, and a double of the engine that spreads corrections."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from services.corrections.model import (
    CorrectionKind,
    Doubt,
    Replacement,
)
from services.release.domain.correcting import Corrector, WantedCorrection
from services.release.domain.ports import RedactedPlace
from services.release.domain.transcript import (
    RecordingName,
    Segment,
    TranscriptSummary,
)
from tests.support.memory_zone import MemoryZone
from tests.support.release_builders import NOON, STUDY, recording_id, transcript

NAME = RecordingName(STUDY, "P07", recording_id(0))


SEGMENTS = (
    Segment("S1", "interviewer", "Was Ahmad there?"),
    Segment("S2", "participant", "Ahmad and [Person 1]."),
    Segment("S2", "participant", "[Person 1] knows."),
)


MARKED = tuple(
    replace(one, replacements=(Replacement(start, start + 10, "PERSON"),)) if start >= 0 else one
    for one in SEGMENTS
    for start in [one.text.find("[")]
)


class Engine:
    """An engine that finds the very same words everywhere, as a double of the real one."""

    def redact(
        self, study_id: str, summary: TranscriptSummary, place: RedactedPlace, entity_type: str
    ) -> Sequence[RedactedPlace]:
        """Return every place of the words."""
        assert (study_id, summary.participant) == (STUDY, "P07")
        words = MARKED[place.segment].text[place.start : place.end]
        return [
            RedactedPlace(index, start, start + len(words), f"[{entity_type.title()} 9]")
            for index, one in enumerate(MARKED)
            if (start := one.text.find(words)) >= 0
        ]

    retype = redact
    look = redact

    def examine(
        self, study_id: str, summary: TranscriptSummary, place: RedactedPlace
    ) -> Sequence[Doubt]:
        """Doubt every capital letter."""
        assert (study_id, summary.participant) == (STUDY, "P07")
        return [
            Doubt(at, at + 1, "name_like", 0.5)
            for at, letter in enumerate(place.text)
            if letter.isupper()
        ]


def corrector(zone: MemoryZone, engine: Engine | None = None) -> Corrector:
    """A corrector whose clock never shows the same time twice."""
    moments: Iterator[datetime] = (
        NOON + timedelta(microseconds=number) for number in itertools.count()
    )
    return Corrector(zone, zone, engine or Engine(), lambda: next(moments))


def wanted(zone: MemoryZone, words: str = "Ahmad", segment: int = 0) -> WantedCorrection:
    """A redaction of words."""
    start = MARKED[segment].text.index(words)
    return WantedCorrection(
        *(zone.transcripts[-1].summary.run_key, CorrectionKind.REDACT, segment),
        *(start, start + len(words), "PERSON", ""),
    )


def approved() -> MemoryZone:
    """Return a zone with one transcript that its reviewer approved."""
    made = MemoryZone([transcript(segments=MARKED)])
    made.approve_all()
    return made


def key(zone: MemoryZone) -> str:
    """The run of the newest transcript."""
    return zone.transcripts[-1].summary.run_key
