# SPDX-License-Identifier: Apache-2.0
"""Pauses and overlap, of which the times of words tell, at places of the de-identified text.

Times themselves stay in the clinical zone: how long a name was would be among them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from services.deidentification.domain.review_flags import OffsetMap
from services.deidentification.domain.transcript import AsrWord, Turn

_SHORTEST_PAUSE_MS = 500
"""Silence between words below which the times of words say too little: they are good to some tenths
of a second."""

_TENTH_MS = 100
_SHORTEST_OVERLAP_MS = 300
_FIRST_IDEOGRAPH = "\u2e80"
"""From here on writing has no spaces between words (Unicode, CJK Radicals Supplement)."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A silence before a code point of the de-identified turn, in milliseconds to a tenth of a
    second.
    """

    at: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """Code points of the de-identified turn that were said while another speaker spoke; `comes_in`
    where the other one spoke before.
    """

    start: int
    end: int
    comes_in: bool


def pauses(turn: Turn, moved: OffsetMap) -> tuple[Pause, ...]:
    """Return the pauses of a turn, in order; one within a replacement is left out."""
    found: list[Pause] = []
    for before, after in pairwise(turn.asr_words):
        silence = round((after.start_ms - before.end_ms) / _TENTH_MS) * _TENTH_MS
        if silence < _SHORTEST_PAUSE_MS or _is_within_a_word(turn.text, after.start):
            continue
        at = moved.new_place(after.start)
        if at is not None:
            found.append(Pause(at, silence))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Talk of one speaker without a pause."""

    start_ms: int
    end_ms: int


class SpokenTogether:
    """Who speaks when, to see which words were said while another speaker spoke."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        said: dict[str, list[AsrWord]] = defaultdict(list)
        for turn in turns:
            said[turn.speaker] += turn.asr_words
        self._talk: Mapping[str, list[_Stretch]] = {
            speaker: list(_stretches(words)) for speaker, words in said.items()
        }

    def overlaps(self, turn: Turn, moved: OffsetMap) -> tuple[Overlap, ...]:
        """Return the overlaps of a turn, in order; a replacement that is in one is in it whole."""
        found: list[Overlap] = []
        words = [(word, self._other(turn.speaker, word)) for word in turn.asr_words]
        for is_overlap, group in groupby(words, key=lambda one: one[1] is not None):
            run = list(group)
            (first, other), last = run[0], run[-1][0]
            if not is_overlap or last.end_ms - first.start_ms < _SHORTEST_OVERLAP_MS:
                continue
            own = _at(self._talk[turn.speaker], first.start_ms)
            comes_in = own is not None and other is not None and other.start_ms < own.start_ms
            start, end = moved.new_outer(first.start, last.end)
            if found and start < found[-1].end:
                found[-1] = Overlap(found[-1].start, end, found[-1].comes_in)
            else:
                found.append(Overlap(start, end, comes_in))
        return tuple(found)

    def _other(self, speaker: str, word: AsrWord) -> _Stretch | None:
        """Return the talk of another speaker that most of a word was said in."""
        middle = (word.start_ms + word.end_ms) // 2
        talk = (_at(spoken, middle) for other, spoken in self._talk.items() if other != speaker)
        return min(filter(None, talk), key=lambda one: one.start_ms, default=None)


def _stretches(words: Sequence[AsrWord]) -> Iterator[_Stretch]:
    start = end = -1
    for word in sorted(words, key=lambda one: one.start_ms):
        if start < 0:
            start, end = word.start_ms, word.end_ms
        elif word.start_ms - end >= _SHORTEST_PAUSE_MS:
            yield _Stretch(start, end)
            start, end = word.start_ms, word.end_ms
        else:
            end = max(end, word.end_ms)
    if start >= 0:
        yield _Stretch(start, end)


def _at(talk: Sequence[_Stretch], moment: int) -> _Stretch | None:
    index = bisect_right(talk, moment, key=lambda one: one.start_ms) - 1
    return talk[index] if index >= 0 and moment < talk[index].end_ms else None


def _is_within_a_word(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    beside = text[at - 1 : at + 1]
    return not any(char.isspace() for char in beside) and max(beside) < _FIRST_IDEOGRAPH
