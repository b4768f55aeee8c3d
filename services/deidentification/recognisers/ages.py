# SPDX-License-Identifier: Apache-2.0
"""Ages, written and spoken; durations and counts stay."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from services.deidentification.domain import scores
from services.deidentification.domain.numbers import TEENS, TENS, UNITS, Piece, piece
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.recognisers.base import SottoRecognizer
from services.deidentification.word_files import read_words

_WORDS = read_words("ages")

_HYPHENED = regex.compile(
    r"(?<![\w-])(?:\d{1,3}|[a-z]{3,9}"
    r"(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?)[- ]years?[- ]olds?(?!\w)",
    regex.IGNORECASE,
)
_UNIT = regex.compile(r"[- ]years?[- ]", regex.IGNORECASE)
_BORN = _WORDS.words("age words")
_TURN = _WORDS.words("turning an age")
_VERBS = _WORDS.words("before an age")
_NUMBER = UNITS.keys() | TEENS.keys() | TENS.keys()
_BABIES = _WORDS.words("units of an infant's age")


class AgeRecognizer(SottoRecognizer):
    """`34 years old`, `umur saya tiga puluh empat`, `when I was nineteen`, `turned forty`, `in my
    thirties`.
    """

    ENTITIES = ("AGE",)

    def find(self, doc: Document) -> Iterator[Span]:
        """Numbers with an age word beside them."""
        for match in _HYPHENED.finditer(doc.text):
            word = match.group().split("-")[0].split()[0].lower()
            if word.isdecimal() or word in _NUMBER:
                number = _UNIT.split(match.group())[0]
                yield Span(
                    match.start(), match.start() + len(number), "AGE", scores.SURE, self.name
                )
        tokens = doc.tokens
        last = -1
        for index in range(len(tokens)):
            if index <= last:
                continue
            found = piece(doc, index)
            if found is None or len(found.digits) > 3 or not 0 < int(found.digits) < 120:
                continue
            end = self._age(doc, found)
            if end >= 0:
                last = end
                yield self.span(doc, found.first, found.last, "AGE", scores.STRONG)

    @staticmethod
    def _age(doc: Document, found: Piece) -> int:  # noqa: C901 - one ladder of contexts
        tokens = doc.tokens
        value = int(found.digits)

        def word(at: int) -> str:
            if not 0 <= at < len(tokens):
                return ""
            return tokens[at].norm

        one, two = word(found.last + 1), word(found.last + 2)
        before: list[str] = []
        at = found.first
        while at > 0 and len(before) < 4 and not any(c in ".?!;\n" for c in tokens[at].gap):
            at -= 1
            before.append(tokens[at].norm)
        if one in ("years", "year", "yrs", "yr") and two in ("old", "olds"):
            return found.last + 2
        if one in _BABIES and two == "old":
            return found.last + 2
        if one in ("y", "yo") and two == "o":
            return found.last + 2
        if one in ("yo", "y/o"):
            return found.last + 1
        if any(w in _BORN for w in before[:4]) and value < 120:
            if before and before[0] in ("for", "page", "selama"):
                return -1
            return found.last + 1 if one in ("tahun", "years", "thn", "years-old") else found.last
        if one == "tahun" and "umur" in (two, word(found.last + 3)):
            return found.last + 1
        ahead = tokens[found.last + 1].gap.strip()[:1] if one else "."
        if (
            before[:1]
            and before[0] in ("only", "just", "baru")
            and before[1:2]
            and before[1] in ("is", "was", "he's", "she's", "dia")
            and "it" not in before
            and ahead in (",", ".", "?", "!", "")
            and (ahead or "\n" in tokens[found.last + 1].gap)
        ):
            return found.last  # `my nephew is only nine, he asked me`
        if value < 10 and not (before and before[0] in _TURN):
            return -1
        unit = (
            one
            in (
                "years year tahun percent peratus times kali mg people orang minutes hours days "
                "weeks months hari bulan minggu "
                "jam minit ringgit pills tablets o'clock am pm kg milligrams points sessions"
            ).split()
        )
        if before and before[0] in _TURN and not unit:
            return found.last
        if unit or not before:
            return -1
        if (
            value >= 12
            and before[0] in ("i'm", "he's", "she's", "im")
            and not (one and one[:1].isdigit())
        ):
            return found.last
        if (
            value >= 12
            and before[0] in ("am", "was", "is")
            and len(before) > 1
            and before[1] in ("i", "he", "she")
        ):
            return found.last
        if (
            value >= 12
            and before[0] in ("only", "just", "already", "around", "about", "dah", "baru")
            and before[1:2]
            and (before[1] in _VERBS)
            and before[1] not in ("about", "around", "is", "just", "baru", "dah")
        ):
            return found.last
        return -1


_DECADES = regex.compile(
    r"(?<!\w)(?:in )?(?:my|his|her|their|your) (?:early |mid |late |mid-)?"
    r"(twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties|[2-9]0s)(?!\w)",
    regex.IGNORECASE,
)


class DecadeRecognizer(SottoRecognizer):
    """Ages by decade: `in her late forties`."""

    ENTITIES = ("AGE",)

    def find(self, doc: Document) -> Iterator[Span]:
        """The decade alone, its frame stays."""
        for match in _DECADES.finditer(doc.text):
            yield Span(*match.span(1), "AGE", scores.FAIR, self.name)
