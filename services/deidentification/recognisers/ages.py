# SPDX-License-Identifier: Apache-2.0
"""Ages, written and spoken; durations and counts stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import regex

from services.deidentification.domain import scores
from services.deidentification.domain.numbers import TEENS, TENS, UNITS, NumberPiece, piece
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
        """Yield numbers with an age word beside them."""
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
    def _age(doc: Document, found: NumberPiece) -> int:
        """Return the last token of the age whose number was found; -1 where it is no age."""
        around = _Around.of(doc, found)
        answers = (rule(around) for rule in _RULES)
        return next((answer for answer in answers if answer is not None), _NO_AGE)


_NO_AGE = -1
_SENTENCE_ENDS = ".?!;\n"


@dataclass(frozen=True, slots=True)
class _Around:
    """A number with the words of its sentence before it (at most four, the nearest first) and the
    words after it; `gap` is what stands between the number and the next word.
    """

    last: int
    value: int
    before: tuple[str, ...]
    after: tuple[str, str, str]
    gap: str

    @classmethod
    def of(cls, doc: Document, found: NumberPiece) -> _Around:
        """Read the words around a number."""
        tokens = doc.tokens
        at = found.first
        before: list[str] = []
        while at > 0 and len(before) < 4 and not any(c in _SENTENCE_ENDS for c in tokens[at].gap):
            at -= 1
            before.append(tokens[at].norm)
        words = [t.norm for t in tokens[found.last + 1 : found.last + 4]]
        one, two, three = (*words, "", "", "")[:3]
        gap = tokens[found.last + 1].gap if words else "."
        return cls(found.last, int(found.digits), tuple(before), (one, two, three), gap)

    def back(self, distance: int) -> str:
        """Return the word at a distance before the number, 1 for the nearest; empty where there is
        none.
        """
        return self.before[distance - 1] if distance <= len(self.before) else ""


# Each rule returns the last token of an age, _NO_AGE, or None where it does not apply. The first
# answer counts.


def _with_unit(around: _Around) -> int | None:
    """`34 years old`, `8 months old`, `34 y o`, `34 yo`."""
    one, two, _ = around.after
    if one in ("years", "year", "yrs", "yr") and two in ("old", "olds"):
        return around.last + 2
    if (one in _BABIES and two == "old") or (one in ("y", "yo") and two == "o"):
        return around.last + 2
    return around.last + 1 if one in ("yo", "y/o") else None


def _after_age_word(around: _Around) -> int | None:
    """`umur saya tiga puluh empat tahun`, `aged 34`; not `umur ... selama 3 tahun`."""
    if not any(word in _BORN for word in around.before):
        return None
    if around.back(1) in ("for", "page", "selama"):
        return _NO_AGE
    counted = around.after[0] in ("tahun", "years", "thn", "years-old")
    return around.last + 1 if counted else around.last


def _before_age_word(around: _Around) -> int | None:
    """`34 tahun umur saya`."""
    return around.last + 1 if around.after[0] == "tahun" and "umur" in around.after[1:] else None


def _only(around: _Around) -> int | None:
    """`my nephew is only nine, he asked me`."""
    ahead = around.gap.strip()[:1]
    if (
        around.back(1) in ("only", "just", "baru")
        and around.back(2) in ("is", "was", "he's", "she's", "dia")
        and "it" not in around.before
        and ahead in (",", ".", "?", "!", "")
        and (ahead or "\n" in around.gap)
    ):
        return around.last
    return None


def _small(around: _Around) -> int | None:
    """Return whether a number below ten is a count, as it is except after `turned`."""
    return _NO_AGE if around.value < 10 and around.back(1) not in _TURN else None


def _turned(around: _Around) -> int | None:
    """`she turned forty`."""
    if around.back(1) in _TURN and around.after[0] not in _COUNTED:
        return around.last
    return None


def _counted(around: _Around) -> int | None:
    """`forty people`, and a number that begins a sentence."""
    return _NO_AGE if around.after[0] in _COUNTED or not around.before else None


def _being(around: _Around) -> int | None:
    """`I'm nineteen`, `when I was nineteen`, `dia dah lima belas`; the youngest is twelve."""
    if around.value < 12:
        return None
    first, second = around.back(1), around.back(2)
    if first in ("i'm", "he's", "she's", "im") and not around.after[0][:1].isdigit():
        return around.last
    if first in ("am", "was", "is") and second in ("i", "he", "she"):
        return around.last
    softened = first in ("only", "just", "already", "around", "about", "dah", "baru")
    if softened and second in _VERBS and second not in _SOFTENERS:
        return around.last
    return None


_COUNTED = _WORDS.words("counted things")
_SOFTENERS = frozenset(("about", "around", "is", "just", "baru", "dah"))
_RULES: tuple[Callable[[_Around], int | None], ...] = (
    _with_unit,
    _after_age_word,
    _before_age_word,
    _only,
    _small,
    _turned,
    _counted,
    _being,
)


_DECADES = regex.compile(
    r"(?<!\w)(?:in )?(?:my|his|her|their|your) (?:early |mid |late |mid-)?"
    r"(twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties|[2-9]0s)(?!\w)",
    regex.IGNORECASE,
)


class DecadeRecognizer(SottoRecognizer):
    """Ages by decade: `in her late forties`."""

    ENTITIES = ("AGE",)

    def find(self, doc: Document) -> Iterator[Span]:
        """Yield the decade alone; the words around it stay."""
        for match in _DECADES.finditer(doc.text):
            yield Span(*match.span(1), "AGE", scores.FAIR, self.name)
