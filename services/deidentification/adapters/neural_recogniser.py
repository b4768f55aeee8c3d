# SPDX-License-Identifier: Apache-2.0
"""A neural tagger as a Presidio recogniser: a threshold per class, a guard for ordinary words,
clean edges.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby

from services.deidentification.adapters.name_evidence import NameEvidence
from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.entities import ALIASES, ENTITY_TYPES, TagThresholds
from services.deidentification.domain.numbers import REPEATS, UNITS
from services.deidentification.domain.ports import Tag, Tagger
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.domain.vocabulary import (
    ADDRESS,
    FILLERS,
    KIN,
    PARTICLES,
    RELATION,
    SECOND,
    SHY_ADDRESS,
    STOP,
    TITLES,
)
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.recognisers.base import SottoRecognizer, credentials
from services.deidentification.recognisers.name_lexicon import DAYS, FORMAL, MALAY_VERB, is_feast
from services.deidentification.recognisers.names import NameRecognizer
from services.deidentification.recognisers.numbers import PUBLIC
from services.deidentification.word_files import read_words

_WORDS, _INTERNET = read_words("tagger"), read_words("internet")
_NAMING = read_words("names").words("naming")

FLOOR = 0.02  # tags below this probability are noise
TYPES: Mapping[str, TagThresholds] = {
    row.name: row.tags for row in ENTITY_TYPES.values() if row.tags is not None
}
# What the bundled tagger calls a type, or another tagger may -> the type.
_LABELS = ALIASES | {
    row.tagger_label: row.name for row in ENTITY_TYPES.values() if row.tagger_label
}
_DOT, _AT = _INTERNET.words("dot"), _INTERNET.words("at")
_SLASH, _WEB = _WORDS.words("slash"), _WORDS.words("first words of web addresses")
_UNDERSCORE = _WORDS.words("underscore")
_CAPITALISED = frozenset({"ORGANIZATION", "LOCATION", "FACILITY"})
_PLACES = lx.PLACE | lx.PLACE_MY
_COUNTED_OFF = _WORDS.words("before a number that is not an age")
_PRICES, _NEAR_PRICE = _WORDS.words("talk of prices"), 30  # words
_OLD = frozenset().union(
    *map(read_words("ages").words, ("age words", "turning an age", "units of an age"))
)
_AROUND = _WORDS.words("around a place")
_EDGES: Mapping[str, frozenset[str]] = {
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
#: The most that a word has which only stands beside a name.
UNDER_THRESHOLD = 0.45
#: Probability from which a word beside a name belongs to it, though it is an everyday word.
CERTAIN = 0.8
#: Probability that a place or body needs where its words have no capital in a talk that has some.
IN_LOWER_CASE = 0.9


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
        self._names = NameRecognizer()
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
        tagged = self._tagged(doc.text)
        for kind, levels in _by_token(doc, tagged):
            if kind in self.ENTITIES and kind != "PERSON":
                found = self._judge(doc, min(levels), max(levels), kind, max(levels.values()))
                if found is not None:
                    yield found
        yield from self._people(doc, Candidates.of(doc, tagged, self._names))

    def _people(self, doc: Document, candidates: Candidates) -> Iterator[Span]:
        """Yield the people among what the tagger and the rules take for names."""
        accepted: dict[int, float] = {}
        for levels, probability in candidates.judged(doc):
            score = {i: calibrated(probability[i], self._least(doc, i)) for i in levels}
            for index, one in score.items():
                accepted[index] = max(one, accepted.get(index, 0.0))
            for first, end, is_part in _runs(doc, levels, score):
                last = credentials(doc, end)
                if not self._otherwise(doc, first, last, "PERSON"):
                    most = max(score.get(i, 0.0) for i in range(first, last + 1))
                    limit = (
                        1.0 if is_part and _names_somebody(doc, first, last) else UNDER_THRESHOLD
                    )
                    yield self.span(doc, first, last, "PERSON", min(most, limit))
        for first, last, span in candidates.spans:
            telling = [i for i in range(first, last + 1) if not _is_title(doc, i)]
            most = max((accepted.get(i, 0.0) for i in telling), default=0.0)
            yield replace(span, score=min(span.score, most) if most < AT_THRESHOLD else most)

    def _least(self, doc: Document, index: int) -> float:
        """Return the probability from which a word is a name: everyday words need more."""
        word = doc.tokens[index].norm
        thresholds = self._thresholds["PERSON"]
        plain = word not in TITLES and (word in STOP or load_lexicon().plain(word))
        return (thresholds.plain or 0.0) if plain else thresholds.least

    def tags(self, text: str) -> Iterator[Span]:
        """Yield the tagger's spans as they are, word by word where it tells each word's
        probability, with the probability as score.
        """
        base = 0
        for line, tags in zip(text.split("\n"), self._tagged(text), strict=True):
            for tag in tags:
                kind = _LABELS.get(tag.label, tag.label)
                if kind not in self.ENTITIES:
                    continue
                for start, end, level in tag.words or ((tag.start, tag.end, tag.score),):
                    if level >= FLOOR:
                        yield Span(base + start, base + end, kind, level, self.name)
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
        while first <= last and _edge(doc, first, edges):
            first += 1
        while last >= first and _edge(doc, last, edges):
            last -= 1
        if first > last:
            return None
        if kind == "ID_NUMBER":
            kind = _said_address(doc, first, last) or kind
        if self._otherwise(doc, first, last, kind):
            return None
        thresholds = self._thresholds[kind]
        threshold = thresholds.least
        book = load_lexicon()
        words = [t.norm for t in tokens[first : last + 1]]
        capital = any(doc.cased and t.capital and not t.initial for t in tokens[first : last + 1])
        if not capital and all(book.plain(w) or w in STOP for w in words):
            threshold = max(threshold, thresholds.plain or 0.0)
        elif not capital and all(book.ordinary(w) for w in words):
            threshold = max(threshold, thresholds.ambiguous or 0.0)
        small = doc.cased and all(t.case == "l" for t in tokens[first : last + 1])
        if small and kind in _CAPITALISED and not any(book.of(w) & _PLACES for w in words):
            threshold = max(threshold, IN_LOWER_CASE)
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
            counted = bool(first) and doc.tokens[first - 1].norm in _COUNTED_OFF
            return counted or _is_price(doc, first, last)
        return kind == "ID_NUMBER" and not self._numbered(doc, first, last)

    @staticmethod
    def _numbered(doc: Document, first: int, last: int) -> bool:
        """Return whether a code holds digits, written or said, and is nobody's."""
        words = [t.norm for t in doc.tokens[first : last + 1]]
        if "".join(words) in PUBLIC:
            return False
        said = sum(w in UNITS or w in REPEATS for w in words)
        return said >= 4 or sum(c.isdecimal() for w in words for c in w) >= 3


