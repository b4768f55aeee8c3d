# SPDX-License-Identifier: Apache-2.0
"""The marks of words that may be misheard, where those words stand in the de-identified text."""

from __future__ import annotations

from services.corrections.doubtful_words import between_spaces
from services.deidentification.domain.review_flags import OffsetMap
from services.deidentification.domain.transcript import Turn


def doubtful_words(turn: Turn, moved: OffsetMap) -> tuple[tuple[int, int], ...]:
    """Return the places of doubtful words in the de-identified text of a turn, in order.

    A word has no mark where it, or what is written together with it, was replaced even in part:
    what is left of it would tell that something was misheard there.
    """
    places = []
    for word in turn.asr_words:
        if not word.doubtful:
            continue
        start, end = between_spaces(turn.text, word.start, word.end)
        if moved.new_range(start, end) is None:
            continue
        place = moved.new_range(*_without_punctuation(turn.text, word.start, word.end))
        if place is not None and place[0] < place[1]:
            places.append(place)
    return tuple(places)


def _without_punctuation(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return start, end
