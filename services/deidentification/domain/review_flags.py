# SPDX-License-Identifier: Apache-2.0
"""Flags for the reviewer: where a de-identified transcript may still hold an identifier, and why.

On the wire a flag is a `Doubt`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from rapidfuzz.distance import DamerauLevenshtein

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain import phonetic
from services.deidentification.domain.closure import name_words
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.policy import Policy
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Finding, Redaction, Turn
from services.deidentification.domain.vocabulary import ADDRESS, KIN, STOP, TITLES
from services.deidentification.word_files import read_words

_WORDS = read_words("people")

_NAMING = _WORDS.words("naming before a misheard name")
# Weights of a word whose probability is 0, which fall as that grows: behind a title or a naming
# phrase, or like a known name by sound; and elsewhere.
_EXPECTED, _LOW_PROBABILITY = 0.5, 0.12


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


def low_probability_words(
    turns: Sequence[Turn],
    maps: Mapping[int, OffsetMap],
    findings: Iterable[Finding],
    names: Iterable[str],
    policy: Policy,
    lexicon: Lexicon,
) -> Iterator[ReviewFlag]:
    """Flag words of low probability that could be a name: an unknown word, a name, a word where a
    name is expected, or one that sounds like a name of the transcript or the roster.
    """
    below = policy.review.word_probability_below
    doubted = [
        (n, turn) for n, turn in enumerate(turns) if any(h.below(below) for h in turn.asr_words)
    ]
    if not doubted:
        return
    people = (turns[f.turn].text[f.start : f.end] for f in findings if f.entity_type == "PERSON")
    sounds = _sounds([*people, *names], lexicon)
    unchanged = OffsetMap(())
    for number, turn in doubted:
        doc = Document.of(turn.text)
        ends = [t.end for t in doc.tokens]
        for word in turn.asr_words:
            index = bisect_right(ends, word.start)
            if not word.below(below) or index >= len(ends):
                continue
            token = doc.tokens[index]
            if token.start >= word.end:
                continue
            most = _name_weight(doc, index, sounds, lexicon)
            if not most:
                continue
            moved = maps.get(number, unchanged).new_range(token.start, token.end)
            if moved is not None:
                weight = level(most * (1.0 - word.probability))
                yield ReviewFlag(number, *moved, Reason.MISHEARD, weight)


def _sounds(names: Iterable[str], lexicon: Lexicon) -> Mapping[str, frozenset[str]]:
    """Return the words of names by their sound key."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in dict.fromkeys(names):
        for word in name_words(name, lexicon):
            if len(word) >= 4:
                found[phonetic.key(word)].add(word)
    return {key: frozenset(words) for key, words in found.items()}


def _name_weight(
    doc: Document, index: int, sounds: Mapping[str, frozenset[str]], lexicon: Lexicon
) -> float:
    """Return how much a word weighs that a recogniser doubted; 0 where it can be no name."""
    token = doc.tokens[index]
    word = token.norm
    if len(word) < 3 or not any(c.isalpha() for c in word):
        return 0.0
    before = doc.tokens[index - 1].norm if index else ""
    if before in TITLES or before in ADDRESS or before in KIN or before in _NAMING:
        return _EXPECTED if word not in STOP else 0.0
    if before == "is" and index > 1 and doc.tokens[index - 2].norm in ("name", "names"):
        return _EXPECTED
    if word in STOP:
        return 0.0
    alike = sounds.get(phonetic.key(word), frozenset()) if len(word) >= 4 else frozenset()
    if any(DamerauLevenshtein.distance(word, n, score_cutoff=3) <= 3 for n in alike):
        return _EXPECTED
    if doc.cased and token.capital and not token.initial:
        return _LOW_PROBABILITY
    if not lexicon.known(word) or (lexicon.of(word) & lx.NAME and not lexicon.ordinary(word)):
        return _LOW_PROBABILITY
    return 0.0
