# SPDX-License-Identifier: Apache-2.0
"""Views of a text: as recognisers read it, with the way back to where everything stands in it.

`folded` writes compatibility forms as what they stand for (Unicode NFKC, for what occurs in names,
numbers and addresses). `spoken` leaves out what a transcriber notes and nobody says, such as
pauses, events, time stamps and a listener's sounds, in the notations of f4, noScribe, GAT 2,
Jefferson and CHAT. `run_on` joins turns over which a value goes on. No recogniser needs to know of
them.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import regex

from services.deidentification.domain.dates import MONTHS, ORDINALS
from services.deidentification.domain.numbers import REPEATS, TEENS, TENS, UNITS
from services.deidentification.domain.tokens import normal
from services.deidentification.domain.transcript import Span
from services.deidentification.word_files import read_words

_WORDS = read_words("spoken_numbers")
_ADDRESS = read_words("internet")


@dataclass(frozen=True, slots=True)
class View:
    """A text made from another one; `starts` and `ends` are where each code point of it begins and
    ends in the other. Both are empty where the text is the same.
    """

    text: str
    starts: Sequence[int] = ()
    ends: Sequence[int] = ()

    def back(self, spans: Iterable[Span]) -> Iterator[Span]:
        """Yield spans of this text as spans of the other one."""
        for span in spans:
            if not self.starts:
                yield span
            elif span.start < span.end:
                start, end = self.starts[span.start], self.ends[span.end - 1]
                yield replace(span, start=start, end=end)

    def changed(self, edits: Iterable[tuple[int, int, str]]) -> View:
        """Return the view with ranges of its text replaced; they are in order and disjoint."""
        text, starts, ends = list[str](), list[int](), list[int]()
        last = 0
        identity = range(len(self.text))
        own_starts = self.starts or identity
        own_ends = self.ends or range(1, len(self.text) + 1)
        for first, end, new in edits:
            text += (self.text[last:first], new)
            starts += own_starts[last:first]
            ends += own_ends[last:first]
            starts += [own_starts[first]] * len(new)
            ends += [own_ends[end - 1]] * len(new)
            last = end
        if not last:
            return self
        text.append(self.text[last:])
        starts += own_starts[last:]
        ends += own_ends[last:]
        return View("".join(text), starts, ends)


# What may be another form of something: format characters, blanks, digits, dashes, full-width and
# small forms, ligatures, letters of mathematics, and character references.
_FORMS = regex.compile(
    r"(?V1)[[\p{Cf}\p{Zs}\p{Pd}\p{Nd}\p{No}\u2212\u2043\u00b7\u2022\u2027\u30fb\u30fc\u3002\uff61"
    r"\uff01-\uff9f\ufe50-\ufe6f\ufb00-\ufb06\u24b6-\u24e9\U0001d400-\U0001d7ff]--[\x00-\x7f]]"
    r"|&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});"
)
_DASHES = frozenset("\u2212\u2043\u30fc\uff70")
_POINTS = frozenset("\u00b7\u2022\u2027\u30fb\uff65")
_STOPS = frozenset("\u3002\uff61")


def folded(text: str) -> View:
    """Return a text with compatibility forms as what they stand for; what joins or parts words in
    another way than between digits stays.
    """
    if text.isascii() and "&" not in text:
        return View(text)
    return View(text).changed(
        (match.start(), match.end(), new)
        for match in _FORMS.finditer(text)
        if (new := _form(text, match.start(), match.end())) != match.group()
    )


def _form(text: str, start: int, end: int) -> str:
    """Return what the characters from `start` to `end` stand for, where they stand."""
    char = text[start:end]
    if char[0] == "&":
        plain = html.unescape(char)
        return _kept(plain) if len(plain) == 1 else char
    left, right = text[start - 1 : start], text[end : end + 1]
    if unicodedata.category(char) == "Pd" or char in _DASHES:
        return "-" if _numeral(left) and _numeral(right) else _kept(char)
    if char in _POINTS:
        return "-" if _numeral(left) and _numeral(right) else char
    if char in _STOPS:
        return "." if _latin(left) and _latin(right) else char
    if unicodedata.category(char) == "No":
        near = {
            left,
            right,
            text[start - 2 : start - 1] if start > 1 else "",
            text[end + 1 : end + 2],
        }
        run = any(one and unicodedata.category(one) == "No" for one in near)
        return _kept(char) if run else char  # one by itself is a footnote or a power
    return _kept(char)


@cache
def _kept(char: str) -> str:
    """Return the NFKC form of a character where it is one of ASCII, nothing for an invisible one,
    and else the character.
    """
    kind = unicodedata.category(char)
    if kind == "Cf":
        return ""
    if kind == "Zs":
        return " "
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    plain = unicodedata.normalize("NFKC", char)
    return plain if plain.isascii() and kind[0] in "LNPS" else char


def _numeral(char: str) -> bool:
    return bool(char) and unicodedata.category(char) in ("Nd", "No")


def _latin(char: str) -> bool:
    return bool(char) and unicodedata.normalize("NFKC", char).isascii() and char.isalnum()


_ENCLOSED = (
    r"\(\([^()\n]{0,120}\)\)|\([^()\n]{0,80}\)|\[[^\[\]\n]{0,80}\]|\{[^{}\n]{0,80}\}"
    r"|<[^<>\n]{0,80}>|//[^/\n]{1,80}//|\#[^#\n]{1,40}\#|\*[^*\n]{1,40}\*"
    r"|[\u3010\u3014\u300a\u2039\u00ab][^\u3010-\u3015\u300a\u300b\u2039\u203a\u00ab\u00bb\n]{0,80}"
    r"[\u3011\u3015\u300b\u203a\u00bb]"
)
_STAMP = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,:-]\d{1,3})?"
_STAMPS = regex.compile(rf"(?<![\d:]){_STAMP}(?![\d:])")
# Breath, laughter in speech, loudness, pitch, latching, lengthening, codes of CHAT, a mark that
# stands alone.
_MARKS = (
    r"(?<!\w)(?:[.\u00b0\u00b7]h{1,6}|h{1,6}[.\u00b0]|h{2,6})(?!\w)|(?<!\S)&[=~+-]?\w{1,20}"
    r"|@{2,4}|\.{2,8}|\u2026|[\u00b0\u2190-\u21ff\u2248\u2261=^~|<>{}\[\]*]{1,8}"
    rf"|(?<![\d:]){_STAMP}(?![\d:])|(?<!\S)[/\\#_+-]{{1,3}}(?!\S)"
)
_NOTATION = regex.compile(rf"[ \t]{{0,8}}(?:{_ENCLOSED}|{_MARKS})[ \t]{{0,8}}")
_LENGTHENED = regex.compile(r"(?<=[^\W\d_]):{1,6}(?=[^\W\d_])")
_CLOCK = r"(?:\d{1,2}[:.]){1,3}\d{2}(?:[.,:-]\d{1,3})?"
_PAUSE = regex.compile(
    r"(?:ca?\.? ?)?\d{1,3}(?:[.,:]\d{1,3})? ?\p{L}[\p{L}.]{0,12}(?: \p{L}{1,12})?"
    rf"|\d{{1,2}}(?:[.,]\d{{1,2}})?|{_CLOCK}(?: ?(?:-|-->|\u2013) ?{_CLOCK})?"
)
_MOST_DIGITS = 2  # in a note; more may be a part of a number that is said


def spoken(view: View) -> View:
    """Return a view of a text without what nobody said. What encloses words that may be said is
    left out, and they stay.
    """
    without = view.changed(_unsaid(view.text))
    if ":" not in without.text:
        return without
    return without.changed(
        (match.start(), match.end(), "") for match in _LENGTHENED.finditer(without.text)
    )


def run_on(view: View) -> View:
    """Return a view of turns, one a line, in which a date, an age or an address that goes on in
    the next turn stands in one line.
    """
    return view.changed(_seams(view.text))


_BRACKETS = "()[]{}<>/#*\u3010\u3011\u3014\u3015\u300a\u300b\u2039\u203a\u00ab\u00bb"


def _unsaid(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the notes of a text, and the brackets around a number that was heard with doubt."""
    for match in _NOTATION.finditer(text):
        note = match.group().strip()
        left, right = match.span()
        inner = note.strip(_BRACKETS)
        if note[0] not in _BRACKETS or _is_note(note[0], inner):
            yield left, right, " "
        elif all(_is_number(normal(word)) for word in _WORD.findall(inner)):
            start = text.index(inner, left)
            yield left, start, " "
            if start + len(inner) < right:
                yield start + len(inner), right, " "


