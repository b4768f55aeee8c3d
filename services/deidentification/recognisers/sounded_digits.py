# SPDX-License-Identifier: Apache-2.0
"""Runs of digits with words in them that only sound like digits, as a recogniser of speech writes
them (`zero one to, tree for five`, `kosong saat tingga`), and digits of Chinese and Tamil speech in
Roman letters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from services.deidentification.domain.numbers import (
    DIALECT,
    JOINTS,
    UNITS,
    NumberPiece,
    NumberRun,
    piece,
)
from services.deidentification.domain.tokens import Document
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.word_files import read_words

_WORDS = read_words("spoken_numbers")
_SOUNDS = _WORDS.numbers("digits by sound") | DIALECT
_WEAK = _WORDS.words("digits by sound that are common words")
_LANGUAGES = (
    _WORDS.numbers("digits of mandarin"),
    _WORDS.numbers("digits of hokkien"),
    _WORDS.numbers("digits of cantonese"),
    _WORDS.numbers("digits of tamil"),
)
_GAPS = frozenset(("", "-", ",", ".", "...", "\u2026", "--", "\u2013"))
_ANNOUNCING = _WORDS.words("right before a number that is announced")
_SPELT, _SHORT, _LONG_WORD = 4, 3, 6  # letters: a word, a digit's name, a long one
_LONGEST = 40  # pieces of one run
_REAL = 3  # digits that a run holds besides words that sound like some
_LONG, _FOREIGN_LONG = 6, 7  # pieces of a run that nothing announces
_FOREIGN = 4  # pieces of a run of another language that something announces


@dataclass(frozen=True, slots=True)
class SoundedRun:
    """A run, how many of its pieces are digits by any list, whether it is of another language, and
    whether a word of it is no digit at all.
    """

    run: NumberRun
    real: int
    foreign: bool
    broken: bool = False

    def holds(self, *, announced: bool) -> bool:
        """Return whether it is a number: long enough, or announced."""
        pieces = len(self.run.pieces)
        if self.foreign:
            return pieces >= (_FOREIGN if announced else _FOREIGN_LONG)
        if announced:
            return pieces >= (_LONG if self.broken else _REAL) and self.real >= 1
        if self.broken:
            return False
        return pieces >= _LONG and self.real >= _REAL and self.real * 2 >= pieces


def sounded_runs(doc: Document) -> Iterator[SoundedRun]:
    """Yield runs that hold a word which only sounds like a digit."""
    norms = {t.norm for t in doc.tokens}
    if norms & _SOUNDS.keys() or any(map(_nearly, norms)):
        yield from _runs(doc, _SOUNDS, foreign=False)
    for language in _LANGUAGES:
        if len(norms & language.keys()) > 1:
            yield from _runs(doc, language, foreign=True)


def _runs(doc: Document, sounds: dict[str, int], *, foreign: bool) -> Iterator[SoundedRun]:
    index, size = 0, len(doc.tokens)
    while index < size:
        pieces: list[tuple[NumberPiece, str]] = []
        at, broken = index, False
        while at < size and len(pieces) < _LONGEST:
            found = _digit(doc, at, sounds, foreign=foreign)
            if found is None or (pieces and not _follows(doc, pieces[-1][0].last, at)):
                step = _over(doc, at) if pieces else at
                if step == at and _is_between(doc, at, pieces):
                    step, broken = at + 1, True
                if step == at or step >= size:
                    break
                at = step
                found = _digit(doc, at, sounds, foreign=foreign)
                if found is None:
                    break
            pieces.append(found)
            at = found[0].last + 1
        index = max(at, index + 1)
        kept = _trimmed(doc, pieces)
        kinds = [kind for _, kind in kept]
        if len(kept) >= _REAL and any(kind != "real" for kind in kinds):
            run = NumberRun(tuple(found for found, _ in kept))
            real = kinds.count("real") + kinds.count("dialect")
            yield SoundedRun(run, real, foreign, broken)


def _digit(
    doc: Document, at: int, sounds: dict[str, int], *, foreign: bool
) -> tuple[NumberPiece, str] | None:
    """Return the piece at a token, and whether it is `real`, of a `dialect`, by `sound`, or
    `weak`.
    """
    found = piece(doc, at)
    if found is not None:
        return (found, "real") if len(found.digits) < 5 else None
    word = doc.tokens[at].norm
    if word not in sounds:
        digit = "" if foreign else _nearly(word)
        return (NumberPiece(at, at, digit, spoken=True), "sound") if digit else None
    if not foreign and word in _WEAK:
        return NumberPiece(at, at, str(sounds[word]), spoken=True), "weak"
    kind = "dialect" if word in DIALECT else "sound"
    return NumberPiece(at, at, str(sounds[word]), spoken=True), kind


@lru_cache(maxsize=65536)
def _nearly(word: str) -> str:
    """Return the digit of which a word that no list has is a misspelling, such as `sambilan`; empty
    where it is none.
    """
    if len(word) < _SPELT or not word.isalpha() or word in UNITS or load_lexicon().known(word):
        return ""
    for said, digit in UNITS.items():
        allowed = 2 if len(said) >= _LONG_WORD else 1
        if (
            len(said) >= _SHORT
            and said[0] == word[0]
            and DamerauLevenshtein.distance(said, word, score_cutoff=allowed) <= allowed
        ):
            return str(digit)
    return ""


def _is_between(doc: Document, at: int, pieces: list[tuple[NumberPiece, str]]) -> bool:
    """Return whether a word stands in the middle of a number, as one digit that was not heard."""
    if len(pieces) < _REAL or at + 1 >= len(doc.tokens):
        return False
    before, after = doc.tokens[at], doc.tokens[at + 1]
    gaps = {before.gap.strip(), after.gap.strip()}
    found = piece(doc, at + 1)
    return gaps <= _GAPS and "\n" not in before.gap + after.gap and found is not None


def _follows(doc: Document, last: int, at: int) -> bool:
    gap = doc.tokens[at].gap
    return at == last + 1 and "\n" not in gap and gap.strip() in _GAPS


def _over(doc: Document, at: int) -> int:
    """Return the token behind at most two words that people say between the parts of a number."""
    over = at
    while (
        over < len(doc.tokens)
        and over - at < 2
        and doc.tokens[over].norm in JOINTS
        and "\n" not in doc.tokens[over].gap
    ):
        over += 1
    return over if over < len(doc.tokens) and "\n" not in doc.tokens[over].gap else at


def _trimmed(doc: Document, pieces: list[tuple[NumberPiece, str]]) -> list[tuple[NumberPiece, str]]:
    """Return a run without `to` and `for` at its edges, unless a clause begins or ends there, or a
    long one is said right behind what announces it.
    """
    first, last = 0, len(pieces) - 1
    begin = pieces[0][0].first if pieces else 0
    told = begin and len(pieces) >= _LONG and doc.tokens[begin - 1].norm in _ANNOUNCING
    while not told and first <= last and pieces[first][1] == "weak":
        first += 1
    while last >= first and pieces[last][1] == "weak":
        after = pieces[last][0].last + 1
        ahead = doc.tokens[after].gap if after < len(doc.tokens) else "\n"
        if "\n" in ahead or ahead.strip()[:1] in (".", ",", "?", "!"):
            break
        last -= 1
    return pieces[first : last + 1]
