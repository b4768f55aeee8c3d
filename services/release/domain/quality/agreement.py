# SPDX-License-Identifier: Apache-2.0
"""How far two readers agree on what they marked.

F1 and not kappa: of the places that nobody marked there are as many as one likes, and kappa tends
to F1 as they grow (Hripcsak & Rothschild 2005, JAMIA 12). It is worked out by entity type.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ALL = "all"


@dataclass(frozen=True, order=True)
class Mark:
    """A place that a reader marked, in code points of the text of a passage."""

    passage: int
    start: int
    end: int
    entity_type: str

    def overlaps(self, other: Mark) -> bool:
        """Return whether both share a code point."""
        return self.passage == other.passage and self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Agreement:
    """F1 of two readers over one entity type; None where neither marked anything.

    `exact` counts the same places, `overlap` those that share a code point, `by_character` the code
    points.
    """

    marks: int
    exact: float | None
    overlap: float | None
    by_character: float | None


def agreement(first: Iterable[Mark], second: Iterable[Mark]) -> dict[str, Agreement]:
    """Return the agreement over all types under `all`, and by type; a mark counts once."""
    ours, theirs = sorted(set(first)), sorted(set(second))
    types = sorted({one.entity_type for one in (*ours, *theirs)})
    found = {ALL: _agreement(_untyped(ours), _untyped(theirs))}
    for name in types:
        found[name] = _agreement(
            [one for one in ours if one.entity_type == name],
            [one for one in theirs if one.entity_type == name],
        )
    return found


def _agreement(ours: Sequence[Mark], theirs: Sequence[Mark]) -> Agreement:
    marks = len({*ours, *theirs})
    exact = len(set(ours) & set(theirs))
    mine = sum(1 for one in ours if any(one.overlaps(other) for other in theirs))
    yours = sum(1 for one in theirs if any(one.overlaps(other) for other in ours))
    ours_at, theirs_at = _points(ours), _points(theirs)
    return Agreement(
        marks,
        _f1(2 * exact, len(ours) + len(theirs)),
        _f1(mine + yours, len(ours) + len(theirs)),
        _f1(2 * len(ours_at & theirs_at), len(ours_at) + len(theirs_at)),
    )


def _f1(agreed: int, marked: int) -> float | None:
    return agreed / marked if marked else None


def _points(marks: Iterable[Mark]) -> set[tuple[int, int]]:
    return {(one.passage, at) for one in marks for at in range(one.start, one.end)}


def _untyped(marks: Iterable[Mark]) -> list[Mark]:
    return sorted({Mark(one.passage, one.start, one.end, "") for one in marks})
