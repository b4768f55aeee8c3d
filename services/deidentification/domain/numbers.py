# SPDX-License-Identifier: Apache-2.0
"""Numbers as people write and say them: runs of digits over words, languages and turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.deidentification.domain.tokens import Document, Token
from services.deidentification.domain.vocabulary import FILLERS

UNITS: dict[str, int] = {
    "zero": 0, "oh": 0, "o": 0, "nought": 0, "nil": 0, "kosong": 0, "sifar": 0, "one": 1, "satu": 1,
    "two": 2,
    "dua": 2, "three": 3, "tiga": 3, "four": 4, "empat": 4, "five": 5, "lima": 5, "six": 6,
    "enam": 6, "seven": 7,
    "tujuh": 7, "eight": 8, "lapan": 8, "delapan": 8, "nine": 9, "sembilan": 9,
}  # fmt: skip
TEENS: dict[str, int] = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "sepuluh": 10, "sebelas": 11,
}  # fmt: skip
TENS: dict[str, int] = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}  # fmt: skip
REPEATS: dict[str, int] = {"double": 2, "dubel": 2, "triple": 3, "tripel": 3, "treble": 3}
MAGNITUDES = frozenset(
    "hundred hundreds thousand thousands million billion ratus ribu juta seratus seribu".split()
)
JOINTS = FILLERS | frozenset(
    "dash hyphen sengkang space jarak then lepas lepastu tu strip minus".split()
) - {"like"}
BACKCHANNEL = frozenset(
    "okay ok ya yes yeah uh huh mm mhm hmm right baik and then lagi continue go on ah alright "
    "sure sorry haa "
    "betul sambung lepas tu next following".split()
)


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
