# SPDX-License-Identifier: Apache-2.0
"""Dates that are told in part: a month by its number, a day alone, a day of another calendar, a
date of birth in numbers.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

import regex

from services.deidentification.domain.dates import MONTHS, ORDINALS, WEEKDAYS
from services.deidentification.domain.numbers import DIALECT, MAGNITUDES, TENS, NumberPiece, piece
from services.deidentification.domain.tokens import Document
from services.deidentification.recognisers.base import table
from services.deidentification.word_files import read_words

_WORDS = read_words("dates")
_COUNTED = read_words("ages").words("counted things")
_MONTH = _WORDS.words("month before its number")
_DAY_OF = _WORDS.words("day of a month")
_CALENDAR = _WORDS.words("months of other calendars")
_CALENDAR_SHY = _WORDS.words("months of other calendars that are other words too")
_QUESTIONS = table(_WORDS.phrases("questions for a date"))
_BORN = _WORDS.words("before a date of birth")
_LED = _WORDS.words("before a day alone")
_AFTER_DAY = _WORDS.words("after a day alone")
_SUFFIXED = regex.compile(r"(\d{1,2})(?:st|nd|rd|th|hb)")
# Days that are feasts, which are no date without a year.
_FEASTS = frozenset(
    (day, month)
    for days, months in (
        (("1", "satu", "one"), ("ramadan", "ramadhan", "syawal", "shawwal", "muharram")),
        (("10", "sepuluh", "ten"), ("zulhijjah", "dhulhijjah")),
    )
    for day in days
    for month in months
)
_NEAR = 15  # words around a day in which a month is looked for
_ANSWER = 8  # words of an answer in which a day is looked for
_IS = frozenset(("is", "was"))  # the third is Sufi
_NO_ADJECTIVE = 4  # the fourth and later days are days more often than places in an order


def numbered_months(doc: Document) -> Iterator[tuple[int, int]]:
    """Yield `bulan tujuh`, `lima bulan tujuh`, `5 hb 7`, without a year behind them."""
    tokens = doc.tokens
    for index, token in enumerate(tokens[:-1]):
        if token.norm not in _MONTH and token.norm not in _DAY_OF:
            continue
        found = _number(doc, index + 1)
        if found is None or len(found.digits) > 2 or not 1 <= int(found.digits) <= 12:
            continue
        if not doc.adjacent(index + 1) or _counts(doc, found):
            continue
        day = _day_before(doc, index)
        if token.norm in _MONTH or day < index:
            yield day, found.last


def _number(doc: Document, index: int) -> NumberPiece | None:
    """Return the number at a token, also one of a dialect alone: `bulan sombilan`."""
    found, word = piece(doc, index), doc.tokens[index].norm
    if found is None and word in DIALECT and word not in ("so", "due", "ne", "ham", "lime"):
        return NumberPiece(index, index, str(DIALECT[word]), spoken=True)
    return found


def _counts(doc: Document, found: NumberPiece) -> bool:
    """Return whether a number counts what follows: `bulan dua kali`, `bulan dua ratus`."""
    after = found.last + 1
    if after >= len(doc.tokens) or "\n" in doc.tokens[after].gap:
        return False
    word = doc.tokens[after].norm
    year = word == "tahun" or (word, _norm(doc, after + 1)) == ("dua", "ribu")
    return not year and (
        word in _COUNTED or word in MAGNITUDES or _norm(doc, after + 1) in MAGNITUDES
    )


def _day_before(doc: Document, index: int) -> int:
    """Return the first token of the day before `bulan` or `haribulan`; its own where there is
    none.
    """
    for back in (3, 2, 1):
        start = index - back
        if start < 0 or "\n" in doc.tokens[index].gap:
            continue
        found = piece(doc, start)
        if found and found.last == index - 1 and 1 <= int(found.digits) <= 31:
            return start
    return index


def lone_days(doc: Document) -> Iterator[tuple[int, int]]:
    """Yield `the 14th`, `for the fifteenth`, and any day where a date is asked or a month is
    near.
    """
    for index in range(len(doc.tokens)):
        last, value = _ordinal(doc, index)
        if last < index or _norm(doc, index - 1) in TENS:
            continue
        the = _norm(doc, index - 1) == "the" and doc.adjacent(index)
        first = index - the
        led = _norm(doc, first - 1) in _LED or _norm(doc, first - 1) in WEEKDAYS
        if not (the or led) or not _free(doc, last):
            continue
        dated = led and value >= _NO_ADJECTIVE
        if (
            dated
            or asked(doc, first)
            or (value >= _NO_ADJECTIVE and _suffixed(doc, index))
            or (the and _norm(doc, last + 1) not in _IS and _month_near(doc, index))
        ):
            yield first, last
    yield from _haribulan(doc)


def _ordinal(doc: Document, index: int) -> tuple[int, int]:
    """Return the last token and the value of an ordinal; -1 where there is none."""
    word = doc.tokens[index].norm
    match = _SUFFIXED.fullmatch(word)
    if match and 1 <= int(match.group(1)) <= 31:
        return index, int(match.group(1))
    following = _norm(doc, index + 1)
    if word in TENS and ORDINALS.get(following, 99) < 10 and doc.adjacent(index + 1):
        value = TENS[word] + ORDINALS[following]
        return (index + 1, value) if value <= 31 else (-1, 0)
    return (index, ORDINALS[word]) if word in ORDINALS else (-1, 0)


def _suffixed(doc: Document, index: int) -> bool:
    return doc.tokens[index].norm[:1].isdigit()


def _free(doc: Document, last: int) -> bool:
    """Return whether nothing follows that a place in an order could belong to: `the 14th floor`."""
    if last + 1 >= len(doc.tokens):
        return True
    token = doc.tokens[last + 1]
    mark = token.gap.strip()[:1]
    if mark in ("-", "\u2013") or token.norm in MONTHS:
        return False
    return bool(mark) or "\n" in token.gap or token.norm in _AFTER_DAY


def _haribulan(doc: Document) -> Iterator[tuple[int, int]]:
    """Yield `empat belas haribulan`, `haribulan 14`."""
    for index, token in enumerate(doc.tokens):
        if token.norm not in _DAY_OF:
            continue
        day = _day_before(doc, index)
        if day < index:
            yield day, index
            continue
        found = piece(doc, index + 1) if index + 1 < len(doc.tokens) else None
        if found and doc.adjacent(index + 1) and 1 <= int(found.digits) <= 31:
            yield index, found.last


def calendar_dates(doc: Document) -> Iterator[tuple[int, int]]:
    """Yield days of Islamic and Tamil months, and the year behind: `12 Rabiulawal 1445`."""
    for index, token in enumerate(doc.tokens):
        shy = token.norm in _CALENDAR_SHY
        if token.norm not in _CALENDAR and not shy:
            continue
        day = _day_before(doc, index)
        last = index
        year = doc.tokens[index + 1] if index + 1 < len(doc.tokens) else None
        if year and year.case == "d" and len(year.norm) == 4 and doc.adjacent(index + 1):
            last = index + 1
            if _norm(doc, last + 1) in ("h", "hijrah", "hijriah"):
                last += 1
        feast = last == index and (_norm(doc, day), token.norm) in _FEASTS
        if last > index or (day < index and not shy and not feast):
            yield day, last


def births(doc: Document) -> Iterator[tuple[int, int]]:
    """Yield day, month and year in numbers behind `tarikh lahir`, `born`, `birthday`."""
    for index in range(len(doc.tokens)):
        day = piece(doc, index)
        if day is None or len(day.digits) > 2 or not 1 <= int(day.digits) <= 31:
            continue
        month = _next_piece(doc, day)
        year = _next_piece(doc, month) if month else None
        if month is None or year is None or not 1 <= int(month.digits) <= 12:
            continue
        last, digits = year.last, len(year.digits)
        more = _next_piece(doc, year) if digits == 1 else None
        if more is not None and len(more.digits) == 1:  # enam lapan
            last, digits = more.last, 2
        if digits in (2, 4) and _announced(doc, index):
            yield index, last


def _next_piece(doc: Document, before: NumberPiece) -> NumberPiece | None:
    at = before.last + 1
    if at >= len(doc.tokens) or "\n" in doc.tokens[at].gap:
        return None
    gap = doc.tokens[at].gap.strip()
    return piece(doc, at) if gap in ("", ",", "-", "/", ".") else None


def _announced(doc: Document, index: int) -> bool:
    """Return whether a date of birth is spoken of before a number, or asked for."""
    begin = _line(doc, index)
    low = max(begin - _NEAR, 0) if index - begin < _ANSWER else index - _ANSWER
    return any(t.norm in _BORN for t in doc.tokens[max(low, index - _NEAR) : index])


def asked(doc: Document, index: int) -> bool:
    """Return whether the turn before asks for a date."""
    begin = _line(doc, index)
    if begin == 0 or index - begin > _ANSWER:
        return False
    norms = [t.norm for t in doc.tokens[max(_line(doc, begin - 1), begin - _NEAR) : begin]]
    return any(
        tuple(norms[at : at + len(words)]) == words
        for at, word in enumerate(norms)
        for words in _QUESTIONS.get(word, ())
    )


def _month_near(doc: Document, index: int) -> bool:
    tokens = doc.tokens[max(0, index - _NEAR) : index + _NEAR]
    return any(
        t.norm in MONTHS and t.norm not in ("may", "march", "mar", "jan", "jun", "dec", "sep")
        for t in tokens
    )


def _line(doc: Document, index: int) -> int:
    return bisect_left(doc.tokens, doc.tokens[index].line, key=lambda token: token.line)


def _norm(doc: Document, index: int) -> str:
    return doc.tokens[index].norm if 0 <= index < len(doc.tokens) else ""
