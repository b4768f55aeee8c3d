# SPDX-License-Identifier: Apache-2.0
"""Search for the names of the sealed roster, in the forms that speech recognisers make of them:
joined, split, shortened, misspelt. Unlike closure, it accepts a name that is also an ordinary word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import DamerauLevenshtein

from services.deidentification.domain import phonetic, scores
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.domain.vocabulary import RELATION, STOP, TITLES

Words = tuple[str, ...]
_SCORE = scores.STRONG
_LONG = 6  # letters from which two words may be one name


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """A name that must always be found; `kind` is an entity type, `role` says who a person is
    (participant, brother, nurse, ...). `chosen` where somebody named it to be found; False where a
    recording brings it, so that one that is an ordinary word is found where it is used as a name.
    """

    name: str
    kind: str = "PERSON"
    role: str = ""
    chosen: bool = True


class RosterMatcher:
    """Searches for people of the roster by joined and split words, and for places by their parts.

    `heads` are words that name a kind of place and no place: hospital, jalan.
    """

    def __init__(self, roster: Iterable[RosterEntry], heads: frozenset[str]) -> None:
        self._heads = heads
        self._joined: set[str] = set()
        self._long: dict[str, set[str]] = defaultdict(set)
        self._phrases: dict[str, set[tuple[Words, str]]] = defaultdict(set)
        for entry in roster:
            if entry.kind == "PERSON":
                self._add_person(entry.name)
            else:
                self._add_place(tuple(t.norm for t in Document.of(entry.name).tokens), entry.kind)

    def _add_person(self, name: str) -> None:
        """Add a person; `Wei Ling` is `weiling` as well, and `Hafizuddin` may be `hafiz udin`."""
        words = [t.norm for t in Document.of(name).tokens]
        words = [w for w in words if w not in RELATION and w not in TITLES]
        for left, right in pairwise(words):
            if len(left) + len(right) >= _LONG - 1:
                self._joined.add(left + right)
                self._add_long(left + right)
        for word in words:
            self._add_long(word)

    def _add_long(self, word: str) -> None:
        if len(word) >= _LONG:
            self._long[phonetic.key(word)].add(word)

    def _add_place(self, words: Words, kind: str) -> None:
        """Add a place or body: whole, and by any words in a row that name more than a kind."""
        forms = {words} if words else set()
        for size in range(2, len(words)):
            forms |= {words[at : at + size] for at in range(len(words) - size + 1)}
        for form in forms:
            if form == words or not all(word in self._heads for word in form):
                for key in (form[0], _sound(form[0])):
                    self._phrases[key].add((form, kind))

    def find(self, doc: Document, free: Sequence[int]) -> Iterator[Span]:
        """Yield mentions that touch tokens which no other finding covers (`free`, their
        indices).
        """
        uncovered = set(free)
        for index in free:
            token = doc.tokens[index]
            if token.norm in self._joined:
                yield Span(token.start, token.end, "PERSON", _SCORE, "roster")
        # A half of a name may be found as a name of its own: hafis Udin.
        for first in sorted({index - back for index in free for back in (0, 1)}):
            if 0 <= first < len(doc.tokens) - 1 and self._split(doc, first):
                start, end = doc.tokens[first].start, doc.tokens[first + 1].end
                yield Span(start, end, "PERSON", _SCORE, "roster")
        if self._phrases:
            yield from self._places(doc, uncovered)

    def _split(self, doc: Document, index: int) -> bool:
        left, right = doc.tokens[index].norm, doc.tokens[index + 1].norm
        both = left + right
        if len(both) < _LONG or not doc.adjacent(index + 1) or {left, right} & STOP:
            return False
        names = self._long.get(phonetic.key(both), ())
        return any(DamerauLevenshtein.distance(both, name, score_cutoff=2) <= 2 for name in names)

    def _places(self, doc: Document, uncovered: set[int]) -> Iterator[Span]:
        tokens = doc.tokens
        for index, token in enumerate(tokens):
            found = self._phrases.get(token.norm, set()) | self._phrases.get(
                _sound(token.norm), set()
            )
            for words, kind in sorted(found, key=lambda one: (-len(one[0]), one)):
                last = index + len(words) - 1
                if last >= len(tokens) or uncovered.isdisjoint(range(index, last + 1)):
                    continue
                if any("\n" in tokens[at].gap for at in range(index + 1, last + 1)):
                    continue
                if all(_alike(tokens[index + n].norm, word) for n, word in enumerate(words)):
                    yield Span(token.start, tokens[last].end, kind, _SCORE, "roster")
                    break


def _sound(word: str) -> str:
    return "~" + phonetic.key(word) if len(word) >= 3 else word


def _alike(left: str, right: str) -> bool:
    """Return whether a word may be a misspelling of a place's word; short ones must be nearly
    equal.
    """
    if left == right:
        return True
    if min(len(left), len(right)) < 3 or phonetic.key(left) != phonetic.key(right):
        return False
    allowed = 2 if min(len(left), len(right)) >= 7 else 1
    return DamerauLevenshtein.distance(left, right, score_cutoff=allowed) <= allowed
