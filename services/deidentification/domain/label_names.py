# SPDX-License-Identifier: Apache-2.0
"""Search for the names that a recording brings with it: labels of speakers, cover lines, document
properties, file name.

Nobody chose them for a roster, so that they may be ordinary words: Man, Joy, Sinar Kekwa. Such a
word is found where it may be used as a name, and stays where it is evidently the word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import regex

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain import scores
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.roster_matching import RosterEntry
from services.deidentification.domain.tokens import Document, Token
from services.deidentification.domain.transcript import Span
from services.deidentification.domain.vocabulary import (
    ADDRESS,
    KIN,
    PARTICLES,
    RELATION,
    STOP,
    TITLES,
)
from services.deidentification.word_files import read_words

_CLOSURE = read_words("closure")
_PEOPLE = read_words("people")

NO_NAMES = _PEOPLE.words("speaker labels that are no names") | _PEOPLE.words(
    "speaker labels without a name"
)
_NOT_BEHIND = _CLOSURE.words("not a name behind")
_NOT_BEFORE = _CLOSURE.words("not a name before")
_SHY = _CLOSURE.words("names that are verbs or function words too")
_AFTER = _CLOSURE.words("after a name")
_BEFORE = _CLOSURE.words("before a name")
_CALLED_BY = _CLOSURE.words("before a name that somebody is called by")
_GENERIC = TITLES.keys() | ADDRESS | KIN.keys() | RELATION | NO_NAMES
_HAN = regex.compile(r"\p{Han}{2,8}")
_PARTS = regex.compile(r"\p{Lu}?[\p{Ll}\p{M}']+|\p{Lu}{2,}(?!\p{Ll})|[^\W\d_\p{Lu}\p{Ll}]+")
# Chinese family names of two characters, in both scripts.
_DOUBLE = frozenset(
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 司徒 夏侯 尉迟 尉遲 皇甫 慕容 公孙 公孫 令狐 宇文 "
    "长孙 長孫 端木 东方 東方 南宫 南宮".split()
)
_INFLECTED = 4  # letters from which a word of a script without capitals may have an ending


class LabelNames:
    """Names of a recording: `plain` are words that are names alone, which closure searches for in
    all forms; `find` searches for the others.
    """

    def __init__(self, entries: Iterable[RosterEntry], lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self.plain: set[str] = set()
        self._ordinary: set[str] = set()
        self._phrases: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        self._han: dict[str, set[str]] = defaultdict(set)
        self._inflected: set[str] = set()
        for entry in entries:
            self._add(entry)

    def _add(self, entry: RosterEntry) -> None:
        words = [t.norm for t in Document.of(entry.name).tokens]
        for row in _rows(words):
            if len(row) > 1 and not all(w in _GENERIC for w in row):
                self._phrases[row[0]].add(row)
        for han in _HAN.findall(entry.name):
            for form in han_forms(han):
                self._han[form[0]].add(form)
        for word in dict.fromkeys((*words, *label_parts(entry.name))):
            self._add_word(word)

    def _add_word(self, word: str) -> None:
        book = self._lexicon
        bits = book.of(word)
        if (
            len(word) < 2
            or word in _GENERIC
            or word in PARTICLES
            or not any(c.isalpha() for c in word)
            or (word in STOP and not bits & lx.NAME)
            or _HAN.fullmatch(word)
        ):
            return
        if word in STOP or book.ordinary(word) or len(word) < 3:
            self._ordinary.add(word)
            return
        self.plain.add(word)
        if len(word) >= _INFLECTED and not (word.isascii() or _cased(word)):
            self._inflected.add(word)

    def find(self, doc: Document, free: Sequence[int]) -> Iterator[Span]:
        """Yield mentions among the tokens that no other finding covers (`free`, their indices)."""
        if not (self._ordinary or self._phrases or self._han or self._inflected):
            return
        uncovered = set(free)
        for index in free:
            token = doc.tokens[index]
            for row in self._phrases.get(token.norm, ()):
                last = index + len(row) - 1
                if last < len(doc.tokens) and self._row(doc, index, row):
                    yield Span(token.start, doc.tokens[last].end, "PERSON", scores.STRONG, "label")
            ordinary = token.norm in self._ordinary and self._named(doc, index, uncovered)
            if ordinary or any(token.norm.startswith(name) for name in self._inflected):
                yield Span(token.start, token.end, "PERSON", scores.LIKELY, "label")
            yield from self._characters(doc.text, token)

    @staticmethod
    def _row(doc: Document, index: int, row: tuple[str, ...]) -> bool:
        return all(
            doc.tokens[index + n].norm == word and (not n or "\n" not in doc.tokens[index + n].gap)
            for n, word in enumerate(row)
        )

    def _characters(self, text: str, token: Token) -> Iterator[Span]:
        if not self._han:
            return
        for at in range(token.start, token.end - 1):
            for form in self._han.get(text[at], ()):
                if text.startswith(form, at) and at + len(form) <= token.end:
                    yield Span(at, at + len(form), "PERSON", scores.STRONG, "label")

    def _named(self, doc: Document, index: int, uncovered: set[int]) -> bool:
        """Return whether a word that is a name of this recording is used as one here."""
        token = doc.tokens[index]
        before = _neighbour(doc, index - 1, index)
        after = _neighbour(doc, index + 1, index + 1)
        if doc.cased and token.capital and not token.initial:
            return True
        if before in TITLES or before in ADDRESS or before in KIN or before in self.plain:
            return True
        # Next to a name that was found: `joy hope`.
        found = {before} if index - 1 not in uncovered else set[str]()
        found |= {after} if index + 1 not in uncovered else set()
        beside = doc.adjacent(index) or doc.adjacent(index + 1)
        if found - {""} and beside and token.norm not in _SHY:
            return True
        if before in _NOT_BEHIND or after in _NOT_BEFORE:
            return False
        bits = self._lexicon.of(token.norm)
        shy = token.norm in _SHY or bits & lx.FREQUENT or not bits & lx.NAME
        if not shy:
            return True
        if doc.text[token.end : token.end + 2] in ("'s", "\u2019s"):
            return True
        alone = not before and not after
        ends = not after and before in _CALLED_BY
        starts = not before and (after in _AFTER or _comma(doc, index + 1))
        return alone or ends or starts or (before in _BEFORE and not _as_verb(before, token.norm))


def _as_verb(before: str, word: str) -> bool:
    """Return whether a word behind another one is a verb: `to hope`, `and will`."""
    return before in ("to", "and") and word in _SHY


def _neighbour(doc: Document, index: int, gap: int) -> str:
    """Return a word of the same turn that no end of a sentence parts from its neighbour."""
    if not 0 <= index < len(doc.tokens) or not 0 <= gap < len(doc.tokens):
        return ""
    between = doc.tokens[gap].gap
    return "" if any(c in between for c in "\n.?!;:") else doc.tokens[index].norm


def _comma(doc: Document, index: int) -> bool:
    return index < len(doc.tokens) and doc.tokens[index].gap.lstrip().startswith(",")


def _rows(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the words of a label in rows that a role or a number parts."""
    row: list[str] = []
    for word in words:
        if word in NO_NAMES or not any(c.isalpha() for c in word):
            if row:
                yield tuple(row)
            row = []
        else:
            row.append(word)
    if row:
        yield tuple(row)


def label_parts(label: str) -> list[str]:
    """Return the letters of a label that is written in one: `gobi_88`, `SitiNur`."""
    return [t.norm for part in _PARTS.findall(label) for t in Document.of(part).tokens]


def han_forms(name: str) -> set[str]:
    """Return the forms of a name in Chinese characters: whole, without the family name, and the
    last character behind what makes a familiar form of it.
    """
    family = 2 if len(name) > 2 and name[:2] in _DOUBLE else 1
    given = name[family:]
    forms = {name, *(f"{one}{name[-1]}" for one in "阿小")}
    if 2 <= len(given) <= 3 and len(name) <= 5:
        forms.add(given)
    return forms


def _cased(word: str) -> bool:
    return word.upper() != word.lower()
