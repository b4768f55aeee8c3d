# SPDX-License-Identifier: Apache-2.0
"""Addresses: streets as they are written in English, units, postcodes, and what stands close to a
place or a sure part.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

import regex

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain import scores
from services.deidentification.domain.dates import MONTHS
from services.deidentification.domain.numbers import TEENS, TENS, UNITS
from services.deidentification.domain.tokens import Document, normal
from services.deidentification.domain.transcript import Span
from services.deidentification.domain.vocabulary import STOP
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.recognisers.base import SottoRecognizer
from services.deidentification.recognisers.postcodes import said_postcodes
from services.deidentification.word_files import read_words

_WORDS = read_words("places")

_STREET_EN = (
    "street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|boulevard|blvd|crescent|close|"
    "terrace|highway|hwy|parkway|place|way|square|sq"
)
_ADDRESS_EN = regex.compile(
    rf"(?<![\w/])\d{{1,5}}[A-Za-z]?,? (?:[\p{{L}}'\u2019.-]{{1,20}} ){{1,4}}(?:{_STREET_EN})\b\.?",
    regex.IGNORECASE,
)
_ROAD_EN = regex.compile(
    r"(?<!\w)(?:\p{Lu}[\p{L}'\u2019-]{1,20} ){1,3}(?:Street|Road|Avenue|Lane|Drive|Boulevard|"
    r"Crescent|Terrace|Highway)\b"
)
_UNIT = regex.compile(
    r"(?<!\w)(?:no\.?|nombor|lot|unit|blok|block|house number|flat|apt\.?|apartment|suite|"
    r"room|level|tingkat|po box|p\.o\. box|box)[ .:]{1,3}"
    r"(?:[A-Z]-)?[A-Za-z]?\d{1,5}[A-Za-z]?(?:[-/]\d{1,4}[A-Za-z]?){0,3}",
    regex.IGNORECASE,
)
_LETTERED = regex.compile(
    r"(?<![\w-])(?:[A-Za-z]|\d{1,4})-\d{1,4}(?:-\d{1,4}){0,2}(?![\w-])"
)  # A-9-1
_UNIT_WORDS = _WORDS.words("parts of a house address")
_ANCHOR = regex.compile(
    r"(?<!\w)(?:apt\.?|suite|unit|psc|p\.o\. box|po box|box) \d{1,5}(?:,? box \d{1,5})?(?!\w)",
    regex.IGNORECASE,
)
_FRAMED = regex.compile(r"(?<![\w-])\d{1,5} (?:\p{Lu}[\p{L}'\u2019.-]{1,20} ){1,4}\d{1,4}(?![\w-])")
_FRAME = _WORDS.words("words that end an address")
_POSTCODE = regex.compile(r"(?<![\d-])\d{5}(?:-\d{4})?(?![\d-])")
_POST_UK = regex.compile(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}(?!\w)")
_STATE_ZIP = regex.compile(r"(?<!\w)[A-Z]{2}[,\s]{1,3}\d{5}(?:-\d{4})?(?!\d)")
_BETWEEN = regex.compile(r"[\s,.;-]{1,6}(?:(?:di|in|at|dalam|near)\s)?")


def _prose(doc: Document, text: str) -> bool:
    """Return whether words behind a number are talk and no street: `in 1996, the shops all close`,
    `3305, and I check his road`.
    """
    number, *inner, street = text.rstrip(".").split()
    words = [normal(word.strip(",.")) for word in inner]
    if number.endswith(",") and 1900 <= int("0" + "".join(filter(str.isdecimal, number))) <= 2059:
        return True
    if any(word in STOP and word not in ("new", "old") for word in words) or words[0] in _COUNTED:
        return True
    if doc.cased:
        return street[:1].islower() and not all(word[:1].isupper() for word in inner)
    book = load_lexicon()
    shy = normal(street) in _SHY_STREETS
    return shy and all(book.plain(word) for word in words)


_SHY_STREETS = frozenset("st court ct drive dr close place way square sq terrace".split())
_COUNTED = read_words("number_context").words("quantities")


class AddressGrammar(SottoRecognizer):
    """Rules by which places, streets, units and postcodes that are neighbours are one address."""

    def written(self, doc: Document) -> Iterator[Span]:
        """Yield addresses and roads by the form in which they are written."""
        for pattern, score in (
            (_ADDRESS_EN, scores.PROBABLE),
            (_ROAD_EN, scores.LIKELY),
            (_POST_UK, scores.LIKELY),
            (_STATE_ZIP, scores.LIKELY),
        ):
            for match in pattern.finditer(doc.text):
                if pattern is not _ADDRESS_EN or not _prose(doc, match.group()):
                    yield Span(*match.span(), "ADDRESS", score, self.name)

    def addresses(self, doc: Document, parts: list[Span]) -> Iterator[Span]:
        """Yield addresses of several parts: places (`parts`), units, postcodes close together."""
        text = doc.text
        units = [Span(*m.span(), "UNIT", scores.DOUBTFUL) for m in _UNIT.finditer(text)]
        units += [Span(*m.span(), "UNIT", scores.DOUBTFUL) for m in _LETTERED.finditer(text)]
        units += self._said_units(doc)
        codes = [Span(*m.span(), "CODE", scores.DOUBTFUL) for m in _POSTCODE.finditer(text)]
        for code, announced in said_postcodes(doc):
            codes.append(Span(code.start, code.end, "CODE", scores.DOUBTFUL))
            if announced:
                yield Span(code.start, code.end, "ADDRESS", scores.LIKELY, self.name)
        ordered = sorted([*parts, *units, *codes], key=lambda s: (s.start, -s.end))
        group: list[Span] = []
        end = -1
        for span in ordered:
            joined = (
                group
                and span.start <= end + 8
                and (span.start <= end or _BETWEEN.fullmatch(text, end, span.start) is not None)
            )
            if group and not joined:
                yield from self._address(group, end)
                group = []
            if not group:
                end = span.end
            group.append(span)
            end = max(end, span.end)
        if group:
            yield from self._address(group, end)

    @staticmethod
    def _said_units(doc: Document) -> Iterator[Span]:
        """Yield units as they are said: `block c unit twelve three`."""
        tokens = doc.tokens
        index = 0
        while index < len(tokens) - 1:
            last = index
            while tokens[index].norm in _UNIT_WORDS and last + 1 < len(tokens):
                word = tokens[last + 1].norm
                said = word in UNITS or word in TEENS or word in TENS or len(word) == 1
                if not (doc.adjacent(last + 1) and (said or word.isdecimal())):
                    break
                last += 1
            if last > index:
                yield Span(tokens[index].start, tokens[last].end, "UNIT", scores.DOUBTFUL)
            index = last + 1

    def _address(self, group: list[Span], end: int) -> Iterator[Span]:
        kinds = {s.entity_type for s in group}
        if len(group) > 1 and (
            "ADDRESS" in kinds or ("LOCATION" in kinds and kinds & {"UNIT", "CODE"})
        ):
            yield Span(group[0].start, end, "ADDRESS", scores.FIRM, self.name)

    def grown(self, doc: Document) -> Iterator[Span]:
        """Yield addresses around a sure part (`Suite 4`, `PO Box 8`, `12 Via Roma 3`), with the
        words close to it.
        """
        starts = [t.start for t in doc.tokens]
        for pattern in (_ANCHOR, _FRAMED) if doc.cased else (_ANCHOR,):
            for match in pattern.finditer(doc.text):
                first = bisect_left(starts, match.start())
                last = bisect_left(starts, match.end()) - 1
                dated = any(t.norm in MONTHS for t in doc.tokens[first : last + 1])
                if first > last or dated:
                    continue
                low, high = self._left(doc, first), self._right(doc, last)
                if high > last or low < first or pattern is _FRAMED:
                    yield self.span(doc, low, high, "ADDRESS", scores.LIKELY)

    @staticmethod
    def _part(doc: Document, index: int) -> bool:
        """Return whether a word can be part of an address."""
        token = doc.tokens[index]
        if token.norm in _FRAME or len(token.norm) > 25:
            return False
        if any(c.isdigit() for c in token.norm):
            return len(token.norm) <= 7
        if token.norm in STOP and not token.capital and len(token.norm) > 3:
            return False
        if doc.cased:
            return token.capital or token.norm in ("of", "de", "la", "van", "di", "del", "the")
        return True

    def _left(self, doc: Document, first: int) -> int:
        low = first
        while low > 0 and first - low < 7:
            gap = doc.tokens[low].gap
            if gap.strip() not in ("", ",", "-", ".") or ("\n" in gap and first - low > 4):
                break
            if not self._part(doc, low - 1):
                break
            low -= 1
        while low < first and doc.tokens[low].norm in ("of", "the", "de", "la", "di"):
            low += 1
        numbered = [i for i in range(low, first) if doc.tokens[i].norm[:1].isdigit()]
        return numbered[0] if numbered else first

    def _right(self, doc: Document, last: int) -> int:
        high = last
        end = last
        while high + 1 < len(doc.tokens) and high - last < 9:
            token = doc.tokens[high + 1]
            if token.gap.strip() not in ("", ",", "-") or not self._part(doc, high + 1):
                break
            high += 1
            ahead = doc.text[token.end : token.end + 3]
            code = len(token.norm) == 2 or (token.norm.isdecimal() and len(token.norm) >= 4)
            if (
                code
                or "," in token.gap
                or load_lexicon().of(token.norm) & (lx.PLACE | lx.PLACE_MY)
                or "\n," in ahead
            ):
                end = high
        return end
