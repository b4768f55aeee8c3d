# SPDX-License-Identifier: Apache-2.0
"""Numbers as people write and say them: runs of digits over words, languages and turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from services.deidentification.domain.tokens import Document, Token
from services.deidentification.domain.vocabulary import FILLERS
from services.deidentification.word_files import read_words

_WORDS = read_words("spoken_numbers")

_DASH = regex.compile(r"[\p{Pd}\u2212\u2043\u30fc]")

UNITS = _WORDS.numbers("units")
TEENS = _WORDS.numbers("teens")
TENS = _WORDS.numbers("tens")
DIALECT = UNITS | _WORDS.numbers("units of dialects")
_LAST_UNITS = {
    word: value
    for word, value in DIALECT.items()
    if word not in _WORDS.words("units of dialects that end no number")
}
_TENFOLD = _WORDS.words("tens in malay")
_TEEN = _WORDS.words("teens in malay")
REPEATS = _WORDS.numbers("repeats")
DECADES = _WORDS.numbers("decades")
MAGNITUDES = _WORDS.words("magnitudes")
JOINTS = FILLERS | _WORDS.words("joints")
BACKCHANNEL = _WORDS.words("backchannels")


LONGEST = 64  # numbers in one run; longer ones are cut


@dataclass(frozen=True, slots=True)
class NumberPiece:
    """One spoken or written number: its tokens (both included), its digits, and whether it was
    said in words.
    """

    first: int
    last: int
    digits: str
    spoken: bool


@dataclass(frozen=True, slots=True)
class NumberRun:
    """Numbers that follow one another as one number might."""

    pieces: tuple[NumberPiece, ...]

    @property
    def digits(self) -> str:
        """All digits, separators left out."""
        return "".join(p.digits for p in self.pieces)

    @property
    def first(self) -> int:
        """Index of the first token."""
        return self.pieces[0].first

    @property
    def last(self) -> int:
        """Index of the last token."""
        return self.pieces[-1].last

    @property
    def spoken(self) -> bool:
        """Whether every number was said in words."""
        return all(p.spoken for p in self.pieces)


def _ascii_digits(word: str) -> str:
    return "".join(str(int(c)) for c in word)


def piece(doc: Document, index: int) -> NumberPiece | None:
    """Return the number that starts at a token; None where none does."""
    word = doc.tokens[index].norm
    if doc.tokens[index].case == "d":
        return NumberPiece(index, index, _ascii_digits(word), False)
    if word in REPEATS:
        return _repeated(doc, index)
    if word in UNITS:
        return _unit(doc, index)
    if word in DIALECT and _next(doc, index + 1) in _TENFOLD | _TEEN:
        return _unit(doc, index)
    if word in TEENS:
        return NumberPiece(index, index, str(TEENS[word]), True)
    if word in TENS:
        following = _next(doc, index + 1)
        if following in UNITS and UNITS[following] > 0 and following not in ("oh", "o"):
            return NumberPiece(index, index + 1, str(TENS[word] + UNITS[following]), True)
        return NumberPiece(index, index, str(TENS[word]), True)
    return None


def _next(doc: Document, at: int) -> str:
    """Return the word at a token that may continue a number; empty where it does not."""
    if at >= len(doc.tokens):
        return ""
    gap = doc.tokens[at].gap
    return doc.tokens[at].norm if "\n" not in gap and gap.strip() in ("", "-", ",") else ""


def _repeated(doc: Document, index: int) -> NumberPiece | None:
    """Return the digits of `double three`."""
    times, following = REPEATS[doc.tokens[index].norm], _next(doc, index + 1)
    if following in UNITS:
        return NumberPiece(index, index + 1, str(UNITS[following]) * times, True)
    if len(following) == 1 and following.isdecimal():
        return NumberPiece(index, index + 1, _ascii_digits(following) * times, True)
    return None


def _unit(doc: Document, index: int) -> NumberPiece | None:
    """Return the digits of `three`, `tiga`, and in Malay of `tiga puluh`, `tiga puluh dua`, `tiga
    belas`, `limo puloh duo`.
    """
    word, following = doc.tokens[index].norm, _next(doc, index + 1)
    value = DIALECT[word]
    if following in _TENFOLD and value:
        last = _LAST_UNITS.get(_next(doc, index + 2))
        if last:
            return NumberPiece(index, index + 2, str(value * 10 + last), True)
        return NumberPiece(index, index + 1, str(value * 10), True)
    if following in _TEEN and value:
        return NumberPiece(index, index + 1, str(10 + value), True)
    before = doc.tokens[index - 1].norm if index else ""
    if word in ("o", "oh") and not (_number(following) or _number(before)):
        return None  # an exclamation
    return NumberPiece(index, index, str(value), True)


def amount(doc: Document, index: int) -> NumberPiece | None:
    """Return the number below ten thousand that starts at a token, also with hundreds: `one hundred
    and five`, `seratus dua puluh`, `dua ratus lima`, `twelve hundred`.
    """
    word = doc.tokens[index].norm
    found = piece(doc, index)
    following = _next(doc, found.last + 1) if found else ""
    if word == "seratus":
        hundreds, last = 1, index
    elif word == "a" and _next(doc, index + 1) == "hundred":
        hundreds, last = 1, index + 1
    elif found and following in ("hundred", "ratus") and len(found.digits) < 3:
        hundreds, last = int(found.digits), found.last + 1
    else:
        return found
    rest = last + (2 if _next(doc, last + 1) in ("and", "dan") else 1)
    more = piece(doc, rest) if _next(doc, rest) else None
    if more is None or not more.spoken or len(more.digits) > 2:
        return NumberPiece(index, last, str(hundreds * 100), spoken=True)
    return NumberPiece(index, more.last, str(hundreds * 100 + int(more.digits)), spoken=True)


def _number(word: str) -> bool:
    return word in UNITS or word in TEENS or word in TENS or word in REPEATS or word.isdecimal()


def _joins(token: Token, before: NumberPiece, after: NumberPiece) -> bool:
    gap = _DASH.sub("-", token.gap.strip())
    if "\n" in token.gap:
        return True
    if gap in ("", "-", ")", "(", ") -", ")-"):
        return True
    if gap in (",", "...", "\u2026", ".", ",-", "--", ". "):
        return (
            before.spoken
            or after.spoken
            or (gap == "." and len(before.digits) >= 2 and len(after.digits) >= 3)
        )
    return False


def runs(doc: Document) -> Iterator[NumberRun]:
    """Yield all runs of numbers; a run may continue after a filler, or in the next turn."""
    tokens = doc.tokens
    index, size = 0, len(tokens)
    current: list[NumberPiece] = []
    while index < size:
        found = piece(doc, index)
        if found is None:
            index += 1
            continue
        current, count = [found], len(found.digits)
        index = found.last + 1
        while index < size and len(current) < LONGEST:
            at = _onward(tokens, index, count)
            following = piece(doc, at) if at < size else None
            if following is None or not _joins(tokens[at], current[-1], following):
                break
            current.append(following)
            count += len(following.digits)
            index = following.last + 1
        if (
            index < size
            and tokens[index].norm in MAGNITUDES
            and tokens[index].gap.strip() in ("", "-")
        ):
            continue
        yield NumberRun(tuple(current))


def _onward(tokens: tuple[Token, ...], index: int, digits: int) -> int:
    """Return where the next number of a run may start: after joints, and after a listener's short
    turn.
    """
    at = index
    if digits < 2:
        return at
    while (
        at < len(tokens)
        and at - index < 3
        and tokens[at].norm in JOINTS
        and "\n" not in tokens[at].gap
    ):
        at += 1
    if at < len(tokens) and "\n" in tokens[at].gap and digits >= 3:
        line = tokens[at].line
        over = at
        while over < len(tokens) and over - at < 4 and tokens[over].norm in BACKCHANNEL:
            over += 1
        if over > at and over < len(tokens) and tokens[over].line >= line:
            return over
    return at
