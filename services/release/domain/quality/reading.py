# SPDX-License-Identifier: Apache-2.0
"""Reading the passages of a round, and ruling on those of which two readers think differently."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.common.errors import InvalidInput
from services.release.domain.ports import ResearchZone, ReviewStore
from services.release.domain.quality.finding import OPEN, FoundRound, QualityView, RoundFinder
from services.release.domain.quality.judging import RoundState
from services.release.domain.quality.pacing import again, shown, took, without
from services.release.domain.quality.passages import ApprovedRun, Line, Mark
from services.release.domain.quality.planting import Planted, Planter
from services.release.domain.quality.ports import RoundStore
from services.release.domain.quality.round import Reading, Round, Ruling, Span
from services.release.domain.quality.texts import RoundTexts
from services.release.errors import NotYours


@dataclass(frozen=True)
class ShownPassage:
    """A passage as one reader sees it, the planted item among its words where there is one.

    `taken` are the places of replacements in the text; `readings` are what two readers marked, for
    whoever rules on it. `left` is how many passages are left for the reader, this one among them.
    """

    number: int
    role: str
    text: str
    language: str
    taken: tuple[tuple[int, int, str], ...]
    before: tuple[Line, ...]
    after: tuple[Line, ...]
    readings: tuple[tuple[Mark, ...], ...] = ()
    left: int = 0


class QualityReading:
    """What readers and adjudicators do in the rounds of studies; `clock` gives UTC."""

    def __init__(
        self,
        zone: ResearchZone,
        store: ReviewStore,
        rounds: RoundStore,
        clock: Callable[[], datetime],
    ) -> None:
        self._finder = RoundFinder(zone, rounds)
        self._texts = RoundTexts(zone, store)
        self._clock = clock

    def read(self, study_id: str, number: int, person: str, most: int) -> list[ShownPassage]:
        """Return passages that a person has still to read, at most so many, in an order of theirs.

        Raises ChangedThePolicy, NoSuchRound and RoundNotOpen.
        """
        found = self._finder.require(study_id, number, person, OPEN)
        one = found.round
        left = [at for at in range(len(one.passages)) if _is_left(one, at, person)]
        planter = Planter(one.plant_key, person)
        chosen = planter.shuffled(left)[:most]
        texts = self._texts.of(found, chosen)
        made = [
            replace(_shown(one, at, texts, _planted(one, at, person, texts)), left=len(left))
            for at in chosen
        ]
        if chosen:
            self._note_shown(found, person, chosen)
        return made

    def _note_shown(self, found: FoundRound, person: str, chosen: Sequence[int]) -> None:
        """Keep when passages were shown, where nothing else tells it."""
        now = self._since_opened(found.round)
        if now is None or shown(found.round, person, chosen, now) == found.round.showings:
            return
        self._finder.change(
            found,
            person,
            OPEN,
            lambda one: one.changed(showings=shown(one, person, chosen, now)),
        )

    def record(
        self, study_id: str, number: int, person: str, marked: Sequence[tuple[int, Sequence[Mark]]]
    ) -> QualityView:
        """Store what a person marked in passages that they read; no mark says that all is well.

        A person's own reading may be given again until the round's reading ends. Raises
        ChangedThePolicy, NoSuchRound, RoundNotOpen, NotYours, and InvalidInput for a mark that does
        not fit.
        """
        states = {RoundState.READING}
        found = self._finder.require(study_id, number, person, states)
        passages = [at for at, _ in marked]
        _require(found.round, passages)
        texts = self._texts.of(found, passages)
        now = self._since_opened(found.round)
        made = []
        for at, marks in marked:
            planted = _planted(found.round, at, person, texts)
            run = texts[found.round.passages[at].recording]
            spans, is_found = run.spans(found.round.passages[at].segment, marks, planted)
            made.append(
                Reading(
                    passage=at,
                    reader=person,
                    spans=spans,
                    planted=planted is not None,
                    found=is_found,
                    at=self._now(),
                    at_ms=now,
                )
            )

        def change(one: Round) -> Round:
            mine = {old.passage for old in one.readings if old.reader == person}
            for new in made:
                if new.passage not in mine and not _is_left(one, new.passage, person):
                    raise NotYours(
                        f"passage {new.passage} of round {number} needs no reading of yours"
                    )
            each = None if now is None else took(one, person, passages, now)
            new_ones = {new.passage: new.model_copy(update={"took_ms": each}) for new in made}
            kept = [
                again(old, new_ones.pop(old.passage))
                if old.reader == person and old.passage in new_ones
                else old
                for old in one.readings
            ]
            return one.changed(
                readings=(*kept, *new_ones.values()), showings=without(one, person, passages)
            )

        return self._finder.change(found, person, states, change)

    def disputes(self, study_id: str, number: int, person: str) -> list[ShownPassage]:
        """Return what a person may rule on, lowest agreement first, without the readers' names."""
        found = self._finder.require(study_id, number, person, OPEN)
        one = found.round
        mine = [
            at
            for at in found.standing.disputed
            if all(reading.reader != person for reading in one.by_passage[at])
        ]
        texts = self._texts.of(found, mine)
        return [_shown(one, at, texts, None, with_readings=True) for at in mine]

    def rule(
        self, study_id: str, number: int, person: str, passage: int, marks: Sequence[Mark]
    ) -> QualityView:
        """Store what is right where two readers disagreed; raises NotYours for one of both."""
        states = {RoundState.READING, RoundState.ADJUDICATION}
        found = self._finder.require(study_id, number, person, states)
        _require(found.round, [passage])
        if passage not in found.standing.disputed:
            raise NotYours(f"two readers do not disagree on passage {passage} of round {number}")
        if any(one.reader == person for one in found.round.by_passage[passage]):
            raise NotYours(f"{person} read passage {passage}; a third person rules on it")
        texts = self._texts.of(found, [passage])
        where = found.round.passages[passage]
        spans, _ = texts[where.recording].spans(where.segment, marks, None)
        ruling = Ruling(passage=passage, by=person, spans=spans, at=self._now())

        def change(one: Round) -> Round:
            kept = (other for other in one.rulings if other.passage != passage)
            return one.changed(rulings=(*kept, ruling))

        return self._finder.change(found, person, states, change)

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)

    def _since_opened(self, one: Round) -> int | None:
        """Return the milliseconds since a round was opened; None where the clock went back."""
        passed = self._clock() - one.opened_at
        return passed // timedelta(milliseconds=1) if passed >= timedelta() else None