def _edge(doc: Document, index: int, edges: Container[str]) -> bool:
    """Return whether the word at an edge of a span does not belong to it."""
    token = doc.tokens[index]
    return token.norm in edges and not (
        doc.cased
        and token.capital
        and not token.initial
        and load_lexicon().of(token.norm) & lx.NAME
    )


def _is_price(doc: Document, first: int, last: int) -> bool:
    """Return whether a number stands in talk of what things cost, and far from words of age."""
    near = [t.norm for t in doc.tokens[max(first - _NEAR_PRICE, 0) : last + 1 + _NEAR_PRICE]]
    return sum(word in _PRICES for word in near) > 1 and _OLD.isdisjoint(near)


def _names_somebody(doc: Document, first: int, last: int) -> bool:
    """Return whether a span is more than titles, and what people do who are spoken to by them:
    `Puan`, `boleh Encik ceritakan`.
    """
    book = load_lexicon()
    for token in doc.tokens[first : last + 1]:
        word = token.norm
        if book.of(word) & lx.NAME:
            return True
        titled = word in ADDRESS or word in SHY_ADDRESS or word in FORMAL
        # A post, a rank or a relation alone may stand for its holder, or be a name: Seri, Boy.
        titled = titled or (first < last and (word in TITLES or word in KIN or word in SECOND))
        capital = doc.cased and token.capital and not token.initial
        verb = first < last and not capital and MALAY_VERB.fullmatch(word)
        if not titled and not verb:
            return True
    return False


def _said_address(doc: Document, first: int, last: int) -> str:
    """Return the type of an address on the internet that a code is, written or said; empty for
    another code.
    """
    words = [t.norm for t in doc.tokens[first : last + 1]]
    text = doc.text[doc.tokens[first].start : doc.tokens[last].end]
    inner = set(words[1:-1])
    if "@" in text[1:-1] or inner & _AT:
        return "EMAIL_ADDRESS"
    if "/" in text or inner & _SLASH or words[0] in _WEB or inner & _DOT:
        return "URL"
    return "USERNAME" if "_" in text or inner & _UNDERSCORE else ""


