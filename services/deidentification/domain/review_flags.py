# SPDX-License-Identifier: Apache-2.0
"""Flags for the reviewer: where a de-identified transcript may still hold an identifier, and why.

On the wire a flag is a `Doubt`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from services.deidentification.domain.transcript import Redaction


class Reason(StrEnum):
    """Why a place is flagged."""

    TAGGED = "tagged"
    SAME_AS_NAME = "same_as_name"
    NAME_LIKE = "name_like"
    BESIDE_NAME = "beside_name"
    PLACE_LIKE = "place_like"
    NUMBER = "number"
    DATE_OR_AGE = "date_or_age"
    ADDRESS_SIGN = "address_sign"
    SPELLED = "spelled"
    NEARLY = "nearly"
    UNKNOWN_WORD = "unknown_word"
    OTHER_SCRIPT = "other_script"
    MISHEARD = "misheard"


# A weight that leaves the clinical zone is one of these, so that it says little of the words around
# the place, which it is made from as well.
LEVELS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.18, 0.25, 0.35, 0.5, 0.7, 0.9)


def level(probability: float) -> float:
    """Return the greatest level that a probability reaches."""
    return LEVELS[bisect_right(LEVELS, probability) - 1]


@dataclass(frozen=True, slots=True, order=True)
class ReviewFlag:
    """Where a reviewer should look: offsets in the de-identified turn, the reason, and the
    probability (0 to 1) that an identifier is left there. It holds no text.
    """

    turn: int
    start: int
    end: int
    reason: Reason
    weight: float


class OffsetMap:
    """A map from offsets of an original turn to offsets of its de-identified text."""

    def __init__(self, redactions: Iterable[Redaction]) -> None:
        self._items = sorted(redactions, key=lambda r: r.start)
        self._starts = [r.start for r in self._items]
        grown = accumulate(len(r.replacement) - (r.end - r.start) for r in self._items)
        self._shifts = [0, *grown]

    def new_range(self, start: int, end: int) -> tuple[int, int] | None:
        """Return where the range is now; None where a replacement touches it."""
        before = bisect_right(self._starts, start)
        if before and self._items[before - 1].end > start:
            return None
        if before < len(self._items) and self._starts[before] < end:
            return None
        return start + self._shifts[before], end + self._shifts[before]

    def new_place(self, offset: int) -> int | None:
        """Return where the place before a code point is now; None where it is in a replacement."""
        before = bisect_left(self._starts, offset)
        if before and self._items[before - 1].end > offset:
            return None
        return offset + self._shifts[before]

    def new_outer(self, start: int, end: int) -> tuple[int, int]:
        """Return where the range is now, with the whole of each replacement that it touches."""
        first, last = bisect_right(self._starts, start), bisect_left(self._starts, end)
        if first and self._items[first - 1].end > start:
            start, first = self._items[first - 1].start, first - 1
        end = max(end, self._items[last - 1].end) if last else end
        return start + self._shifts[first], end + self._shifts[last]

    def replacements(self) -> Iterator[tuple[Redaction, int, int]]:
        """Yield each replacement with its place in the de-identified text."""
        for r, shift in zip(self._items, self._shifts, strict=False):
            yield r, r.start + shift, r.start + shift + len(r.replacement)


def offset_maps(redactions: Iterable[Redaction]) -> Mapping[int, OffsetMap]:
    """Return the offset maps of all turns that hold replacements."""
    turns: dict[int, list[Redaction]] = defaultdict(list)
    for redaction in redactions:
        turns[redaction.turn].append(redaction)
    return {turn: OffsetMap(items) for turn, items in turns.items()}
