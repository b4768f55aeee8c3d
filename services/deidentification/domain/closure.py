# SPDX-License-Identifier: Apache-2.0
"""Closure, which is coreference propagation: a name that is found once is searched for in the whole
transcript, in short forms, misspellings and lower case.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz.distance import DamerauLevenshtein

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain import phonetic, scores
from services.deidentification.domain.dates import MONTHS
from services.deidentification.domain.entities import ENTITY_TYPES, Propagation
from services.deidentification.domain.label_names import LabelNames
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.numbers import runs
from services.deidentification.domain.roster_matching import RosterEntry, RosterMatcher
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Finding, Span
from services.deidentification.domain.vocabulary import (
    ADDRESS,
    BEHIND_NAME,
    KIN,
    PARTICLES,
    POSSESSIVE_BEFORE,
    RELATION,
    SECOND,
    SHY_ADDRESS,
    STOP,
    TITLES,
)
from services.deidentification.word_files import read_words

_WORDS = read_words("closure")

_AFTER_NAME = _WORDS.words("after a name")
_BEFORE_NAME = _WORDS.words("before a name")
_CALLED_BY = _WORDS.words("before a name that somebody is called by")
_SAID = _WORDS.words("verbs of what a person did")
_DATES = _WORDS.words("before a month")
_DATED = _WORDS.words("after a month")
_NO_HOMOGRAPHS = _WORDS.words("words that closure never learns")
_HEADS = _WORDS.words("kinds of places and bodies")


# Scores from which a finding spreads: a wrong one would be repeated in the whole transcript.
_NAME_FROM = scores.UNSURE
_ORDINARY_NAME_FROM = scores.LIKELY  # a single word that is an ordinary word too
_OTHERS_FROM = scores.FAIR
_NO_PART = TITLES.keys() | ADDRESS | RELATION | KIN.keys() | SHY_ADDRESS
_BEFORE_PAIR = TITLES.keys() | ADDRESS | KIN.keys() | SHY_ADDRESS
# Recognisers whose word alone is not enough to spread what no list has as a name.
_TAGGER = frozenset({"NeuralRecognizer", "closure", "closure-variant"})
# Probabilities of the tagger: from which a common word is a name of this talk; a word that no list
# has spreads; and a mention of a common word that is a name of this talk counts.
_SURE, _LIKELY_TAG, _FAINT_TAG = 0.8, 0.5, 0.08
# Mentions from which it counts how many of them were found, and the share that must have been.
_OFTEN, _MOSTLY_FOUND = 4, 0.4
_LONGEST_ROW = 4  # words


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
        self.sequences: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        self.homographs: set[str] = set()
        self._mentions: Mentions | None = None
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

    def learn(
        self,
        doc: Document,
        spans: Sequence[Span],
        raw: Sequence[Span] = (),
        tags: Sequence[Span] = (),
    ) -> None:
        """Add what detection found with a score that is high enough to spread. `raw` are the
        findings of each recogniser, and `tags` what a tagger says before anything judged it.
        """
        if self._mentions is None:
            self._mentions = Mentions(doc, *(list(_people(some)) for some in (spans, raw, tags)))
        for span in spans:
            text = doc.text[span.start : span.end]
            match ENTITY_TYPES[span.entity_type].closure:
                case Propagation.NAME if span.score >= _NAME_FROM:
                    self._name(text, span, self._mentions)
                case Propagation.PHRASE if span.score >= _OTHERS_FROM:
                    self._place(tuple(t.norm for t in Document.of(text).tokens), span.entity_type)
                case Propagation.DIGITS if span.score >= _OTHERS_FROM:
                    digits = "".join(run.digits for run in runs(Document.of(text)))
                    if len(digits) >= 6:
                        self.numbers.add(digits)

    def _name(self, text: str, span: Span, mentions: Mentions) -> None:
        book = self._lexicon
        words = name_words(text, book)
        tokens = [t.norm for t in Document.of(text).tokens]
        tagged = mentions.tagged(span)
        told = mentions.is_told(span) or span.source not in _TAGGER
        for word in words:
            if word in PARTICLES or (len(word) < 3 and book.ordinary(word)):
                continue
            common = word in STOP or book.of(word) & lx.FREQUENT
            if common:
                self._homograph(word, sure=tagged >= _SURE or told)
                continue
            if book.ordinary(word) and len(words) == 1 and span.score < _ORDINARY_NAME_FROM:
                continue
            # What no list has as a name spreads from a good source alone, and where detection
            # found most of its mentions already.
            if not book.of(word) & lx.NAME or book.ordinary(word):
                if not (told or tagged >= _LIKELY_TAG):
                    continue
                if mentions.mostly_free(word) and not told:
                    continue
            self.people[word] = max(self.people.get(word, 0.0), span.score)
        self._sequence(tokens, words, sure=tagged >= _SURE or told)
        if len(tokens) >= 3 and all(len(w) == 1 for w in tokens):
            joined = "".join(tokens)
            if len(joined) >= 3 and not book.ordinary(joined):
                self.people[joined] = span.score

    def _homograph(self, word: str, *, sure: bool) -> None:
        """Add a word that is among the commonest, and was somebody's name once."""
        if sure and len(word) > 2 and word not in _NO_HOMOGRAPHS:
            self.homographs.add(word)

    def _sequence(self, words: Sequence[str], bare: Sequence[str], *, sure: bool) -> None:
        """Add a name of everyday words as a row: with the title that it had (Mak Nanas), or with
        the name that it goes with (Jep Sayur); `bare` are its words without titles.
        """
        book = self._lexicon
        if not any(book.ordinary(w) or w in STOP or book.of(w) & lx.FREQUENT for w in bare):
            return
        titled = words[0] in _BEFORE_PAIR
        named = any(book.of(w) & lx.NAME and not book.ordinary(w) for w in words)
        telling = sure or any(w not in _NO_PART and w not in STOP for w in words)
        if telling and 1 < len(words) <= _LONGEST_ROW and (titled or (named and sure)):
            self.sequences[words[0]].add(tuple(words))

    def _row(self, doc: Document, index: int) -> int:
        """Return how many tokens from one on are a known row of words; 0 where none are."""
        found = 0
        for row in self.sequences.get(doc.tokens[index].norm, ()):
            last = index + len(row)
            if tuple(t.norm for t in doc.tokens[index:last]) == row and all(
                doc.adjacent(i) for i in range(index + 1, last)
            ):
                found = max(found, len(row))
        return found

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
            row = self._row(doc, index)
            if row:
                end = doc.tokens[index + row - 1].end
                yield Span(token.start, end, "PERSON", scores.STRONG, "closure")
            if score and self._person(doc, index):
                start = doc.tokens[_titled(doc, index)].start
                yield Span(
                    start,
                    doc.tokens[_behind(doc, index)].end,
                    "PERSON",
                    max(min(score, scores.CERTAIN), scores.FAIR),
                    "closure",
                )
            elif word in self.homographs and self._is_homograph(doc, index):
                start = doc.tokens[_titled(doc, index)].start
                yield Span(start, token.end, "PERSON", scores.GOOD, "closure")
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

    def _is_homograph(self, doc: Document, index: int) -> bool:
        """Return whether a word among the commonest, which is a name of this talk too, is one here:
        by the tagger, with a much lower line than elsewhere, or by grammar.
        """
        token = doc.tokens[index]
        before = doc.tokens[index - 1] if index and "\n" not in token.gap else None
        after = doc.tokens[index + 1] if index + 1 < len(doc.tokens) else None
        if after is not None and after.line != token.line:
            after = None
        if token.norm in MONTHS and (
            (after is not None and (after.case == "d" or after.norm in _DATED))
            or (before is not None and (before.case == "d" or before.norm in _DATES))
        ):
            return False
        small = doc.cased and not token.capital
        level = self._mentions.level(index) if self._mentions is not None else 0.0
        if level >= (_LIKELY_TAG if small else _FAINT_TAG):
            return True
        if small:
            return False
        if doc.cased and not token.initial and token.norm != "i":
            return True
        if doc.text[token.end : token.end + 2] in ("'s", "\u2019s"):
            return True
        if before is not None and (
            before.norm in TITLES or before.norm in ADDRESS or before.norm in self.people
        ):
            return True
        if before is not None and before.norm in _CALLED_BY and doc.adjacent(index):
            return after is None or any(c in after.gap for c in ",.?!") or not doc.cased
        starts = before is None or any(c in token.gap for c in ".?!;")
        return starts and after is not None and after.norm in _SAID

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


