# SPDX-License-Identifier: Apache-2.0
"""Dates that can be placed in time: absolute, partial, festival-relative, a weekday bound to a
date; en and ms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import regex

from services.deidentification.domain import scores
from services.deidentification.domain.dates import MONTHS, ORDINALS, TWO, clock, is_thousands
from services.deidentification.domain.numbers import TENS, UNITS, piece
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.recognisers.base import SottoRecognizer, phrases, table
from services.deidentification.recognisers.date_parts import (
    asked,
    births,
    calendar_dates,
    lone_days,
    numbered_months,
)
from services.deidentification.word_files import read_words

_WORDS = read_words("dates")

SHY_MONTHS = _WORDS.words("months that are other words too")
WEEKDAYS = _WORDS.words("weekdays")
FESTIVALS = table(_WORDS.phrases("festivals"))
RELATIVE = _WORDS.words("around a festival")
_NUMERIC = regex.compile(
    r"(?<![\d/.-])(?:(?!00?[/.-])\d{1,2}[/.-](?!00?[/.-])\d{1,2}[/.-](?:\d{4}|\d{2})"
    r"|\d{4}[/.-]\d{1,2}[/.-]\d{1,2})(?![\d/-]|\.\d)"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?"
    r"|(?<![\d/])(?:0?[1-9]|1[0-2])/(?:19|20)\d\d(?![\d/])"
)
# `[01.02.03]` and `#01.02.03#`: hours, minutes and seconds in the brackets of transcribers.
_STAMP = regex.compile(
    r"\[[0-5]?\d\.[0-5]\d\.[0-5]\d\]|\{[0-5]?\d\.[0-5]\d\.[0-5]\d\}|#[0-5]?\d\.[0-5]\d\.[0-5]\d#"
)
_HARIBULAN = regex.compile(r"(?<!\w)\d{1,2} ?(?:hb|haribulan|hari bulan)(?!\w)", regex.IGNORECASE)
_DAY = regex.compile(r"^(\d{1,2})(?:st|nd|rd|th|hb)?$")
_YEAR_BEFORE = _WORDS.words("before a year")


_BEFORE_MONTH = _WORDS.words("before a month")
_PARTS: tuple[tuple[Callable[[Document], Iterator[tuple[int, int]]], float], ...] = (
    (numbered_months, scores.FAIR),
    (lone_days, scores.FAIR),
    (calendar_dates, scores.GOOD),
    (births, scores.PROBABLE),
)
_SHORT_YEAR = 40  # from here on two digits behind a festival are a year
_YEARS_AWAY = frozenset(tuple(p.split()) for p in _WORDS.phrases("years by distance"))


class DateRecognizer(SottoRecognizer):
    """Dates; a bare weekday, a duration, `yesterday` and `last year` stay."""

    ENTITIES = ("DATE_TIME",)

    def find(self, doc: Document) -> Iterator[Span]:
        """Yield dates: numeric forms by pattern; months, years and festivals by words."""
        for match in _NUMERIC.finditer(doc.text):
            if _STAMP.fullmatch(doc.text, max(match.start() - 1, 0), match.end() + 1):
                continue
            yield Span(*match.span(), "DATE_TIME", scores.SURE, self.name)
        for match in _HARIBULAN.finditer(doc.text):
            yield Span(*match.span(), "DATE_TIME", scores.FIRM, self.name)
        yield from self._months(doc)
        yield from self._years(doc)
        yield from self._festivals(doc)
        yield from self._partial(doc)
        yield from self._of_a_year(doc)
        for parts, score in _PARTS:
            for first, last in parts(doc):
                year = self._year(doc, self._to_year(doc, last + 1))
                yield self.span(doc, first, max(last, year), "DATE_TIME", score)

    @staticmethod
    def _to_year(doc: Document, index: int) -> int:
        """Return the token behind `tahun`."""
        named = index < len(doc.tokens) and doc.tokens[index].norm in ("tahun", "taun", "of")
        return index + 1 if named else index

    def _of_a_year(self, doc: Document) -> Iterator[Span]:
        """Yield a month of a year that is named by its distance: `14 August last year`."""
        tokens = doc.tokens
        for index, token in enumerate(tokens[:-2]):
            if token.norm not in MONTHS or not doc.adjacent(index + 1):
                continue
            pair = (tokens[index + 1].norm, tokens[index + 2].norm)
            if pair in _YEARS_AWAY and doc.adjacent(index + 2):
                day = self._day(doc, index - 1)
                yield self.span(doc, min(day, index), index + 2, "DATE_TIME", scores.LIKELY)

    def _day(self, doc: Document, last: int) -> int:
        """Return the first token of a day of the month that ends at token `last`; `last + 1` where
        there is none.
        """
        tokens = doc.tokens
        none = last + 1
        if last < 0:
            return none
        word = tokens[last].norm
        if word in ("of", "the", "bulan", "haribulan", "hb") and last >= 1:
            first = self._day(doc, last - 1)
            return first if first < last else none
        match = _DAY.match(word)
        if match and 1 <= int(match.group(1)) <= 31:
            return last
        if word in ORDINALS:
            if (
                ORDINALS[word] < 10
                and last
                and tokens[last - 1].norm in TENS
                and doc.adjacent(last)
            ):
                return last - 1
            return last
        for back in (2, 1, 0):
            start = last - back
            if start >= 0 and not any("\n" in tokens[i].gap for i in range(start + 1, last + 1)):
                found = piece(doc, start)
                if found and found.spoken and found.last == last and 1 <= int(found.digits) <= 31:
                    return start
        return none

    def _year(self, doc: Document, first: int) -> int:
        """Return the last token of a year that goes on at token `first` in one line; `first - 1`
        where there is none.
        """
        if first >= len(doc.tokens) or "\n" in doc.tokens[first].gap:
            return first - 1
        return self._year_at(doc, first)

    @staticmethod
    def _year_at(doc: Document, first: int) -> int:
        """Return the last token of a year that starts at token `first`; `first - 1` where there is
        none.
        """
        tokens = doc.tokens
        none = first - 1
        word = tokens[first].norm
        if (
            tokens[first].case == "d"
            and len(word) == 4
            and word.isascii()
            and 1900 <= int(word) <= 2059
        ):
            return first

        def at(offset: int) -> str:
            return tokens[first + offset].norm if first + offset < len(tokens) else ""

        if is_thousands(word, at(1)):
            last = first + 1
            skip = 1 if at(2) in ("and", "dan") else 0
            found = piece(doc, first + 2 + skip) if first + 2 + skip < len(tokens) else None
            if found and found.spoken and len(found.digits) <= 2:
                last = found.last
            return last
        if word in ("nineteen", "twenty") and first + 1 < len(tokens) and doc.adjacent(first + 1):
            if at(1) in ("oh", "o") and at(2) in UNITS:
                return first + 2
            found = piece(doc, first + 1)
            if (
                found
                and found.spoken
                and len(found.digits) == 2
                and (word == "nineteen" or int(found.digits) < 40)
            ):
                return found.last
        return none

    def _months(self, doc: Document) -> Iterator[Span]:
        for index, token in enumerate(doc.tokens):
            if token.norm not in MONTHS:
                continue
            first, last = self._around(doc, index)
            dated = first < index or last > index
            if not dated and token.norm in SHY_MONTHS and not self._bound(doc, index):
                continue
            if first < index and last == index and self._verb(doc, index):
                continue
            first = self._weekday(doc, first)
            yield self.span(doc, first, last, "DATE_TIME", scores.FIRM if dated else scores.FAIR)

    def _around(self, doc: Document, month: int) -> tuple[int, int]:
        """Return the first and last token of a date around a month: the day before or after it, the
        year after it.
        """
        tokens = doc.tokens
        first = month if "\n" in tokens[month].gap else min(self._day(doc, month - 1), month)
        last = self._day_after(doc, month) if first == month else month
        step = last + 1
        if (
            step < len(tokens)
            and tokens[step].norm in ("tahun", "of", "in")
            and self._year(doc, step + 1) > step
        ):
            step += 1
        year = self._year(doc, step)
        return first, year if year >= step else last

    def _day_after(self, doc: Document, month: int) -> int:
        """Return the last token of the day after a month: `May the 5th`, `May twenty-first`;
        `month` where there is none.
        """
        tokens = doc.tokens
        after = month + 1
        if after >= len(tokens):
            return month
        tens = tokens[after].norm in TENS
        if "\n" not in tokens[after].gap and self._follows(doc, after):
            return after + 1 if tens or tokens[after].norm == "the" else after
        if tens or tokens[after].norm in ORDINALS:
            ordinal = after + 1 if tens else after
            if ordinal < len(tokens) and tokens[ordinal].norm in ORDINALS:
                return ordinal
        return month

    @staticmethod
    def _bound(doc: Document, month: int) -> bool:
        """Return whether a month that is another word too is meant: `in March`, not `march`."""
        token = doc.tokens[month]
        before = doc.tokens[month - 1].norm if month else ""
        capital = doc.cased and token.capital
        return before in _BEFORE_MONTH and (capital or token.norm in ("march", "mac", "mei", "jun"))

    @staticmethod
    def _verb(doc: Document, month: int) -> bool:
        """Return whether a month in lower case after a number is a verb: `two may come`, not `5th
        may`.
        """
        token = doc.tokens[month]
        if token.norm not in ("may", "march", "mar") or not doc.cased or token.case != "l":
            return False
        return not doc.tokens[month - 1].norm.endswith(("th", "st", "nd", "rd", "of"))

    @staticmethod
    def _weekday(doc: Document, first: int) -> int:
        tokens = doc.tokens
        at = first - 1
        while at >= 0 and first - at <= 2 and tokens[at].norm in ("the", "on"):
            at -= 1
        if (
            at >= 0
            and tokens[at].norm in WEEKDAYS
            and "\n" not in tokens[at + 1].gap
            and "." not in tokens[at + 1].gap
        ):
            return at
        return first

    @staticmethod
    def _follows(doc: Document, at: int) -> bool:
        token = doc.tokens[at]
        match = _DAY.match(token.norm)
        if match and 1 <= int(match.group(1)) <= 31 and token.gap.strip() in ("", "."):
            return True
        return (
            token.norm == "the"
            and at + 1 < len(doc.tokens)
            and (bool(_DAY.match(doc.tokens[at + 1].norm)) or doc.tokens[at + 1].norm in ORDINALS)
        )

    def _years(self, doc: Document) -> Iterator[Span]:
        tokens = doc.tokens
        for index, token in enumerate(tokens):
            last = self._year_at(doc, index)
            if last < index or clock(
                tokens[index - 1].norm if index else "",
                tokens[last + 1].norm if last + 1 < len(tokens) else "",
            ):
                continue
            before = tokens[index - 1].norm if index else ""
            written = token.case == "d"
            if not written and before not in _YEAR_BEFORE and "thousand" not in token.norm:
                told = last > index + 1 and token.norm != "twenty" and asked(doc, index)
                if token.norm in ("twenty", "two", *TWO) and not told:
                    continue
            if (
                written
                and last + 1 < len(tokens)
                and tokens[last + 1].norm
                in ("ringgit", "dollars", "people", "words", "orang", "mg", "ml")
            ):
                continue
            start, end = token.start, tokens[last].end
            if doc.text[max(0, start - 1) : start] in ("/", "$", "-", "#") or doc.text[
                end : end + 1
            ] in ("/", "%"):
                continue
            yield Span(
                start, end, "DATE_TIME", scores.LIKELY if written else scores.FAIR, self.name
            )

    def _festivals(self, doc: Document) -> Iterator[Span]:
        tokens = doc.tokens
        for first, last in phrases(doc, FESTIVALS):
            back = first - 1
            while (
                back >= 0
                and first - back <= 3
                and tokens[back].norm in ("of", "the", "hari", "day")
            ):
                back -= 1
            year = self._year(doc, last + 1)
            if year <= last and last + 1 < len(tokens) and tokens[last + 1].norm == "tahun":
                year = self._year(doc, last + 2)
            if year <= last and doc.adjacent(last + 1):
                short = piece(doc, last + 1)
                if short and len(short.digits) == 2 and int(short.digits) >= _SHORT_YEAR:
                    year = short.last
            related = (
                back >= 0
                and tokens[back].norm in RELATIVE
                and tokens[back].line == tokens[first].line
            )
            after = tokens[last + 1].norm if last + 1 < len(tokens) else ""
            led = first >= 2 and (tokens[first - 2].norm, tokens[first - 1].norm) in _YEARS_AWAY
            if led and doc.adjacent(first) and doc.adjacent(first - 1):
                yield self.span(doc, first - 2, max(year, last), "DATE_TIME", scores.LIKELY)
            if year > last:
                yield self.span(doc, self._lead(doc, first), year, "DATE_TIME", scores.STRONG)
            elif related and tokens[back].norm not in ("on", "tahun"):
                yield self.span(doc, self._lead(doc, first), last, "DATE_TIME", scores.UNSURE)
            elif after in ("eve", "last") or (
                after == "tahun"
                and last + 2 < len(tokens)
                and tokens[last + 2].norm in ("lepas", "lalu")
            ):
                yield self.span(doc, first, last, "DATE_TIME", scores.UNSURE)

    @staticmethod
    def _lead(doc: Document, first: int) -> int:
        """Return the first token of `two days before`, `the week after` before a festival."""
        tokens = doc.tokens
        at = first
        words = (
            RELATIVE
            | UNITS.keys()
            | ORDINALS.keys()
            | {"the", "of", "a", "weeks", "months", "month", "bulan", "few", "couple"}
        )
        while (
            at > 0
            and first - at < 5
            and tokens[at - 1].norm in words
            and tokens[at].gap.strip() in ("", ",")
        ):
            if "\n" in tokens[at].gap:
                break
            at -= 1
        while at < first and tokens[at].norm in (
            "the",
            "of",
            "on",
            "during",
            "a",
            "masa",
            "semasa",
            "waktu",
            "around",
            "since",
            "sejak",
        ):
            if tokens[at].norm == "the" and at + 1 < first:
                break
            at += 1
        return at

    def _partial(self, doc: Document) -> Iterator[Span]:
        tokens = doc.tokens
        for index, token in enumerate(tokens):
            match = _DAY.match(token.norm)
            if not match or token.case == "d" or not 1 <= int(match.group(1)) <= 31:
                continue
            start = self._weekday(doc, index)
            if start < index:
                yield self.span(doc, start, index, "DATE_TIME", scores.LIKELY)
