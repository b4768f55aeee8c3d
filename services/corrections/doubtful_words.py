# SPDX-License-Identifier: Apache-2.0
"""Words that may be misheard, in a text of which parts are replaced."""

from __future__ import annotations

from collections.abc import Iterable

from services.corrections.replay import CorrectedText


def between_spaces(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the place of all that is written together with a word.

    What is left of a word that was replaced in part would tell, by its mark, that something was
    misheard there.
    """
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, end


def standing(
    text: str, words: Iterable[tuple[int, int]], corrected: CorrectedText
) -> tuple[tuple[int, int], ...]:
    """Return the places in a corrected text of doubtful words of the run's own `text`, without
    those of which a correction changed any part: a person has seen these.
    """
    return tuple(
        corrected.place_of(*word)
        for word in words
        for start, end in [between_spaces(text, *word)]
        if not any(one.overlaps(start, end) for one in corrected.corrections)
    )