def _people(spans: Iterable[Span]) -> Iterator[Span]:
    return (s for s in spans if ENTITY_TYPES[s.entity_type].closure is Propagation.NAME)


class Mentions:
    """Where the words of a transcript are, and what was found of them before closure."""

    def __init__(
        self, doc: Document, people: Sequence[Span], raw: Sequence[Span], tags: Sequence[Span]
    ) -> None:
        self._every = Counter(t.norm for t in doc.tokens)
        self._starts = [t.start for t in doc.tokens]
        self._found = Counter(doc.tokens[i].norm for span in people for i in self._tokens(span))
        self._told = {
            index
            for span in raw
            if span.source not in _TAGGER and span.score >= scores.PROBABLE
            for index in self._tokens(span)
        }
        self._levels: dict[int, float] = {}
        for tag in tags:
            for index in self._tokens(tag):
                self._levels[index] = max(tag.score, self._levels.get(index, 0.0))

    def _tokens(self, span: Span) -> range:
        return range(bisect_left(self._starts, span.start), bisect_left(self._starts, span.end))

    def level(self, index: int) -> float:
        """Return the probability that the tagger gives to a token as a person."""
        return self._levels.get(index, 0.0)

    def tagged(self, span: Span) -> float:
        """Return the highest probability that the tagger gives to a word of a span."""
        return max((self.level(index) for index in self._tokens(span)), default=0.0)

    def is_told(self, span: Span) -> bool:
        """Return whether a title, an introduction or a list says that a span is a name."""
        return any(index in self._told for index in self._tokens(span))

    def mostly_free(self, word: str) -> bool:
        """Return whether a word that is said often was nearly never found."""
        every = self._every[word]
        return every >= _OFTEN and self._found[word] < every * _MOSTLY_FOUND


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


def _behind(doc: Document, index: int) -> int:
    """Return the token of a form of address that follows a name: `Devi akka`."""
    following = index + 1
    addressed = following < len(doc.tokens) and doc.tokens[following].norm in BEHIND_NAME
    return following if addressed and doc.adjacent(following) else index


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
