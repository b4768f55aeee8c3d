# SPDX-License-Identifier: Apache-2.0
"""Reading a date expression as far as it says, for generalisation and shifting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import regex

from services.deidentification.domain.numbers import TENS, UNITS, piece
from services.deidentification.domain.tokens import Document
from services.deidentification.word_files import read_words

_WORDS = read_words("dates")

MONTHS = _WORDS.numbers("months")
ORDINALS = _WORDS.numbers("ordinals")
_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_NUMERIC = regex.compile(r"(\d{1,4})[/.-](\d{1,2})(?:[/.-](\d{2,4}))?")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a date expression tells; 0 where it is silent."""

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


def _century(year: int) -> int:
    return year if year > 99 else year + (2000 if year < 40 else 1900)


def parse(text: str) -> Parsed:  # noqa: C901 - one ladder, read top to bottom
    """Read day, month and year; day before month where both are numbers, as in Malaysia."""
    numeric = _NUMERIC.search(text)
    if numeric:
        a, b, c = (int(g) if g else 0 for g in numeric.groups())
        if a > 31:
            return Parsed(a, b if b <= 12 else 0, c if c <= 31 else 0)
        if c:
            if b > 12 >= a:
                a, b = b, a
            return Parsed(_century(c), b if b <= 12 else 0, a)
    doc = Document.of(text)
    year = month = day = 0
    index = 0
    while index < len(doc.tokens):
        word = doc.tokens[index].norm
        following = doc.tokens[index + 1].norm if index + 1 < len(doc.tokens) else ""
        digits = word.rstrip("sthndrb")
        if word in MONTHS and (word != "may" or not month):
            month = MONTHS[word]
        elif (word, following) in (("two", "thousand"), ("dua", "ribu")):
            at = index + 2
            if at < len(doc.tokens) and doc.tokens[at].norm in ("and", "dan"):
                at += 1
            found = piece(doc, at) if at < len(doc.tokens) else None
            year = 2000 + (int(found.digits) if found and len(found.digits) <= 2 else 0)
            index = found.last if found else index + 1
        elif (
            word in ("nineteen", "twenty")
            and following
            and (found := piece(doc, index + 1))
            and len(found.digits) == 2
        ):
            year = (1900 if word == "nineteen" else 2000) + int(found.digits)
            index = found.last
        elif (
            word in ("nineteen", "twenty")
            and following in ("oh", "o")
            and index + 2 < len(doc.tokens)
        ):
            year = (1900 if word == "nineteen" else 2000) + UNITS.get(doc.tokens[index + 2].norm, 0)
            index += 2
        elif digits.isascii() and digits.isdecimal():
            value = int(digits)
            if len(digits) == 4:
                year = value
            elif 1 <= value <= 31 and not day:
                day = value
        elif word in TENS and following in ORDINALS and ORDINALS[following] < 10:
            day = TENS[word] + ORDINALS[following]
            index += 1
        elif word in ORDINALS:
            day = ORDINALS[word]
        elif (
            month == 0 and not day and (found := piece(doc, index)) and 1 <= int(found.digits) <= 31
        ):
            day = int(found.digits)
            index = found.last
        index += 1
    return Parsed(year if 1900 <= year <= 2100 else 0, month, day)


def shifted(parsed: Parsed, days: int) -> str:
    """The date moved by a number of days, as precise as it was; empty where only a whole date or
    month can move.
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
    """The date as a day of the study (`day -12`), counted from the day of the interview; as a month
    (`month -7`) where no day was said; empty where neither can be told.
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
