# SPDX-License-Identifier: Apache-2.0
"""Time stamps as programs and people write them in transcripts.

Sources: handbooks and exports of f4, InqScribe, Otter, Teams, Zoom, noScribe, whisper.cpp,
QualCoder, NVivo, Happy Scribe and Express Scribe. Every quantifier is bounded, so that no line
takes more than linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DATE = (
    r"(?:(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
    r"|\d{1,2}\s[^\W\d]{3,12}\s\d{4}|[^\W\d]{3,12}\s\d{1,2},\s\d{4})(?:T|(?:,|\sat)?\s{1,2}))"
)
_HALF = r"(?:\s?[AaPp]\.?[Mm]\b\.?)"
_CLOCK = r"\d{1,3}:[0-5]?\d:[0-5]?\d(?:[:;.,-]\d{1,6}(?![\d:]))?"
_SHORT = r"\d{1,3}:[0-5]\d(?:[.,-]\d{1,3}(?![\d:]))?"
_DOTTED = r"\d{1,2}\.[0-5]\d\.[0-5]\d(?:[:,.-]\d{1,3})?(?![.\d])"
_LETTERS = r"(?:\d{1,2}\s?h\s?)?\d{1,3}\s?m(?:in)?\s?\d{1,2}(?:\.\d{1,3})?\s?s(?:ec)?(?![^\W_])"
_TIME = rf"(?:{_DATE}?(?:{_CLOCK}|{_SHORT})(?!\d|:\d){_HALF}?|{_DOTTED}|{_LETTERS})"
_SECONDS = r"\d{1,6}(?:[.,]\d{1,3})?\s?s?"
_TO = r"\s{0,3}(?:-{1,2}>|[-–—→]|to|bis)\s{0,3}"

_OPEN, _CLOSE = r"[\[({<【（［]", r"[\])}>】）］]"
_MARKED = re.compile(
    rf"{_OPEN}\s?(?:min\.?\s|time:?\s)?(?P<a>{_TIME})(?:{_TO}(?P<b>{_TIME}))?\s?{_CLOSE}"
    rf"|#(?P<c>{_TIME})(?:{_TO}(?P<d>{_TIME}))?#?(?!\w)"
    rf"|\[\s?(?P<e>{_SECONDS}){_TO}(?P<f>{_SECONDS})\s?\]"
    r"|\[(?P<g>\d{1,6}(?:[.,]\d{1,3})?)\s?s(?:ec)?\]"
)
_BARE = re.compile(rf"(?P<a>{_TIME})(?:{_TO}(?P<b>{_TIME}))?(?!\w|:\S)")
_BARE_END = re.compile(rf"(?<![\w:.,/-])(?P<a>{_TIME})(?:{_TO}(?P<b>{_TIME}))?\s{{0,8}}$")
_ENDINGS = "])}>#】）］"
_LONGEST = 64

_PARTS = re.compile(r"(\d{1,3}):(\d{1,2})(?::(\d{1,2}))?(?:([:;.,-])(\d{1,6}))?")
_DOTS = re.compile(r"(\d{1,2})\.(\d{2})\.(\d{2})(?:[:,.-](\d{1,3}))?")
_UNITS = re.compile(r"(?:(\d{1,2})\s?h\s?)?(\d{1,3})\s?m(?:in)?\s?(\d{1,2})(?:\.(\d{1,3}))?\s?s")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time in a line: milliseconds, and where it stands.

    `sure`: whether its spelling alone says so. `clock`: whether it is a time of the day.
    `hours`: whether hours are written. `marked`: whether it stands in brackets or signs.
    """

    start_ms: int
    end_ms: int | None
    begin: int
    end: int
    sure: bool
    clock: bool = False
    hours: bool = False
    marked: bool = True


def stamp_at(line: str, at: int = 0) -> Stamp | None:
    """Return the stamp that stands at a place of a line, marked or bare."""
    found = _MARKED.match(line, at)
    if found:
        return _stamp(found)
    found = _BARE.match(line, at)
    return _stamp(found, marked=False) if found else None


def stamp_at_end(line: str) -> Stamp | None:
    """Return the stamp with which a line ends, marked or bare."""
    length = len(line.rstrip())
    start = max(0, length - _LONGEST)
    if line[length - 1 : length] in _ENDINGS:
        for marked in _MARKED.finditer(line, start, length):
            if marked.end() == length:
                return _stamp(marked)
    bare = _BARE_END.search(line, start, length)
    return _stamp(bare, marked=False) if bare else None


def stamps_inside(line: str) -> Iterator[Stamp]:
    """Yield all marked stamps of a line."""
    for found in _MARKED.finditer(line):
        yield _stamp(found)


def _stamp(found: re.Match[str], *, marked: bool = True) -> Stamp:
    groups = found.groupdict()
    first = groups.get("a") or groups.get("c")
    second = groups.get("b") or groups.get("d")
    if first is None:
        first = groups["e"] or groups["g"]
        last = _seconds(groups["f"]) if groups["f"] else None
        return Stamp(_seconds(first), last, found.start(), found.end(), bool(groups["f"]))
    time, hours, clock = _time(first)
    until = _time(second)[0] if second else None
    sure = marked and (hours or second is not None or found[0][0] == "#")
    return Stamp(time, until, found.start(), found.end(), sure, clock, hours, marked)


def _time(text: str) -> tuple[int, bool, bool]:
    """Return milliseconds, whether hours are written, and whether it is a time of the day."""
    if units := _UNITS.match(text):
        hours, minutes, seconds, part = units.groups()
        return milliseconds(hours, minutes, seconds, part), True, False
    if dots := _DOTS.fullmatch(text):
        return milliseconds(*dots.groups()), True, False
    half = text.rstrip(" .").lower()[-3:].replace(".", "").strip()
    half = half if half in ("am", "pm") or half[-2:] in ("am", "pm") else ""
    dated = "/" in text or " " in text.strip(" AaPpMm.") or "T" in text or text[4:5] == "-"
    found = list(_PARTS.finditer(text))[-1 if dated else 0]
    first, second, third, sign, part = found.groups()
    clock = bool(half) or dated
    if third is None and not clock:
        return milliseconds(None, first, second, part), False, False
    hour = int(first)
    if half.endswith("pm") and hour < 12:
        hour += 12
    elif half.endswith("am") and hour == 12:
        hour = 0
    if sign in (":", ";") and part is not None and len(part) < 3:
        # Frames of video (SMPTE); the rate is not told, and 25 is usual where 30 is not.
        part = f"{min(999, int(part) * 1000 // (25 if int(part) < 25 else 30)):03d}"
    return milliseconds(str(hour), second, third or "0", part), True, clock


def _seconds(text: str) -> int:
    return round(float(text.rstrip("s ").replace(",", ".")) * 1000)


def milliseconds(hours: str | None, minutes: str, seconds: str, fraction: str | None = None) -> int:
    """Return a clock time in milliseconds; the fraction is decimal digits of a second."""
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int((fraction or "0").ljust(3, "0")[:3])