def _shown(
    one: Round,
    at: int,
    texts: dict[int, ApprovedRun],
    planted: Planted | None,
    *,
    with_readings: bool = False,
) -> ShownPassage:
    where = one.passages[at]
    run = texts[where.recording]
    segment = run.segment(where.segment)
    readings: list[tuple[Mark, ...]] = []
    if with_readings:
        # In an order of their places: which reader came first tells who it was.
        readings = sorted(_marks(run, where.segment, found.spans) for found in one.by_passage[at])
    return ShownPassage(
        at,
        segment.role or segment.speaker,
        planted.text if planted else segment.text,
        segment.language,
        tuple(
            (*_moved((one.start, one.end), planted), one.entity_type)
            for one in segment.replacements
        ),
        tuple(run.before(where.segment)),
        tuple(run.after(where.segment)),
        tuple(readings),
    )


def _require(one: Round, passages: Sequence[int]) -> None:
    if any(at >= len(one.passages) for at in passages):
        raise InvalidInput(f"round {one.number} has {len(one.passages)} passages, from 0")
    if len(set(passages)) != len(passages):
        raise InvalidInput("a passage is named twice")


def _is_left(one: Round, at: int, person: str) -> bool:
    """Return whether a passage needs a reading by this person."""
    readings = one.by_passage.get(at, ())
    if any(reading.reader == person for reading in readings):
        return False
    return len(readings) < (2 if one.passages[at].second else 1)


def _planted(one: Round, at: int, person: str, texts: dict[int, ApprovedRun]) -> Planted | None:
    """Return what is planted in a passage for a reader, as it was when they read it."""
    planter = Planter(one.plant_key, person)
    if at not in planter.chosen(range(len(one.passages)), one.gate.planted):
        return None
    where = one.passages[at]
    segment = texts[where.recording].segment(where.segment)
    taken = texts[where.recording].taken(where.segment)
    return planter.plant(at, segment.text, segment.language, taken)


def _marks(run: ApprovedRun, segment: int, spans: Sequence[Span]) -> tuple[Mark, ...]:
    return tuple(Mark(*run.shown(segment, one), one.entity_type) for one in spans)


def _moved(place: tuple[int, int], planted: Planted | None) -> tuple[int, int]:
    if planted is None or place[0] < planted.at:
        return place
    return place[0] + planted.length, place[1] + planted.length
