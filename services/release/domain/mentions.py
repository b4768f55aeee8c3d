# SPDX-License-Identifier: Apache-2.0
"""Where the same is mentioned in a run: the same label, or the same doubtful words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.corrections.model import CorrectionKind, MarkedPlace, RunCorrections, SegmentText
from services.release.errors import NoSuchPlace

Spot = tuple[int, int, int]


def labelled(
    texts: Sequence[SegmentText], corrections: RunCorrections, label: str
) -> Mapping[Spot, str]:
    """Return the places that bear a label now, by the engine or a reviewer, with their types."""
    found: dict[Spot, str] = {}
    for index, text in enumerate(texts):
        for one in text.replacements:
            is_left = not corrections.touch(index, one.start, one.end)
            if is_left and text.text[one.start : one.end] == label:
                found[index, one.start, one.end] = one.entity_type
    words = {CorrectionKind.RESTORE, CorrectionKind.WORDING}
    for made in corrections.corrections:
        if made.kind not in words and made.text == label:
            found[made.place] = made.entity_type
    return dict(sorted(found.items()))


def alike(
    texts: Sequence[SegmentText], place: MarkedPlace, *, doubts_only: bool
) -> list[MarkedPlace] | None:
    """Return the replacements with the same label as a replacement, or the doubtful places of the
    same words; None where the engine has to look for words. Raises NoSuchPlace.
    """
    if place.segment >= len(texts) or not 0 <= place.start < place.end:
        raise _no_place(place)
    own = texts[place.segment]
    if place.end > len(own.text):
        raise _no_place(place)
    words = own.text[place.start : place.end]
    if any((one.start, one.end) == (place.start, place.end) for one in own.replacements):
        return [
            MarkedPlace(index, one.start, one.end)
            for index, text in enumerate(texts)
            for one in text.replacements
            if text.text[one.start : one.end] == words
        ]
    if not doubts_only:
        return None
    return [
        MarkedPlace(index, *spot)
        for index, text in enumerate(texts)
        for spot in sorted({(one.start, one.end) for one in text.doubts})
        if text.text[slice(*spot)].casefold() == words.casefold()
    ]


def _no_place(place: MarkedPlace) -> NoSuchPlace:
    return NoSuchPlace(
        f"segment {place.segment} has no characters {place.start} to {place.end}; look again"
    )
