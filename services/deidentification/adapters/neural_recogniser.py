# SPDX-License-Identifier: Apache-2.0
"""A neural tagger as a Presidio recogniser: a threshold per class, a guard for ordinary words,
clean edges.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.entities import ALIASES, ENTITY_TYPES, TagThresholds
from services.deidentification.domain.numbers import REPEATS, UNITS
from services.deidentification.domain.ports import Tag, Tagger
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.domain.vocabulary import (
    ADDRESS,
    KIN,
    PARTICLES,
    RELATION,
    SECOND,
    STOP,
    TITLES,
)
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.recognisers.base import SottoRecognizer, credentials
from services.deidentification.recognisers.name_lexicon import DAYS, is_feast
from services.deidentification.recognisers.numbers import PUBLIC
from services.deidentification.word_files import read_words

_WORDS = read_words("tagger")

FLOOR = 0.02  # tags below this probability are noise
TYPES: Mapping[str, TagThresholds] = {
    row.name: row.tags for row in ENTITY_TYPES.values() if row.tags is not None
}
# What the bundled tagger calls a type, or another tagger may -> the type.
_LABELS = ALIASES | {
    row.tagger_label: row.name for row in ENTITY_TYPES.values() if row.tagger_label
}
_COUNTED_OFF = _WORDS.words("before a number that is not an age")
_AROUND = _WORDS.words("around a place")
_EDGES: Mapping[str, frozenset[str]] = {
    "PERSON": (STOP - {"ah"})
    | {"please", "umur", "age", "sila", "interviewer", "name", "place", "nama"},
    "LOCATION": (STOP - {"new", "old"}) | _AROUND,
    "ORGANIZATION": (STOP - {"the", "new", "first", "second", "one", "people", "work", "home"})
    | _AROUND,
    "FACILITY": STOP | _AROUND,
    "DATE_TIME": frozenset(
        "in on at since from until till by during pada sejak dalam of and the interviewer".split()
    ),
}


#: Score of a span whose probability is its threshold, and what a certain one has above it: a tag
#: alone never reaches the 1.0 of a pattern with a check digit.
AT_THRESHOLD, ABOVE_THRESHOLD = 0.5, 0.49
#: Probability that a person needs where no word of the span can be a name, such as a bare title.
NO_NAME_WORD = 0.9


def calibrated(probability: float, threshold: float) -> float:
    """Return a probability on our scale of scores, where 0.5 is the threshold: linear on both sides
    of it.
    """
    if probability >= threshold:
        share = (probability - threshold) / max(1.0 - threshold, 1e-6)
        return AT_THRESHOLD + ABOVE_THRESHOLD * share
    return AT_THRESHOLD * probability / threshold


class NeuralRecognizer(SottoRecognizer):
    """Spans of a tagger over the turns of a joined text."""

    ENTITIES = tuple(TYPES)

    def __init__(self, tagger: Tagger, thresholds: Mapping[str, TagThresholds] = TYPES) -> None:
        super().__init__()
        self._tagger = tagger
        self._thresholds = thresholds
        self._own = threading.local()

    @contextmanager
    def prefetch(self, texts: Sequence[str]) -> Iterator[None]:
        """Let the tagger read texts, one after the other, while others look at them; `find` in
        this thread takes what was read.
        """
        with ThreadPoolExecutor(1, "reader") as reader:
            self._own.read = {
                text: reader.submit(self._tagger.tag, text.split("\n"))
                for text in dict.fromkeys(texts)
            }
            try:
                yield
            finally:
                for future in self._own.read.values():
                    future.cancel()
                del self._own.read

    def find(self, doc: Document) -> Iterator[Span]:
        """Yield the tags of every line at the line's offsets."""
        lines = doc.text.split("\n")
        tagged = self._tagged(doc.text)
        starts = [t.start for t in doc.tokens]
        ends = [t.end for t in doc.tokens]
        base = 0
        for line, tags in zip(lines, tagged, strict=True):
            for tag in tags:
                kind = _LABELS.get(tag.label, tag.label)
                if kind not in self.ENTITIES or tag.score < FLOOR:
                    continue
                first = bisect_right(ends, base + tag.start)
                last = bisect_left(starts, base + tag.end) - 1
                found = self._judge(doc, first, last, kind, tag.score)
                if found is not None:
                    yield found
            base += len(line) + 1

    def tags(self, text: str) -> Iterator[Span]:
        """Yield the tagger's spans as they are, with its probability as their score."""
        base = 0
        for line, tags in zip(text.split("\n"), self._tagged(text), strict=True):
            for tag in tags:
                kind = _LABELS.get(tag.label, tag.label)
                if kind in self.ENTITIES and tag.score >= FLOOR:
                    yield Span(base + tag.start, base + tag.end, kind, tag.score, self.name)
            base += len(line) + 1

    def _tagged(self, text: str) -> Sequence[Sequence[Tag]]:
        """Return the tagger's spans of each line, those of `prefetch` where it was asked for
        them.
        """
        read: Mapping[str, Future[Sequence[Sequence[Tag]]]] = getattr(self._own, "read", {})
        future = read.get(text)
        return self._tagger.tag(text.split("\n")) if future is None else future.result()

    def _judge(
        self, doc: Document, first: int, last: int, kind: str, probability: float
    ) -> Span | None:
        """Return the span with clean edges and the score that its words allow; None where nothing
        is left.
        """
        edges = _EDGES.get(kind, frozenset())
        tokens = doc.tokens
        while first <= last and self._edge(doc, first, edges, kind):
            first += 1
        while last >= first and self._edge(doc, last, edges, kind):
            last -= 1
        if kind == "PERSON":
            first, last = self._core(doc, first, last)
            last = credentials(doc, last) if first <= last else last
        if first > last or self._otherwise(doc, first, last, kind):
            return None
        thresholds = self._thresholds[kind]
        threshold = thresholds.least
        book = load_lexicon()
        telling = [
            t.norm
            for t in tokens[first : last + 1]
            if t.norm not in TITLES
            and t.norm not in ADDRESS
            and t.norm not in RELATION
            and t.norm not in PARTICLES
        ]
        capital = any(
            doc.cased and t.capital and not t.initial
            for t in tokens[first : last + 1]
            if t.norm in telling
        )
        if not telling and kind == "PERSON":
            threshold = max(threshold, NO_NAME_WORD)
        elif not capital and all(book.plain(w) or w in STOP for w in telling):
            titled = len(telling) < last - first + 1 and kind == "PERSON"
            threshold = max(
                threshold, (thresholds.ambiguous if titled else thresholds.plain) or 0.0
            )
        elif not capital and all(book.ordinary(w) for w in telling):
            threshold = max(threshold, thresholds.ambiguous or 0.0)
        return self.span(doc, first, last, kind, calibrated(probability, threshold))

    def _otherwise(self, doc: Document, first: int, last: int, kind: str) -> bool:
        """Return whether the words are known to be something else, whatever the tagger says."""
        words = doc.tokens[first : last + 1]
        if kind == "PERSON":
            rest = words[1:] if is_feast(doc, first) else words
            if all(t.case == "d" for t in rest):
                return True
            return all(t.norm in DAYS or load_lexicon().of(t.norm) & lx.THING for t in words)
        if kind == "AGE":  # `Form 4`, `participant eleven`
            return bool(first) and doc.tokens[first - 1].norm in _COUNTED_OFF
        return kind == "ID_NUMBER" and not self._numbered(doc, first, last)

    @staticmethod
    def _numbered(doc: Document, first: int, last: int) -> bool:
        """Return whether a code holds digits, written or said, and is nobody's."""
        words = [t.norm for t in doc.tokens[first : last + 1]]
        if "".join(words) in PUBLIC:
            return False
        said = sum(w in UNITS or w in REPEATS for w in words)
        return said >= 4 or sum(c.isdecimal() for w in words for c in w) >= 3

    @staticmethod
    def _core(doc: Document, first: int, last: int) -> tuple[int, int]:
        """Return a person's span without the everyday words at its edges, unless it has nothing
        else.
        """
        book = load_lexicon()

        def loose(index: int) -> bool:
            token = doc.tokens[index]
            capital = doc.cased and token.capital and not token.initial
            return (
                book.plain(token.norm)
                and not capital
                and token.norm not in TITLES
                and token.norm not in ADDRESS
                and token.norm not in SECOND
                and token.norm not in KIN
            )

        solid = [i for i in range(first, last + 1) if not loose(i)]
        return (solid[0], solid[-1]) if solid else (first, last)

    @staticmethod
    def _edge(doc: Document, index: int, edges: frozenset[str], kind: str) -> bool:
        """Return whether the word at an edge of a span does not belong to it."""
        token = doc.tokens[index]
        if token.norm not in edges:
            return False
        if kind == "PERSON" and (
            token.norm in TITLES or token.norm in ADDRESS or token.norm in SECOND
        ):
            return False
        return not (
            doc.cased
            and token.capital
            and not token.initial
            and load_lexicon().of(token.norm) & lx.NAME
        )
