# SPDX-License-Identifier: Apache-2.0
"""Numbers as people write and say them: runs of digits over words, languages and turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.deidentification.domain.tokens import Document, Token
from services.deidentification.domain.vocabulary import FILLERS
from services.deidentification.word_files import read_words

_WORDS = read_words("spoken_numbers")

UNITS = _WORDS.numbers("units")
TEENS = _WORDS.numbers("teens")
TENS = _WORDS.numbers("tens")
REPEATS = _WORDS.numbers("repeats")
MAGNITUDES = _WORDS.words("magnitudes")
JOINTS = FILLERS | _WORDS.words("joints")
BACKCHANNEL = _WORDS.words("backchannels")


LONGEST = 64  # numbers in one run; longer ones are cut


@dataclass(frozen=True, slots=True)
class Piece:
    """One spoken or written number: its tokens (both included), its digits, and whether it was
    said in words.
    """

    first: int
    last: int
    digits: str
    spoken: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Numbers that follow one another as one number might."""

    pieces: tuple[Piece, ...]

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


def piece(doc: Document, index: int) -> Piece | None:  # noqa: C901 - one ladder, read top to bottom
    """The number that starts at a token, if one does."""
    tokens = doc.tokens
    word = tokens[index].norm
    size = len(tokens)

    def next_word(offset: int) -> str:
        at = index + offset
        if at < size and "\n" not in tokens[at].gap and tokens[at].gap.strip() in ("", "-", ","):
            return tokens[at].norm
        return ""

    if tokens[index].case == "d":
        return Piece(index, index, _ascii_digits(word), False)
    if word in REPEATS:
        following = next_word(1)
        if following in UNITS:
            return Piece(index, index + 1, str(UNITS[following]) * REPEATS[word], True)
        if len(following) == 1 and following.isdecimal():
            return Piece(index, index + 1, _ascii_digits(following) * REPEATS[word], True)
        return None
    if word in UNITS:
        following = next_word(1)
        if following == "puluh" and UNITS[word]:
            last = next_word(2)
            if UNITS.get(last):
                return Piece(index, index + 2, str(UNITS[word] * 10 + UNITS[last]), True)
            return Piece(index, index + 1, str(UNITS[word] * 10), True)
        if following == "belas" and UNITS[word]:
            return Piece(index, index + 1, str(10 + UNITS[word]), True)
        if word in ("o", "oh") and not (
            _number(following) or (index and _number(tokens[index - 1].norm))
        ):
            return None
        return Piece(index, index, str(UNITS[word]), True)
    if word in TEENS:
        return Piece(index, index, str(TEENS[word]), True)
    if word in TENS:
        following = next_word(1)
        if following in UNITS and UNITS[following] > 0 and following not in ("oh", "o"):
            return Piece(index, index + 1, str(TENS[word] + UNITS[following]), True)
        return Piece(index, index, str(TENS[word]), True)
    return None


def _number(word: str) -> bool:
    return word in UNITS or word in TEENS or word in TENS or word in REPEATS or word.isdecimal()


def _joins(token: Token, before: Piece, after: Piece) -> bool:
    gap = token.gap.strip()
    if "\n" in token.gap:
        return True
    if gap in ("", "-", "\u2013", "\u2010", "\u2011", ")", "(", ") -", ")-"):
        return True
    if gap in (",", "...", "\u2026", ".", ",-", "--", ". "):
        return (
            before.spoken
            or after.spoken
            or (gap == "." and len(before.digits) >= 2 and len(after.digits) >= 3)
        )
    return False


def runs(doc: Document) -> Iterator[Run]:
    """All runs of numbers; a run may go on after a filler, or in the next turn."""
    tokens = doc.tokens
    index, size = 0, len(tokens)
    current: list[Piece] = []
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
        yield Run(tuple(current))


def _onward(tokens: tuple[Token, ...], index: int, digits: int) -> int:
    """Where the next number of a run may start: over joints, and over a listener's short turn."""
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
