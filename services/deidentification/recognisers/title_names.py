# SPDX-License-Identifier: Apache-2.0
"""Given names that are titles too (Hakim, also a judge; Nik; Raja): names where no other name
follows.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain import scores
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.domain.vocabulary import (
    ADDRESS,
    KIN,
    POSSESSIVE_AFTER,
    RELATION,
    TITLES,
)
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.recognisers.base import SottoRecognizer
from services.deidentification.word_files import read_words

_WORDS = read_words("names")

WORDS = _WORDS.words("titles that are also given names")
_NAMING = _WORDS.words("naming")
_OFFICE = _WORDS.words("before an office")
_VERBS = _WORDS.words("after a person")


class TitleNameRecognizer(SottoRecognizer):
    """`my friend Hakim`, `nama dia Hakim`, `Hakim came`; in `hakim Rosnah` it stays a title."""

    ENTITIES = ("PERSON",)

    def find(self, doc: Document) -> Iterator[Span]:
        """Yield such words where they must be a name, and then wherever the same word is nobody's
        title.
        """
        alone = [
            index
            for index, token in enumerate(doc.tokens)
            if token.norm in WORDS and not self._leads(doc, index)
        ]
        names = {doc.tokens[i].norm: i for i in alone if self._named(doc, i)}
        for index in alone:
            if doc.tokens[index].norm in names and not self._office(doc, index):
                yield self.span(doc, index, index, "PERSON", scores.PROBABLE)

    @staticmethod
    def _leads(doc: Document, index: int) -> bool:
        """Return whether it is before a name, as a title is, or inside one."""
        if index + 1 >= len(doc.tokens) or not doc.adjacent(index + 1):
            return False
        following = doc.tokens[index + 1]
        book = load_lexicon()
        if following.norm in RELATION:
            return True
        if doc.cased:
            return following.capital and not book.plain(following.norm)
        return bool(book.of(following.norm) & lx.NAME) and not book.ordinary(following.norm)

    @staticmethod
    def _office(doc: Document, index: int) -> bool:
        before = doc.tokens[index - 1] if index else None
        return before is not None and before.norm in _OFFICE and "\n" not in doc.tokens[index].gap

    def _named(self, doc: Document, index: int) -> bool:
        token = doc.tokens[index]
        if self._office(doc, index):
            return False
        before = [t.norm for t in doc.tokens[max(0, index - 3) : index] if t.line == token.line]
        last = before[-1] if before else ""
        if last in KIN or last in ADDRESS or last in _NAMING or last in TITLES:
            return True
        if len(before) > 1:
            if last in POSSESSIVE_AFTER or last in ("dia", "penuh"):
                return before[-2] in KIN or before[-2] in _NAMING
            if last == "is" and before[-2] in ("name", "nickname"):
                return True
        book = load_lexicon()
        if doc.adjacent(index) and book.of(last) & lx.NAME and not book.ordinary(last):
            return True  # Luqman Hakim
        if before[-2:] == ["call", "me"]:
            return True
        if not doc.cased or not token.capital:
            return False
        if not token.initial:
            return True
        following = doc.tokens[index + 1] if index + 1 < len(doc.tokens) else None
        return following is not None and following.norm in _VERBS and following.line == token.line
