# SPDX-License-Identifier: Apache-2.0
"""What belongs to an age and to a date besides its number: one rule for all recognisers and for
taggers.

`years old`, `tahun` and `plus` belong to an age; `the`, `this`, `last`, `hari`, `bulan`, `lepas`,
`depan` and `tahun lepas` to a date, so that nothing of it stands beside its replacement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.deidentification.domain.dates import FESTIVAL_WORDS, MONTHS, ORDINALS, WEEKDAYS
from services.deidentification.domain.numbers import DECADES, NumberPiece, piece
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Finding
from services.deidentification.word_files import read_words

_AGES = read_words("ages")
_DATES = read_words("dates")

_YEARS = _AGES.words("units of an age")
_MONTHS_OLD = _AGES.words("months of an age")
_ABOUT = _AGES.words("about an age")
_PART = _AGES.words("parts of a decade")
_BETWEEN = _AGES.words("between two ages")
_AWAY = _DATES.words("ago and ahead")
_THEN = _DATES.words("after a word that begins another sentence")
_BEFORE_DATE = _DATES.words("part of a date before it")
_PERIODS = frozenset(tuple(p.split()) for p in _DATES.phrases("years by distance"))
_YEAR = _DATES.words("a year before its number")
_UNTELLING = _DATES.words("no date by themselves") | WEEKDAYS
_COUNTED_FROM = _DATES.words("counted from a festival")
_MOST = 4  # words that an extent takes on either side
_NEAR_AGE = 10  # years between two ages of `ten or eleven`


def whole_age(doc: Document, first: int, last: int) -> tuple[int, int]:
    """Return the first and last token of an age with its unit, from those of its number."""
    first, last = _alternatives(doc, first, last)
    decade = any(
        t.norm in DECADES or t.norm[-1:] in ("s", "n") for t in doc.tokens[first : last + 1]
    )
    if _word(doc, last + 1) == "an" and _joined(doc, last + 1):
        decade = True
    if decade and first and doc.tokens[first - 1].norm in _PART and _joined(doc, first):
        first -= 1
    return first, _unit(doc, last)


def _unit(doc: Document, last: int) -> int:
    """Return the last token of `plus`, `years old`, `tahun lebih` behind an age."""
    at = _about(doc, last)
    word = _word(doc, at + 1)
    if (
        word in ("y", "yo", "y/o")
        and _joined(doc, at + 1)
        and (word != "y" or _word(doc, at + 2) == "o")
    ):
        return at + 2 if _word(doc, at + 2) == "o" else at + 1
    if word not in _YEARS | _MONTHS_OLD or not _joined(doc, at + 1):
        return at
    following = _word(doc, at + 2)
    if following in _AWAY or (following == "ago"):
        return at  # 37 tahun ni: the year, not the unit
    at += 1
    if following in ("old", "olds") and _joined(doc, at + 1):
        return at + 1
    if following == "of" and _word(doc, at + 2) == "age":
        return at + 2
    return _about(doc, at)


def _about(doc: Document, last: int) -> int:
    """Return the last token of `plus`, `lebih`, `and a half` behind a number."""
    word, following = _word(doc, last + 1), _word(doc, last + 2)
    if word == "and" and (following, _word(doc, last + 3)) == ("a", "half"):
        return last + 3
    if word not in _ABOUT or not _joined(doc, last + 1):
        return last
    if word == "lebih" and following == "kurang":
        return last
    if word in ("over", "some", "an", "something") and word != "an":
        return last + 1 if following in _YEARS or following in ("already", "dah", "") else last
    return last + 1


def _alternatives(doc: Document, first: int, last: int) -> tuple[int, int]:
    """Return a number with the other one of `ten or eleven`, `nine going ten`."""
    here = piece(doc, first)
    if here is None or not here.digits.isdecimal():
        return first, last
    if _word(doc, last + 1) in _BETWEEN and _joined(doc, last + 1) and last + 2 < len(doc.tokens):
        other = piece(doc, last + 2)
        if other and _near(here, other) and _joined(doc, last + 2):
            return first, other.last
    if first >= 2 and doc.tokens[first - 1].norm in _BETWEEN and _joined(doc, first):
        for back in (4, 3, 2):
            if first - back < 0:
                continue
            other = piece(doc, first - back)
            if other and other.last == first - 2 and _near(other, here):
                return other.first, last
    return first, last


def _near(one: NumberPiece, two: NumberPiece) -> bool:
    return 0 < int(two.digits) - int(one.digits) <= _NEAR_AGE


def whole_date(doc: Document, first: int, last: int) -> tuple[int, int]:
    """Return the first and last token of a date with article, `this`, `hari`, `lepas` and the like,
    from those of the date itself.
    """
    tokens = doc.tokens
    named = any(
        t.norm in MONTHS or t.norm in FESTIVAL_WORDS or t.norm in WEEKDAYS
        for t in tokens[first : last + 1]
    )
    head = tokens[first].norm
    numbered = head[:1].isdigit() and not head.isdecimal()  # 14th
    day = head in ORDINALS or numbered or head in _COUNTED_FROM
    low = _year_named(doc, first)
    if named and low >= 2 and (_word(doc, low - 2), _word(doc, low - 1)) in _PERIODS:
        low -= 2 if _joined(doc, low) and _joined(doc, low - 1) else 0
    while low and first - low < _MOST and _joined(doc, low):
        word = tokens[low - 1].norm
        if word == "the":
            if day or low < first:
                low -= 1
            break
        if word not in _BEFORE_DATE or not (named or word in ("bulan", "bln", "haribulan")):
            break
        low -= 1
    return low, _when(doc, last) if named else last


def _year_named(doc: Document, first: int) -> int:
    """Return the first token of a year with `tahun` or `the year` before it."""
    head = doc.tokens[first].norm
    year = (head.isdecimal() and len(head) == 4) or head in ("nineteen", "twenty", "two", "dua")
    if not (year and first and doc.tokens[first - 1].norm in _YEAR and _joined(doc, first)):
        return first
    article = _word(doc, first - 2) == "the" and _joined(doc, first - 1)
    return first - 2 if article else first - 1


def _when(doc: Document, last: int) -> int:
    """Return the last token of `lepas`, `depan`, `tahun lepas`, `last year` behind a month."""
    pair = (_word(doc, last + 1), _word(doc, last + 2))
    if pair in _PERIODS and _joined(doc, last + 1) and _joined(doc, last + 2):
        return last + 2
    if pair[0] in _AWAY and _joined(doc, last + 1) and pair[1] not in _THEN:
        return last + 1
    return last


def _word(doc: Document, index: int) -> str:
    return doc.tokens[index].norm if 0 <= index < len(doc.tokens) else ""


def _joined(doc: Document, index: int) -> bool:
    """Return whether only blanks or a hyphen part a token from the one before it."""
    gap = doc.tokens[index].gap if 0 < index < len(doc.tokens) else "."
    return "\n" not in gap and gap.strip() in ("", "-", "\u2010", "\u2011", "+")


def _untelling(doc: Document, first: int, last: int) -> bool:
    """Return whether words can not be placed in time: a weekday alone, `the day after`."""
    return all(t.norm in _UNTELLING for t in doc.tokens[first : last + 1])


_RULES = {"AGE": whole_age, "DATE_TIME": whole_date}


def widened(findings: Iterable[Finding], texts: Sequence[str]) -> list[Finding]:
    """Return findings with ages and dates made whole, without dates that are none."""
    documents: dict[int, tuple[Document, dict[int, int], dict[int, int]]] = {}
    result: list[Finding] = []
    for finding in findings:
        rule = _RULES.get(finding.entity_type)
        if rule is None:
            result.append(finding)
            continue
        if finding.turn not in documents:
            doc = Document.of(texts[finding.turn])
            documents[finding.turn] = (
                doc,
                {t.start: i for i, t in enumerate(doc.tokens)},
                {t.end: i for i, t in enumerate(doc.tokens)},
            )
        doc, starts, ends = documents[finding.turn]
        first, last = starts.get(finding.start), ends.get(finding.end)
        if first is None or last is None or last < first:
            result.append(finding)
        elif finding.entity_type != "DATE_TIME" or not _untelling(doc, first, last):
            # `raya tahun`: a year that is not said
            dated = finding.entity_type == "DATE_TIME"
            short = dated and last > first and doc.tokens[last].norm in _YEAR - {"year"}
            low, high = rule(doc, first, last - short)
            start = min(finding.start, doc.tokens[low].start)
            end = max(doc.tokens[last - short].end, doc.tokens[high].end)
            result.append(replace(finding, start=start, end=end))
    return result
