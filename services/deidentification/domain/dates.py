# SPDX-License-Identifier: Apache-2.0
"""Reader of date expressions, for generalisation and shifting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import regex

from services.deidentification.domain.numbers import DIALECT, TENS, UNITS, NumberPiece, piece
from services.deidentification.domain.tokens import Document
from services.deidentification.word_files import read_words

_WORDS = read_words("dates")

MONTHS = _WORDS.numbers("months")
ORDINALS = _WORDS.numbers("ordinals")
WEEKDAYS = _WORDS.words("weekdays")
FESTIVALS = _WORDS.phrases("festivals")
_UNTELLING = frozenset("day new year good hari tahun baru eve festival of night".split())
FESTIVAL_WORDS = frozenset(word for name in FESTIVALS for word in name.split()) - _UNTELLING
# A bound of its own, not the clock's: the same transcript gives the same text in any year.
FIRST_YEAR, LAST_YEAR = 1900, 2059
_NAMES = (
    "January February March April May June July August September October November December"
).split()
_NUMERIC = regex.compile(r"(\d{1,4})[/.-](\d{1,2})(?:[/.-](\d{2,4}))?")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a date expression says; 0 for a part that it does not say."""

    year: int = 0
    month: int = 0
    day: int = 0

    @property
    def full(self) -> date | None:
        """The calendar day, if the expression names one."""
        if not (self.year and self.month and self.day):
            return None
        try:
            return date(self.year, self.month, self.day)
        except ValueError:
            return None


def is_thousands(word: str, following: str) -> bool:
    """Return whether two words begin a year of this century: `two thousand`, `duo ghibu`."""
    return (word, following) == ("two", "thousand") or (word in TWO and following in _THOUSAND)


TWO = frozenset(word for word, value in DIALECT.items() if value == 2) - {"two", "due"}
_THOUSAND = frozenset(("ribu", "ghibu", "rebu"))


def _century(year: int) -> int:
    return year if year > 99 else year + (2000 if year < 40 else 1900)


def parse(text: str) -> Parsed:
    """Read day, month and year; day before month where both are numbers, as in Malaysia."""
    numeric = _NUMERIC.search(text)
    if numeric is not None:
        a, b, c = (int(group) if group else 0 for group in numeric.groups())
        if c or a > 31:
            return _numeric(a, b, c)
    return _Reader(Document.of(text)).read()


def _numeric(a: int, b: int, c: int) -> Parsed:
    """Return what `a/b/c` says: nothing where it is no date, such as a time stamp or a number of a
    file. A date that is made up is worse than none.
    """
    if a > 31:
        return (
            Parsed(a, b if b <= 12 else 0, c if c <= 31 else 0) if _is_year(a) and b else Parsed()
        )
    year = _century(c)
    if not a or not b or a > 31 or b > 31 or not _is_year(year):
        return Parsed()
    if b > 12 >= a:
        a, b = b, a
    return Parsed(year, b if b <= 12 else 0, a)


def _is_year(number: int) -> bool:
    """Return whether people who are alive may speak of a year."""
    return FIRST_YEAR <= number <= LAST_YEAR


class _Reader:
    """Reads a date that is said in words, from left to right."""

    def __init__(self, doc: Document) -> None:
        self._doc = doc
        self._year = self._month = self._day = 0

    def read(self) -> Parsed:
        """Return day, month and year."""
        index = 0
        while index < len(self._doc.tokens):
            steps = (step(index) for step in (self._months, self._years, self._digits, self._days))
            index = next((last for last in steps if last is not None), index) + 1
        year = self._year if _is_year(self._year) else 0
        return Parsed(year, self._month, self._day)

    # Each step returns the last token that it read, or None where the token is nothing of its kind.

    def _months(self, index: int) -> int | None:
        word = self._word(index)
        if word not in MONTHS or (word == "may" and self._month):
            return None
        self._month = MONTHS[word]
        return index

    def _years(self, index: int) -> int | None:
        word, following = self._word(index), self._word(index + 1)
        if is_thousands(word, following):
            at = index + 3 if self._word(index + 2) in ("and", "dan") else index + 2
            found = self._piece(at)
            self._year = 2000 + (int(found.digits) if found and len(found.digits) <= 2 else 0)
            return found.last if found else index + 1
        if word not in ("nineteen", "twenty") or not following:
            return None
        century = 1900 if word == "nineteen" else 2000
        found = self._piece(index + 1)
        if found and len(found.digits) == 2:
            self._year = century + int(found.digits)
            return found.last
        if following in ("oh", "o") and self._word(index + 2):
            self._year = century + UNITS.get(self._word(index + 2), 0)
            return index + 2
        return None

    def _digits(self, index: int) -> int | None:
        digits = self._word(index).rstrip("sthndrb")
        if not (digits.isascii() and digits.isdecimal()):
            return None
        value = int(digits)
        if len(digits) == 4:
            self._year = value
        elif 1 <= value <= 31 and not self._day:
            self._day = value
        return index

    def _days(self, index: int) -> int | None:
        word, following = self._word(index), self._word(index + 1)
        if word in TENS and following in ORDINALS and ORDINALS[following] < 10:
            self._day = TENS[word] + ORDINALS[following]
            return index + 1
        if word in ORDINALS:
            self._day = ORDINALS[word]
            return index
        found = None if self._month or self._day else self._piece(index)
        if found is None or not 1 <= int(found.digits) <= 31:
            return None
        self._day = int(found.digits)
        return found.last

    def _word(self, index: int) -> str:
        tokens = self._doc.tokens
        return tokens[index].norm if index < len(tokens) else ""

    def _piece(self, index: int) -> NumberPiece | None:
        return piece(self._doc, index) if index < len(self._doc.tokens) else None


def clock(before: str, after: str) -> bool:
    """Return whether the words beside a number make it a time of the day, not a year: `at nineteen
    thirty`, `2015 hours`.
    """
    return before in _BEFORE_CLOCK or after in _AFTER_CLOCK


_BEFORE_CLOCK = _WORDS.words("before a time of the day")
_AFTER_CLOCK = _WORDS.words("after a time of the day")


def shifted(parsed: Parsed, days: int) -> str:
    """Return the date moved by a number of days, as precise as it was; empty where it is neither a
    whole date nor a month of a year.
    """
    whole = parsed.full
    if whole is not None:
        moved = whole + timedelta(days=days)
        return f"{moved.day} {_NAMES[moved.month - 1]} {moved.year}"
    if parsed.year and parsed.month:
        moved = date(parsed.year, parsed.month, 15) + timedelta(days=days)
        return f"{_NAMES[moved.month - 1]} {moved.year}"
    return ""


def relative(parsed: Parsed, reference: date | None) -> str:
    """Return the date as a day of the study (`day -12`), counted from the day of the interview; as
    a month (`month -7`) where no day was said; empty where neither is known.
    """
    if reference is None:
        return ""
    whole = parsed.full
    if whole is not None:
        return f"day {(whole - reference).days:+d}"
    if parsed.year and parsed.month and not parsed.day:
        months = (parsed.year - reference.year) * 12 + parsed.month - reference.month
        return f"month {months:+d}"
    return ""