@dataclass(frozen=True)
class Candidates:
    """What may be people's names: words with the tagger's probability, a mapping for each span, the
    scores of rules by word, and the spans of the rules with their first and last token.
    """

    tagged: Sequence[Mapping[int, float]]
    rules: Mapping[int, Mapping[str, float]]
    spans: Sequence[tuple[int, int, Span]]

    @classmethod
    def of(
        cls, doc: Document, tagged: Sequence[Sequence[Tag]], names: NameRecognizer
    ) -> Candidates:
        """Gather what a tagger takes for people, and what the rules find."""
        words = [levels for kind, levels in _by_token(doc, tagged) if kind == "PERSON"]
        seen = set[int]().union(*words)
        starts, ends = [t.start for t in doc.tokens], [t.end for t in doc.tokens]
        rules: dict[int, dict[str, float]] = defaultdict(dict)
        spans = []
        for rule, span in names.by_rule(doc):
            first, last = bisect_right(ends, span.start), bisect_left(starts, span.end) - 1
            spans.append((first, last, span))
            for index in range(first, last + 1):
                rules[index][rule] = max(span.score, rules[index].get(rule, 0.0))
        for first, last in (*((a, b) for a, b, _ in spans), *_where_names_stand(doc)):
            for old, row in groupby(range(first, last + 1), seen.__contains__):
                words += [] if old else [dict.fromkeys(row, 0.0)]
            seen.update(range(first, last + 1))
        return cls(words, rules, spans)

    def evidence(self, doc: Document) -> NameEvidence:
        """Return what tells names from other words here."""
        every: dict[int, float] = {}
        for levels in self.tagged:
            for index, level in levels.items():
                every[index] = max(level, every.get(index, 0.0))
        return NameEvidence(doc, every, self.rules)

    def judged(self, doc: Document) -> Iterator[tuple[Mapping[int, float], Mapping[int, float]]]:
        """Yield the words of each span, as the tagger gives them, and with the probability of each
        that it is part of a name.
        """
        evidence = self.evidence(doc)
        for levels in self.tagged:
            best = max(levels.values())
            yield levels, {i: evidence.probability(i, best) for i in levels}


def _where_names_stand(doc: Document) -> Iterator[tuple[int, int]]:
    """Yield the first and last token of what is weighed though neither the tagger nor a rule takes
    it for a name: a word behind a title or a word of naming, and one that no list has.
    """
    book = load_lexicon()
    for index, token in enumerate(doc.tokens):
        word = token.norm
        if not word.isalpha() or len(word) < 2 or word in STOP or word in FILLERS:
            continue
        behind = index > 0 and doc.adjacent(index) and doc.tokens[index - 1].norm
        if behind and (behind in TITLES or behind in ADDRESS or behind in KIN or behind in SECOND):
            yield index - 1, index
        elif (behind and behind in _NAMING) or not book.of(word):
            yield index, index


def _is_title(doc: Document, index: int) -> bool:
    word = doc.tokens[index].norm
    return word in TITLES or word in ADDRESS or word in KIN or word in SHY_ADDRESS


def _by_token(
    doc: Document, tagged: Sequence[Sequence[Tag]]
) -> Iterator[tuple[str, Mapping[int, float]]]:
    """Yield the type of each tag of each line, and the probability of its tokens."""
    starts = [t.start for t in doc.tokens]
    ends = [t.end for t in doc.tokens]
    base = 0
    for line, tags in zip(doc.text.split("\n"), tagged, strict=True):
        for tag in tags:
            if tag.score < FLOOR:
                continue
            first = bisect_right(ends, base + tag.start)
            last = bisect_left(starts, base + tag.end) - 1
            levels = dict.fromkeys(range(first, last + 1), FLOOR if tag.words else tag.score)
            for start, end, level in tag.words:
                for index in range(
                    bisect_right(ends, base + start), bisect_left(starts, base + end)
                ):
                    levels[index] = max(level, levels[index])
            if levels:
                yield _LABELS.get(tag.label, tag.label), levels
        base += len(line) + 1


def _runs(
    doc: Document, levels: Mapping[int, float], score: Mapping[int, float]
) -> Iterator[tuple[int, int, bool]]:
    """Yield the first and last token of each piece of a span, and whether it is a name. Titles
    before a name, small words inside it, and what the tagger is sure of beside it belong to it.
    """
    first, last = min(score), max(score)
    part = {
        index: score[index] >= AT_THRESHOLD
        and (first == last or levels[index] >= CERTAIN or not _edge(doc, index, STOP))
        for index in range(first, last + 1)
    }
    for index in range(last - 1, first - 1, -1):
        word = doc.tokens[index].norm
        leads = word in TITLES or word in ADDRESS or word in SECOND
        inside = index > first and part[index - 1] and (word in PARTICLES or word in RELATION)
        part[index] |= part[index + 1] and (leads or inside or levels[index] >= CERTAIN)
    for index in range(first + 1, last + 1):
        part[index] |= part[index - 1] and levels[index] >= CERTAIN
    for is_name, run in groupby(range(first, last + 1), part.__getitem__):
        indices = list(run)
        yield indices[0], indices[-1], is_name
