# SPDX-License-Identifier: Apache-2.0
"""Finding the words that a replacement stands for, in the identified text of the same segment."""

from __future__ import annotations

from collections.abc import Sequence

from services.corrections.model import Replacement


def align(
    identified: str, deidentified: str, replacements: Sequence[Replacement]
) -> list[str | None]:
    """Return the original words of each replacement, in order; None where they are ambiguous.

    What stands between replacements is the same in both texts. All are None when it is not, because
    the identified transcript was made anew since.
    """
    return [
        None if place is None else identified[place[0] : place[1]]
        for place in places(identified, deidentified, replacements)
    ]


def places(
    identified: str, deidentified: str, replacements: Sequence[Replacement]
) -> list[tuple[int, int] | None]:
    """Return where in the identified text the original of each replacement is, as `align` does.

    A place is its first code point and the one behind its last.
    """
    ordered = sorted(replacements, key=lambda one: one.start)
    edges = [0, *(edge for one in ordered for edge in (one.start, one.end)), len(deidentified)]
    kept = [deidentified[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2)]
    first = _leftmost(identified, kept)
    if first is None:
        return [None] * len(ordered)
    # Each piece lies between its leftmost and its rightmost place; where the two agree, no other
    # way to cut the text exists.
    backwards = _leftmost(identified[::-1], [piece[::-1] for piece in reversed(kept)])
    if backwards is None:
        return [None] * len(ordered)
    last = [
        len(identified) - start - len(piece)
        for start, piece in zip(reversed(backwards), kept, strict=True)
    ]
    found: list[tuple[int, int] | None] = []
    for number in range(len(ordered)):
        certain = first[number] == last[number] and first[number + 1] == last[number + 1]
        place = (first[number] + len(kept[number]), first[number + 1])
        found.append(place if certain else None)
    return found


def _leftmost(text: str, pieces: Sequence[str]) -> list[int] | None:
    """Return the leftmost place of each piece with at least one character between any two.

    The first piece begins the text and the last one ends it. Return None when they do not fit.
    """
    if len(pieces) == 1:
        return [0] if text == pieces[0] else None
    if not text.startswith(pieces[0]):
        return None
    starts, end = [0], len(pieces[0])
    for piece in pieces[1:-1]:
        start = text.find(piece, end + 1)
        if start < 0:
            return None
        starts.append(start)
        end = start + len(piece)
    start = len(text) - len(pieces[-1])
    if start <= end or not text.endswith(pieces[-1]):
        return None
    return [*starts, start]