def _is_note(opening: str, inner: str) -> bool:
    """Return whether what stands in brackets is not said: a pause, a time, an event, a listener's
    sound. What may be a number or an address is none.
    """
    inner = _STAMPS.sub(" ", inner).strip()
    if not any(c.isalnum() for c in inner) or _PAUSE.fullmatch(inner):
        return True
    if opening == "/" or _LISTENER.match(inner):
        return True
    if sum(c.isdecimal() for c in inner) > _MOST_DIGITS or "@" in inner:
        return False
    return not all(_is_number(normal(word)) for word in _WORD.findall(inner))


_WORD = regex.compile(r"\w+")
_LISTENER = regex.compile(r"\p{L}{1,8}\d{0,3}:")
_UNITS_OF_AGE = frozenset("years year yrs tahun thn old".split())
_DOT, _AT = _ADDRESS.words("dot"), _ADDRESS.words("at")
_PROVIDERS = _ADDRESS.words("mail providers")
_LAST = regex.compile(r"([\w'\u2019]{1,30})[ ,\u2013\u2014-]{0,4}$|(@) ?$")
_FIRST = regex.compile(
    r"[ ,\u2026.-]{0,4}(?:(@)|([\w'\u2019]{1,30}))(?:[ ,]{1,3}([\w'\u2019]{1,30}))?"
)
_AROUND = 64  # code points that are looked at on both sides of a turn's end


def _seams(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the ends of turns over which a date, an age or an address may go on."""
    at = text.find("\n")
    while at >= 0:
        left = _LAST.search(text, max(text.rfind("\n", 0, at) + 1, at - _AROUND), at)
        right = _FIRST.match(text, at + 1, at + 1 + _AROUND) if left else None
        if left and right and _goes_on(left, right):
            yield at, at + 1, " " if not (left.group(2) or right.group(1)) else ""
        at = text.find("\n", at + 1)


def _goes_on(left: regex.Match[str], right: regex.Match[str]) -> bool:
    if left.group(2) or right.group(1):
        return True
    last, first, second = (
        normal(left.group(1)),
        normal(right.group(2)),
        normal(right.group(3) or ""),
    )
    if _is_number(last) or last in MONTHS:
        return _is_number(first) or first in MONTHS or first in ORDINALS or first in _UNITS_OF_AGE
    if last in ORDINALS:
        return first in MONTHS
    if last in _DOT or first in _DOT:
        return True
    return (last in _AT and (first in _PROVIDERS or second in _DOT)) or (
        first in _AT and second in _PROVIDERS
    )


def _is_number(word: str) -> bool:
    return (
        word in UNITS
        or word in TEENS
        or word in TENS
        or word in REPEATS
        or (word.isdecimal() and len(word) <= 4)
    )
