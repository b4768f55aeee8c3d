# SPDX-License-Identifier: Apache-2.0
"""Closure, which is coreference propagation: a name that is found once is searched for in the whole
transcript, in short forms, misspellings and lower case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz.distance import DamerauLevenshtein

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain import phonetic, scores
from services.deidentification.domain.entities import ENTITY_TYPES, Propagation
from services.deidentification.domain.label_names import LabelNames
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.numbers import runs
from services.deidentification.domain.roster_matching import RosterEntry, RosterMatcher
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Finding, Span
from services.deidentification.domain.vocabulary import (
    ADDRESS,
    KIN,
    PARTICLES,
    POSSESSIVE_BEFORE,
    RELATION,
    SECOND,
    STOP,
    TITLES,
)
from services.deidentification.word_files import read_words

_WORDS = read_words("closure")

_AFTER_NAME = _WORDS.words("after a name")
_BEFORE_NAME = _WORDS.words("before a name")
_HEADS = _WORDS.words("kinds of places and bodies")


# Scores from which a finding spreads: a wrong one would be repeated in the whole transcript.
_NAME_FROM = scores.UNSURE
_ORDINARY_NAME_FROM = scores.LIKELY  # a single word that is an ordinary word too
_OTHERS_FROM = scores.FAIR
_NO_PART = TITLES.keys() | ADDRESS | RELATION | KIN.keys()


def name_words(text: str, lexicon: Lexicon) -> list[str]:
    """Return the words of a name without titles, kin terms and relation marks, in normal form."""
    words = [t.norm for t in Document.of(text).tokens]
    kept = [w for w in words if w not in _NO_PART and len(w) > 1 and any(c.isalpha() for c in w)]
    if len(kept) > 1:
        kept = [w for w in kept if w not in SECOND or lexicon.of(w) & lx.NAME]
    return kept


class Closure:
    """Known people, places and numbers of a transcript, and the search for their mentions."""

    def __init__(self, lexicon: Lexicon, roster: Sequence[RosterEntry] = ()) -> None:
        self._lexicon = lexicon
        self.people: dict[str, float] = {}
        self.roster_matching: set[str] = set()
        self.phrases: dict[str, set[tuple[tuple[str, ...], str]]] = defaultdict(set)
        self.numbers: set[str] = set()
        chosen = [entry for entry in roster if entry.chosen]
        self._labels = LabelNames((entry for entry in roster if not entry.chosen), lexicon)
        self.people.update(dict.fromkeys(self._labels.plain, 1.0))
        self.roster_matching |= self._labels.plain
        self._roster = RosterMatcher(chosen, _HEADS)
        for entry in chosen:
            if entry.kind == "PERSON":
                for word in name_words(entry.name, lexicon):
                    self.people[word] = 1.0
                    self.roster_matching.add(word)
            else:
                self._place(tuple(t.norm for t in Document.of(entry.name).tokens), entry.kind)

    def learn(self, doc: Document, spans: Iterable[Span]) -> None:
        """Add what detection found with a score that is high enough to spread."""
        for span in spans:
            text = doc.text[span.start : span.end]
            match ENTITY_TYPES[span.entity_type].closure:
                case Propagation.NAME if span.score >= _NAME_FROM:
                    self._name(text, span.score)
                case Propagation.PHRASE if span.score >= _OTHERS_FROM:
                    self._place(tuple(t.norm for t in Document.of(text).tokens), span.entity_type)
                case Propagation.DIGITS if span.score >= _OTHERS_FROM:
                    digits = "".join(run.digits for run in runs(Document.of(text)))
                    if len(digits) >= 6:
                        self.numbers.add(digits)

    def _name(self, text: str, score: float) -> None:
        book = self._lexicon
        words = name_words(text, book)
        for word in words:
            if word in STOP or word in PARTICLES or (len(word) < 3 and book.ordinary(word)):
                continue
            if book.ordinary(word) and (
                (len(words) == 1 and score < _ORDINARY_NAME_FROM) or book.of(word) & lx.FREQUENT
            ):
                continue
            self.people[word] = max(self.people.get(word, 0.0), score)
        letters = [t.norm for t in Document.of(text).tokens]
        if len(letters) >= 3 and all(len(w) == 1 for w in letters):
            joined = "".join(letters)
            if len(joined) >= 3 and not book.ordinary(joined):
                self.people[joined] = score

    def _place(self, words: tuple[str, ...], kind: str) -> None:
        book = self._lexicon
        if not words:
            return
        if len(words) > 1 or not book.ordinary(words[0]):
            self.phrases[words[0]].add((words, kind))
        core = tuple(w for w in words if w not in _HEADS)
        if core and core != words and not all(book.ordinary(w) or len(w) < 4 for w in core):
            self.phrases[core[0]].add((core, kind))

    def find(self, doc: Document, covered: Sequence[tuple[int, int]]) -> Iterator[Span]:
        """Yield mentions outside of what is covered already (sorted, disjoint ranges of code
        points).
        """
        free = _free(doc, covered)
        variants = self._variants({doc.tokens[i].norm for i in free})
        for index in free:
            token = doc.tokens[index]
            word = token.norm
            score = self.people.get(word, 0.0)
            if score and self._person(doc, index):
                start = doc.tokens[_titled(doc, index)].start
                yield Span(
                    start,
                    token.end,
                    "PERSON",
                    max(min(score, scores.CERTAIN), scores.FAIR),
                    "closure",
                )
            elif word in variants:
                yield Span(token.start, token.end, "PERSON", scores.GOOD, "closure-variant")
        yield from self._roster.find(doc, free)
        yield from self._labels.find(doc, free)
        yield from self._known_phrases(doc, free)
        yield from self._known_numbers(doc)

    def _person(self, doc: Document, index: int) -> bool:
        token = doc.tokens[index]
        book = self._lexicon
        if not book.ordinary(token.norm):
            return True
        bits = book.of(token.norm)
        if token.norm in self.roster_matching and token.norm not in STOP:
            return True
        if doc.cased and token.capital and not token.initial:
            return True
        if (
            not doc.cased
            and not bits & lx.ENGLISH
            and lx.malay_frequency(token.norm) < lx.MALAY_EVERYDAY
        ):
            return True
        small = doc.cased and not token.capital
        before = doc.tokens[index - 1] if index else None
        after = doc.tokens[index + 1] if index + 1 < len(doc.tokens) else None
        if before is not None and before.line == token.line:
            if (
                before.norm in TITLES
                or before.norm in ADDRESS
                or before.norm in KIN
                or before.norm in self.people
            ):
                return True
            if before.norm in _BEFORE_NAME and not small and not bits & lx.FREQUENT:
                return True
        if after is not None and after.line == token.line and not small:
            if doc.text[token.end : token.end + 2] in ("'s", "\u2019s"):
                return True
            return after.norm in _AFTER_NAME and not bits & lx.FREQUENT and "," not in after.gap
        return False

    def _variants(self, vocabulary: set[str]) -> set[str]:
        """Return the words of the transcript that sound or look like a known name, by sound key and
        edit distance.
        """
        book = self._lexicon
        names = [
            n
            for n in self.people
            if len(n) >= 4 and (not book.ordinary(n) or n in self.roster_matching)
        ]
        by_length: dict[int, list[str]] = defaultdict(list)
        by_key: dict[str, list[str]] = defaultdict(list)
        for name in names:
            by_length[len(name)].append(name)
            by_key[phonetic.key(name)].append(name)
        found: set[str] = set()
        for word in vocabulary:
            if (
                len(word) < 4
                or word in self.people
                or book.known(word)
                or not word.isalpha()
                or word in STOP
            ):
                continue
            close = len(word) >= 7
            candidates = {n for size in (-1, 0, 1) for n in by_length.get(len(word) + size, ())}
            for name in candidates:
                allowed = 2 if close and len(name) >= 7 else 1
                if len(word) < 5 and name[0] != word[0]:
                    continue
                if DamerauLevenshtein.distance(word, name, score_cutoff=allowed) <= allowed:
                    found.add(word)
                    break
            else:
                for name in by_key.get(phonetic.key(word), ()):
                    if (
                        len(phonetic.key(word)) >= 2
                        and DamerauLevenshtein.distance(word, name, score_cutoff=3) <= 3
                    ):
                        found.add(word)
                        break
        return found

    def _known_phrases(self, doc: Document, free: Sequence[int]) -> Iterator[Span]:
        tokens = doc.tokens
        for index in free:
            for words, kind in sorted(
                self.phrases.get(tokens[index].norm, ()), key=lambda o: (-len(o[0]), o)
            ):
                size = len(words)
                if (
                    index + size > len(tokens)
                    or tuple(t.norm for t in tokens[index : index + size]) != words
                ):
                    continue
                if any("\n" in tokens[index + k].gap for k in range(1, size)):
                    continue
                yield Span(
                    tokens[index].start,
                    tokens[index + size - 1].end,
                    kind,
                    scores.LIKELY,
                    "closure",
                )
                break

    def _known_numbers(self, doc: Document) -> Iterator[Span]:
        if not self.numbers:
            return
        for run in runs(doc):
            digits = run.digits
            telling = len(digits) >= 4 and (not run.spoken or len(run.pieces) >= 3)
            if (
                telling
                and not _year(digits, spoken=run.spoken)
                and any(digits in number for number in self.numbers)
            ):
                yield Span(
                    doc.tokens[run.first].start,
                    doc.tokens[run.last].end,
                    "ID_NUMBER",
                    scores.GOOD,
                    "closure",
                )


def _titled(doc: Document, index: int) -> int:
    """Return the first token of the title or kin term right before a name; the brother of `my
    brother Azman` stays.
    """
    before = index - 1
    if before < 0 or not doc.adjacent(index):
        return index
    word = doc.tokens[before].norm
    if word in TITLES or (word in ADDRESS and word not in KIN):
        return before
    if word in ADDRESS and not (before and doc.tokens[before - 1].norm in POSSESSIVE_BEFORE):
        return before
    return index


def _year(digits: str, *, spoken: bool) -> bool:
    return not spoken and len(digits) == 4 and digits[:2] in ("19", "20")


def _free(doc: Document, covered: Sequence[tuple[int, int]]) -> list[int]:
    """Return the indices of tokens that no covered range touches."""
    free: list[int] = []
    at = 0
    for index, token in enumerate(doc.tokens):
        while at < len(covered) and covered[at][1] <= token.start:
            at += 1
        if at >= len(covered) or covered[at][0] >= token.end:
            free.append(index)
    return free


def as_spans(findings: Iterable[Finding], starts: Sequence[int]) -> Iterator[Span]:
    """Yield the findings of turns as spans of the joined text."""
    for f in findings:
        yield Span(
            starts[f.turn] + f.start, starts[f.turn] + f.end, f.entity_type, f.score, f.source
        )
