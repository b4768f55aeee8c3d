# SPDX-License-Identifier: Apache-2.0
"""Places of the output that the first look was unsure of: weak findings, words heard badly."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from rapidfuzz.distance import DamerauLevenshtein

from services.deidentification.domain import phonetic
from services.deidentification.domain.closure import name_words
from services.deidentification.domain.policy import Policy
from services.deidentification.domain.risk import Place
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Finding, Redaction, Turn
from services.deidentification.domain.vocabulary import ADDRESS, KIN, STOP, TITLES
from services.deidentification.gazetteers import lexicon as lx

_NAMING = frozenset("named called bernama nama dipanggil panggil name's".split())
_MISHEARD = 0.3  # weight of a word that was surely heard wrongly


class Moved:
    """The way from offsets of an original turn to those of its de-identified text."""

    def __init__(self, redactions: Iterable[Redaction]) -> None:
        self._items = sorted(redactions, key=lambda r: r.start)
        self._starts = [r.start for r in self._items]
        grown = accumulate(len(r.replacement) - (r.end - r.start) for r in self._items)
        self._shifts = [0, *grown]

    def place(self, start: int, end: int) -> tuple[int, int] | None:
        """Where the range is now; None where a replacement touches it."""
        before = bisect_right(self._starts, start)
        if before and self._items[before - 1].end > start:
            return None
        if before < len(self._items) and self._starts[before] < end:
            return None
        return start + self._shifts[before], end + self._shifts[before]

    def replacements(self) -> Iterator[tuple[Redaction, int, int]]:
        """Each replacement with its own place in the de-identified text."""
        for r, shift in zip(self._items, self._shifts, strict=False):
            yield r, r.start + shift, r.start + shift + len(r.replacement)


def moved(redactions: Iterable[Redaction]) -> Mapping[int, Moved]:
    """The ways of all turns that hold replacements."""
    turns: dict[int, list[Redaction]] = defaultdict(list)
    for redaction in redactions:
        turns[redaction.turn].append(redaction)
    return {turn: Moved(items) for turn, items in turns.items()}


def uncertain(ways: Mapping[int, Moved], raw: Iterable[Finding], policy: Policy) -> Iterator[Place]:
    """What was taken with a low score, and what was seen and let go just below the line."""
    for turn, way in ways.items():
        for r, start, end in way.replacements():
            if r.score < policy.review.doubtful_below:
                yield Place(turn, start, end, "doubtful")
    nothing = Moved(())
    for f in raw:
        least = policy.least(f.entity_type)
        if f.entity_type not in policy.covered or not least * 0.6 <= f.score < least:
            continue
        place = ways.get(f.turn, nothing).place(f.start, f.end)
        if place is not None:
            yield Place(f.turn, *place, "doubtful")


def misheard(
    turns: Sequence[Turn],
    ways: Mapping[int, Moved],
    findings: Iterable[Finding],
    names: Iterable[str],
    policy: Policy,
) -> Iterator[Place]:
    """Words that the speech recogniser gave a low probability and that could be a name: an unknown
    word, a name, a word where a name is expected, or one that sounds like somebody in the talk.
    """
    below = policy.review.word_probability_below
    doubted = [(n, turn) for n, turn in enumerate(turns) if any(h.below(below) for h in turn.heard)]
    if not doubted:
        return
    people = (turns[f.turn].text[f.start : f.end] for f in findings if f.entity_type == "PERSON")
    sounds = _sounds([*people, *names])
    nothing = Moved(())
    for number, turn in doubted:
        doc = Document.of(turn.text)
        ends = [t.end for t in doc.tokens]
        for heard in turn.heard:
            index = bisect_right(ends, heard.start)
            if not heard.below(below) or index >= len(ends):
                continue
            token = doc.tokens[index]
            if token.start >= heard.end or not _could_be_name(doc, index, sounds):
                continue
            place = ways.get(number, nothing).place(token.start, token.end)
            if place is not None:
                weight = round(_MISHEARD * (1.0 - heard.probability), 4)
                yield Place(number, *place, "misheard", weight)


def _sounds(names: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Words of names by their sound."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in dict.fromkeys(names):
        for word in name_words(name):
            if len(word) >= 4:
                found[phonetic.key(word)].add(word)
    return {key: frozenset(words) for key, words in found.items()}


def _could_be_name(doc: Document, index: int, sounds: Mapping[str, frozenset[str]]) -> bool:
    token = doc.tokens[index]
    word, book = token.norm, lx.lexicon()
    if len(word) < 3 or not any(c.isalpha() for c in word):
        return False
    before = doc.tokens[index - 1].norm if index else ""
    if before in TITLES or before in ADDRESS or before in KIN or before in _NAMING:
        return word not in STOP
    if before == "is" and index > 1 and doc.tokens[index - 2].norm in ("name", "names"):
        return True
    if word in STOP:
        return False
    if doc.cased and token.capital and not token.initial:
        return True
    if not book.known(word) or (book.of(word) & lx.NAME and not book.ordinary(word)):
        return True
    alike = sounds.get(phonetic.key(word), frozenset()) if len(word) >= 4 else frozenset()
    return any(DamerauLevenshtein.distance(word, n, score_cutoff=3) <= 3 for n in alike)
