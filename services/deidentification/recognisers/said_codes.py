# SPDX-License-Identifier: Apache-2.0
"""Codes of letters and digits as they are said: `h t s tiga tiga lapan`, `k l dash oh four seven
slash twenty`, `plate WXY one two, three four`.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass

from services.deidentification.domain.numbers import DIALECT, piece
from services.deidentification.domain.tokens import Document
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.word_files import read_words

_WORDS = read_words("number_context")
_SEPARATORS = _WORDS.words("said inside a code")
_CODED = _WORDS.words("codes")
_NOT_LETTERS = _WORDS.words("letters before a number that are not a plate")
_LETTERS = frozenset(string.ascii_lowercase)
_GAPS = frozenset(("", "-", ",", ".", "/", "--"))
_LONGEST = 24  # tokens of one code
_NEAR = 7  # words before a code in which something announces it
_ACRONYM = 6  # letters of a body's short form


@dataclass(frozen=True, slots=True)
class SaidCode:
    """First and last token, how many letters and digits it has, and whether a word before it
    announces a code, whether its letters are said one by one, and whether its digits are words.
    """

    first: int
    last: int
    letters: int
    digits: int
    announced: bool
    spelled: bool
    spoken: bool

    @property
    def holds(self) -> bool:
        """Whether it is a code and no talk: enough letters and digits for what announces it."""
        if self.announced:
            return self.digits >= 3 or (self.letters >= 2 and self.digits >= 2)
        if not self.spelled:
            return self.spoken and self.digits >= 4
        return self.digits >= 3 and self.letters >= 2


def said_codes(doc: Document) -> Iterator[SaidCode]:
    """Yield codes of letters that are said one by one, or as a short form, and digits."""
    index = 0
    while index < len(doc.tokens):
        found = _code(doc, index)
        if found is None:
            index += 1
            continue
        if found.holds:
            yield found
        index = found.last + 1


def _code(doc: Document, first: int) -> SaidCode | None:
    tokens = doc.tokens
    letters = _letters(doc, first, begins=True)
    if not letters:
        return None
    announced = any(t.norm in _CODED for t in tokens[max(0, first - _NEAR) : first])
    digits, last, at, spoken = 0, first, first + 1, True
    while at < len(tokens) and at - first < _LONGEST:
        token = tokens[at]
        if "\n" in token.gap or token.gap.strip() not in _GAPS:
            break
        found = piece(doc, at)
        if found is not None:
            digits, at, last = digits + len(found.digits), found.last + 1, found.last
            spoken = spoken and found.spoken
        elif token.norm in DIALECT and (digits or letters > 1):
            digits, at, last = digits + 1, at + 1, at
        elif more := _letters(doc, at, begins=False):
            letters, last, at = letters + more, at, at + 1
        elif token.norm in _SEPARATORS:
            at += 1
        else:
            break
    while last > first and tokens[last].norm in _SEPARATORS | {"a", "i"}:
        last -= 1
    spelled = len(tokens[first].norm) == 1
    return SaidCode(first, last, letters, digits, announced, spelled, spoken) if digits else None


def _letters(doc: Document, index: int, *, begins: bool) -> int:
    """Return how many letters of a code a token is; `I` and `a` begin none."""
    token = doc.tokens[index]
    word = token.norm
    if word in _LETTERS:
        return 0 if begins and word in "ai" and token.case != "T" else 1
    if not begins or len(word) > _ACRONYM or not word.isascii() or not word.isalpha():
        return 0
    following = doc.tokens[index + 1].norm if index + 1 < len(doc.tokens) else ""
    if word in _NOT_LETTERS and following not in ("dash", "slash", "hyphen", "stroke"):
        return 0
    if word in _CODED:
        return 0
    if token.case == "U":
        return len(word)
    return len(word) if _unheard(word) else 0


def _unheard(word: str) -> bool:
    """Return whether a word in small letters is no word: `hts`, `psy`."""
    book = load_lexicon()
    return len(word) in (2, 3, 4) and not set(word) & set("aeiou") and not book.known(word)
