# SPDX-License-Identifier: Apache-2.0
"""Ages, written and spoken; durations and counts stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import regex

from services.deidentification.domain import scores
from services.deidentification.domain.extents import whole_age
from services.deidentification.domain.numbers import TEENS, TENS, UNITS, NumberPiece, piece
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.recognisers.age_context import Around, known_ages, two_digits
from services.deidentification.recognisers.base import SottoRecognizer
from services.deidentification.word_files import read_words

_WORDS = read_words("ages")

_HYPHENED = regex.compile(
    r"(?<![\w-])(?:\d{1,3}|[a-z]{3,9}"
    r"(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?)[- ]years?[- ]olds?(?!\w)",
    regex.IGNORECASE,
)
# `21thn`, behind an age word or a word for a person; `34 y/o`, `34/F`, `(29M)` by themselves.
_GLUED = regex.compile(
    r"(?<![\w.,/-])(?:\d{1,2} ?(?:yo|y/o|y\.o\.?)"
    r"|(?<=\b(?:umur|umo|umor|usia|age|aged|saya|sy|aku|dia|isteri|suami|anak) )"
    r"\d{1,2}(?:th|thn|tahun|yrs?)"
    r"|\d{1,2}(?:yrs?|thn)[ -]?old)(?!\w)",
    regex.IGNORECASE,
)
_SEX = regex.compile(
    r"(?<![\w.,/-])[1-9]\d ?(?:/ ?|y/?o ?)[MFmf](?![\w'\u2019/-])|(?<![^\s(])[1-9]\d[MF](?=[,)])"
)
_BORN = _WORDS.words("age words")
_TURN = _WORDS.words("turning an age")
_VERBS = _WORDS.words("before an age")
_NUMBER = UNITS.keys() | TEENS.keys() | TENS.keys()
_BABIES = _WORDS.words("units of an infant's age")
_PERSONS = _WORDS.words("first and second persons")
_MEASURED = _WORDS.words("what is measured")
_EVENTS = _WORDS.words("events at an age")
_COUNTED = _WORDS.words("counted things")


class AgeRecognizer(SottoRecognizer):
    """`34 years old`, `umur saya tiga puluh empat`, `when I was nineteen`, `turned forty`, `in my
    thirties`, `Farah is nine`, and what answers to `how old is she?`.
    """

    ENTITIES = ("AGE",)

    def find(self, doc: Document) -> Iterator[Span]:
        """Yield ages with their units."""
        for match in _HYPHENED.finditer(doc.text):
            word = match.group().split("-")[0].split()[0].lower()
            if word.isdecimal() or word in _NUMBER:
                yield Span(*match.span(), "AGE", scores.SURE, self.name)
        for pattern in (_GLUED, _SEX):
            for match in pattern.finditer(doc.text):
                yield Span(*match.span(), "AGE", scores.FAIR, self.name)
        ages: list[NumberPiece] = []
        last = -1
        for index in range(len(doc.tokens)):
            if index <= last:
                continue
            found = piece(doc, index)
            if found is None or len(found.digits) > 3 or not 0 < int(found.digits) < 120:
                continue
            found, score = _judged(doc, found)
            if score:
                last = found.last
                ages.append(found)
                first, end = whole_age(doc, found.first, found.last)
                yield self.span(doc, first, end, "AGE", score)
        for found in known_ages(doc, ages):
            yield self.span(doc, *whole_age(doc, found.first, found.last), "AGE", scores.FAIR)


def _judged(doc: Document, found: NumberPiece) -> tuple[NumberPiece, float]:
    """Return a number with its score as an age; `enam satu`, said as two digits, is one number."""
    both = two_digits(doc, found)
    rules = _RULES if both is found else _SURE_RULES
    found = both
    around = Around.of(doc, found)
    return found, next((s for rule in rules if (s := rule(around)) is not None), _NO_AGE)


_NO_AGE = scores.NOTHING

# Each rule returns the score of an age, _NO_AGE, or None where it does not apply. The first answer
# counts.


def _numbered(around: Around) -> float | None:
    """Refuse what is no number of years: `Form 4`, `number nine`, `9-5`, `2 hundred`."""
    return _NO_AGE if around.numbered else None


def _with_unit(around: Around) -> float | None:
    """`34 years old`, `8 months old`, `34 y o`, `34 yo`, `9 years of age`."""
    one, two, three = around.after
    if one in ("years", "year", "yrs", "yr") and (
        two in ("old", "olds") or (two, three) == ("of", "age")
    ):
        return scores.STRONG
    if (one in _BABIES and two == "old") or (one == "y" and two == "o") or one in ("yo", "y/o"):
        return scores.STRONG
    return None


def _after_age_word(around: Around) -> float | None:
    """`umur saya tiga puluh empat tahun`, `aged 34`; not `umur ... selama 3 tahun`."""
    if not any(word in _BORN for word in around.before[:5]):
        return None
    if around.back(1) in ("for", "page", "selama"):
        return _NO_AGE
    return scores.STRONG


def _before_age_word(around: Around) -> float | None:
    """`34 tahun umur saya`."""
    counted = around.after[0] in ("tahun", "thn") and "umur" in around.after[1:]
    return scores.STRONG if counted else None


def _answer(around: Around) -> float | None:
    """`How old is she?` and, in the next turn, `nine`."""
    if not around.asked or around.word in ("one", "satu"):
        return None
    if around.after[1] in ("younger", "older", "apart", "ago", "lepas", "lalu"):
        return _NO_AGE
    if not around.first_sentence and (around.back(1) in _HAD or around.value < _GROWN):
        return None
    years = around.after[0] in ("tahun", "years", "year", "thn")
    return scores.PROBABLE if years or around.alone or not around.counted else None


_HAD = frozenset("anak adik isteri bini kids children siblings have had has ada".split())


def _turned(around: Around) -> float | None:
    """`she turned forty`, `going sixty already`, `nak masuk lima puluh`, `nine going ten`."""
    first, second = around.back(1), around.back(2)
    if around.after[0] in ("going", "turning", "masuk") and around.next_value == around.value + 1:
        return scores.LIKELY
    turning = first in _TURN or (first in ("on", "to") and second in ("going", "coming", "close"))
    if not turning or not around.alone or around.value < 2 or "it" in around.before:
        return None
    if first in ("turned", "turning", "turns", "turn"):
        return scores.STRONG
    person = around.person is not None or around.value >= _GROWN
    return scores.FAIR if person and first not in ("reach", "hit") else None


def _being(around: Around) -> float | None:
    """`I'm nineteen`, `she's only nine`, `Farah is six`, `my eldest, sixteen`, `dia baru lapan`."""
    subject = around.person
    if subject is None or not around.alone:
        grown = subject == "copula" and around.value > _GROWN and not around.followed_by_noun
        return scores.FAIR if grown and around.back(1) != "been" else None
    if around.value == 1 and around.after[0] not in ("already", "year", "tahun", "plus"):
        return None
    if subject == "copula":
        return scores.LIKELY
    if subject == "softened":  # Malay has no copula: `dia baru lapan`, `anak saya dah dua belas`
        return scores.FAIR if around.value >= _NO_COUNT else None
    return scores.FAIR if around.value >= (2 if subject == "comma" else _GROWN) else None


_GROWN, _NO_COUNT = 12, 5


def _event(around: Around) -> float | None:
    """`married at twenty three`, `kahwin masa 22`."""
    led = around.back(1) in ("at", "masa", "waktu", "umur")
    closes = around.found.spoken and around.ends and not set(around.before) & _MEASURED
    if around.back(1) == "at" and closes and around.value >= 13 and around.person_before:
        return scores.FAIR
    if led and around.value >= 13 and around.alone and set(around.before[1:4]) & _EVENTS:
        return scores.FAIR
    return None


def _plain(around: Around) -> float | None:
    """`dia dah lima belas`; `saya tiga puluh dua, isteri dua puluh lapan`; `seventy three this
    year`; `one girl, from Semporna, twenty-three.`
    """
    if (around.this_year and around.value >= 18) or around.closing or around.leading:
        return scores.FAIR
    if around.value < _GROWN or not around.alone:
        return None
    first, second = around.back(1), around.back(2)
    if first in ("only", "just", "already", "around", "about", "dah", "baru") and second in _VERBS:
        return scores.FAIR if second not in _SOFT_VERBS else None
    return scores.FAIR if first in _PERSONS and around.spoken_for else None


_SOFT_VERBS = frozenset(("about", "around", "is", "was", "just", "baru", "dah", "be"))
_RULES: tuple[Callable[[Around], float | None], ...] = (
    _with_unit,
    _numbered,
    _after_age_word,
    _before_age_word,
    _answer,
    _turned,
    _being,
    _event,
    _plain,
)
_SURE_RULES = (_with_unit, _numbered, _after_age_word, _answer)


_PART = r"(?:early|mid|late|middle|awal|pertengahan|akhir|lewat|hujung)"
_TENS = (
    r"(?:twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties"
    r"|['\u2019]?[2-9]0(?:['\u2019]?s|[ -]?an)"
    r"|(?:dua|tiga|empat|lima|enam|tujuh|lapan|sembilan)[ -]?pulu?h?an)"
)
_DECADES = regex.compile(
    rf"(?<![\w'\u2019])(?:(?:in|into|are) )?(?:my|his|her|their|your|our|umur|usia|umurnya|dalam"
    rf"|lingkungan) (?:(?:dalam|lingkungan|sekitar) )?((?:{_PART}[ -])?{_TENS})(?!\w)"
    rf"|(?<!\bthe )(?<!\btahun )(?<![\w'\u2019-])({_PART}[ -]{_TENS})(?!\w)",
    regex.IGNORECASE,
)


class DecadeRecognizer(SottoRecognizer):
    """Ages by decade: `in her late forties`, `early fifties`, `umur 40-an`."""

    ENTITIES = ("AGE",)

    def find(self, doc: Document) -> Iterator[Span]:
        """Yield the decade and the part of it."""
        for match in _DECADES.finditer(doc.text):
            group = 1 if match.group(1) else 2
            yield Span(*match.span(group), "AGE", scores.FAIR, self.name)
