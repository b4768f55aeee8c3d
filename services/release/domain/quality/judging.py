# SPDX-License-Identifier: Apache-2.0
"""How a round stands: what is left to do, what was found, and whether it passes the gate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.release.domain.quality.agreement import ALL, Agreement, Mark, agreement
from services.release.domain.quality.bounds import (
    StratifiedBound,
    clopper_pearson_lower,
    stratified,
)
from services.release.domain.quality.gate import FEWEST_MARKS, Gate
from services.release.domain.quality.omissions import Recapture
from services.release.domain.quality.round import Reading, Round, Span

_ROUNDING = 1e-9


class RoundState(StrEnum):
    """Where a round is.

    `missed`: something was missed, so that it is looked for in the whole study and a new sample is
    drawn. `failed`: nothing was, but the reading was not good enough to say so. `overtaken`: a run
    of its frame was made anew, corrected or taken back before it was signed.
    """

    READING = "reading"
    ADJUDICATION = "adjudication"
    MISSED = "missed"
    FAILED = "failed"
    READY = "ready"
    PASSED = "passed"
    OVERTAKEN = "overtaken"


class Shortfall(StrEnum):
    """What a round lacks to pass."""

    BOUND = "bound"
    SECOND_READER = "second_reader"
    DETECTION = "detection"
    AGREEMENT = "agreement"
    SIGNER = "signer"


@dataclass(frozen=True)
class Standing:
    """How a round stands.

    `missed` are the confirmed places by passage, `disputed` the passages that wait for a ruling,
    lowest agreement first. `planted` items were shown so far, of which `found`, and with them a
    reader finds `detection_at_least` of all at the round's level.
    """

    state: RoundState
    alpha: float
    first_left: int
    second_left: int
    disputed: tuple[int, ...]
    missed: Mapping[int, tuple[Span, ...]]
    census: int
    sampled: int
    bound: StratifiedBound
    planted: int
    found: int
    detection_at_least: float
    second_read: int
    agreement: Mapping[str, Agreement]
    recapture: Recapture
    shortfalls: tuple[Shortfall, ...]

    @property
    def misses(self) -> int:
        """How many places were missed."""
        return sum(len(one) for one in self.missed.values())


def stand(one: Round, gate: Gate | None = None, *, is_overtaken: bool = False) -> Standing:
    """Return how a round stands by a gate, its own by default."""
    asked = gate or one.gate
    alpha = min(asked.alpha, one.gate.alpha)
    pairs = _pairs(one)
    disputed = tuple(sorted(_disputed(one, pairs), key=lambda at: (_likeness(pairs[at]), at)))
    missed = _missed(one, pairs)
    first_left = sum(1 for at in range(len(one.passages)) if at not in one.by_passage)
    second_left = sum(
        1 for at, passage in enumerate(one.passages) if passage.second and at not in pairs
    )
    census = sum(1 for passage in one.passages if passage.census)
    sampled = len(one.passages) - census
    bound = stratified(
        census,
        sum(1 for at in missed if one.passages[at].census),
        sum(run.segments for run in one.frame) - census,
        sampled,
        sum(1 for at in missed if not one.passages[at].census),
        alpha,
    )
    planted = [reading for reading in one.readings if reading.planted]
    found = sum(1 for reading in planted if reading.found)
    agreed = agreement(*_marks(pairs))
    shortfalls = tuple(_shortfalls(one, asked, bound, len(planted), found, agreed))
    if one.signed is not None:
        state = RoundState.PASSED
    elif first_left or second_left:
        state = RoundState.READING
    elif disputed:
        state = RoundState.ADJUDICATION
    elif missed:
        state = RoundState.MISSED
    else:
        state = RoundState.FAILED if shortfalls else RoundState.READY
    may_go_on = {RoundState.READING, RoundState.ADJUDICATION, RoundState.READY}
    if is_overtaken and state in may_go_on:
        state = RoundState.OVERTAKEN
    return Standing(
        state,
        alpha,
        first_left,
        second_left,
        disputed,
        missed,
        census,
        sampled,
        bound,
        len(planted),
        found,
        clopper_pearson_lower(found, len(planted), alpha),
        len(pairs),
        agreed,
        _recapture(pairs, missed),
        shortfalls,
    )


def _pairs(one: Round) -> dict[int, tuple[Reading, Reading]]:
    """Return the two readings of each passage that has two."""
    return {at: (found[0], found[1]) for at, found in one.by_passage.items() if len(found) > 1}


def _disputed(one: Round, pairs: Mapping[int, tuple[Reading, Reading]]) -> list[int]:
    return [
        at
        for at, (first, second) in pairs.items()
        if set(_keys(first.spans)) != set(_keys(second.spans)) and at not in one.ruled
    ]


def _missed(
    one: Round, pairs: Mapping[int, tuple[Reading, Reading]]
) -> dict[int, tuple[Span, ...]]:
    """Return the places that are missed by what a ruling, two agreeing readers or one alone say.

    A passage that is disputed still, or that a second reader has not read yet, says nothing.
    """
    found: dict[int, tuple[Span, ...]] = {}
    for at, readings in one.by_passage.items():
        if at in one.ruled:
            spans = one.ruled[at].spans
        elif (one.passages[at].second and at not in pairs) or (
            at in pairs and set(_keys(readings[0].spans)) != set(_keys(readings[1].spans))
        ):
            continue
        else:
            spans = readings[0].spans
        if spans:
            found[at] = spans
    return found


def _shortfalls(
    one: Round,
    gate: Gate,
    bound: StratifiedBound,
    planted: int,
    found: int,
    agreed: Mapping[str, Agreement],
) -> list[Shortfall]:
    lacks = []
    if gate.bound is not None and bound.share > gate.bound:
        lacks.append(Shortfall.BOUND)
    second = sum(1 for passage in one.passages if passage.second)
    if second < math.ceil(gate.second_reader * len(one.passages) - _ROUNDING):
        lacks.append(Shortfall.SECOND_READER)
    if planted and found / planted < gate.detection:
        lacks.append(Shortfall.DETECTION)
    overlap = agreed[ALL].overlap
    if agreed[ALL].marks >= FEWEST_MARKS and overlap is not None and overlap < gate.agreement:
        lacks.append(Shortfall.AGREEMENT)
    if one.signed is not None and gate.other_signer and one.signed.by in one.readers:
        lacks.append(Shortfall.SIGNER)
    return lacks


def _recapture(
    pairs: Mapping[int, tuple[Reading, Reading]], missed: Mapping[int, Sequence[Span]]
) -> Recapture:
    """Count which of two readers found what was missed, in the passages that both read."""
    both = first_only = second_only = 0
    for at, (first, second) in pairs.items():
        for span in missed.get(at, ()):
            by_first = any(_overlap(span, other) for other in first.spans)
            by_second = any(_overlap(span, other) for other in second.spans)
            both += by_first and by_second
            first_only += by_first and not by_second
            second_only += by_second and not by_first
    return Recapture(both, first_only, second_only)


def _marks(pairs: Mapping[int, tuple[Reading, Reading]]) -> tuple[list[Mark], list[Mark]]:
    first = [_mark(at, span) for at, (one, _) in pairs.items() for span in one.spans]
    second = [_mark(at, span) for at, (_, one) in pairs.items() for span in one.spans]
    return first, second


def _mark(at: int, span: Span) -> Mark:
    return Mark(at, span.start, span.end, span.entity_type)


def _likeness(pair: tuple[Reading, Reading]) -> float:
    marks = [[_mark(0, span) for span in one.spans] for one in pair]
    return agreement(*marks)[ALL].by_character or 0.0


def _keys(spans: Sequence[Span]) -> list[tuple[int, int, str]]:
    return [(one.start, one.end, one.entity_type) for one in spans]


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
