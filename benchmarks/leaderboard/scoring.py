# SPDX-License-Identifier: Apache-2.0
"""Scores what any engine found by the code that scores ours: `sotto deid evaluate`'s."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from services.deidentification.domain.engine import EngineResult
from services.deidentification.domain.policy import Policy
from services.deidentification.domain.risk import RiskReport
from services.deidentification.domain.transcript import Redaction, Transcript
from services.deidentification.domain.vault import Vault
from services.deidentification.evaluation import Figures

Found = tuple[int, int, int, str]  # turn, start, end, type


def redactions(turns: Sequence[str], spans: Iterable[Found]) -> tuple[Redaction, ...]:
    """Return spans as replacements that do not overlap; where two do, the first one's type stays.

    Raises ValueError where a span is outside of its turn.
    """
    kinds: dict[int, list[str]] = defaultdict(list)
    for turn, start, end, kind in spans:
        if not (0 <= turn < len(turns) and 0 <= start < end <= len(turns[turn])):
            raise ValueError(f"a span is outside of its turn: {turn}, {start} to {end}")
        letters = kinds[turn] = kinds[turn] or [""] * len(turns[turn])
        for at in range(start, end):
            letters[at] = letters[at] or kind or "OTHER"
    made = []
    for turn, letters in sorted(kinds.items()):
        at = 0
        for kind, run in groupby(letters):
            end = at + len(list(run))
            if kind:
                made.append(Redaction(turn, at, end, kind, "[...]", 1.0, "other"))
            at = end
    return tuple(made)


class Recorded:
    """Answers as our engine would, with what another one found in the same interviews."""

    def __init__(self, policy: Policy, interviews: dict[tuple[str, ...], Sequence[Found]]) -> None:
        self.policy = policy
        self._interviews = interviews

    def deidentify(self, transcript: Transcript, **_: object) -> EngineResult:
        """Return the replacements; the second look, which no other engine has, shows nothing."""
        turns = tuple(turn.text for turn in transcript.turns)
        return EngineResult(
            texts=turns,
            speakers=(),
            redactions=redactions(turns, self._interviews[turns]),
            vault=Vault(),
            report=RiskReport(0.0, (), (), 0, 0),
        )


@dataclass(frozen=True)
class Score:
    """The figures of one row of the leaderboard."""

    interviews: int
    direct: int
    direct_left: float
    direct_interval: tuple[float, float]
    all_left: float
    precision: float
    clean: float
    person: float
    person_precision: float
    person_precision_titles: float

    @classmethod
    def of(cls, figures: Figures) -> Score:
        """Return the scores of what was measured."""
        raw = figures.as_json(misses=False)
        person, low_high = raw["typed_person"], raw["direct"]["nothing_identifying_left_interval"]
        return cls(
            interviews=raw["documents"],
            direct=raw["direct"]["spans"],
            direct_left=raw["direct"]["nothing_identifying_left"],
            direct_interval=(low_high[0], low_high[1]),
            all_left=raw["all"]["nothing_identifying_left"],
            precision=raw["character_precision"],
            clean=raw["second_look"]["without_direct_share"],
            person=person["recall"],
            person_precision=person["character_precision"],
            person_precision_titles=person["character_precision_titles_forgiven"],
        )
