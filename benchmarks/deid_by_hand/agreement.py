# SPDX-License-Identifier: Apache-2.0
"""How far two people who marked the same interviews agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.deid_by_hand.marks import Interview, Mark
from services.deidentification.domain.entities import DIRECT


@dataclass
class Agreement:
    """Marks of both, those that are the same letter by letter, and those of each that overlap one
    of the other.
    """

    first: int = 0
    second: int = 0
    same: int = 0
    first_met: int = 0
    second_met: int = 0

    @property
    def exact(self) -> float:
        """F1 of marks that are the same letter by letter."""
        return _ratio(2 * self.same, self.first + self.second)

    @property
    def overlap(self) -> float:
        """F1 of marks that overlap: the harmonic mean of the share of each one's that the other
        met.
        """
        one, two = _ratio(self.first_met, self.first), _ratio(self.second_met, self.second)
        return _ratio(2 * one * two, one + two)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def agreement(
    first: Sequence[Interview], second: Sequence[Interview]
) -> tuple[dict[str, Agreement], int]:
    """Return the agreement by type, under `any` and `direct` that of marks whatever their type,
    and the number of interviews that both marked.

    Raises ValueError where the texts of an interview differ, or both have none in common.
    """
    others = {interview.name: interview for interview in second}
    rows: dict[str, Agreement] = defaultdict(Agreement)
    pairs = [(one, others[one.name]) for one in first if one.name in others]
    if not pairs:
        raise ValueError("both folders have no interview with the same id")
    for one, two in pairs:
        if one.turns != two.turns:
            raise ValueError(f"the words of {one.name} differ; marks alone may")
        _count(rows["any"], _untyped(one.marks), _untyped(two.marks))
        _count(
            rows["direct"],
            _untyped(m for m in one.marks if m.kind in DIRECT),
            _untyped(m for m in two.marks if m.kind in DIRECT),
        )
        for kind in sorted({m.kind for m in (*one.marks, *two.marks)}):
            _count(
                rows[kind],
                {m for m in one.marks if m.kind == kind},
                {m for m in two.marks if m.kind == kind},
            )
    return dict(rows), len(pairs)


def _untyped(marks: Iterable[Mark]) -> set[Mark]:
    return {Mark(m.turn, m.start, m.end, "") for m in marks}


def _count(row: Agreement, first: set[Mark], second: set[Mark]) -> None:
    row.first += len(first)
    row.second += len(second)
    row.same += len(first & second)
    row.first_met += sum(any(_meet(a, b) for b in second) for a in first)
    row.second_met += sum(any(_meet(a, b) for b in first) for a in second)


def _meet(a: Mark, b: Mark) -> bool:
    return a.turn == b.turn and a.start < b.end and b.start < a.end
