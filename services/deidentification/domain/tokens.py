# SPDX-License-Identifier: Apache-2.0
"""Words of a text with their offsets, normal forms and letter case, in linear time."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import regex

# Marks and format characters (zero-width joiners, direction marks) belong to the word that they are
# in. Relation marks of names (a/l, a/p, s/o, d/o) are one word. Chinese characters, which no blanks
# part, are no part of a number or a Latin word beside them.
_WORD = regex.compile(
    r"(?:[aAsS]/[lLpPoO]|[dD]/[oO])(?![\p{L}\p{N}])"
    r"|[[\p{L}\p{M}\p{N}\p{Cf}_]--\p{Han}]+(?:['\u2019\u02bc`\u00b4][[\p{L}\p{M}\p{N}\p{Cf}]--\p{Han}]+)*+"
    r"|\p{Han}[\p{Han}\p{M}\p{Cf}]*+",
    regex.VERSION1,
)
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "`": "'", "\u00b4": "'"})
_ENDS_SENTENCE = frozenset('.?!:;"\u201c\u201d(\n\u2026[>')


def normal(word: str) -> str:
    """Return a word in lower case without accents, marks and joiners: the form in which words are
    compared.
    """
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold()).translate(_APOSTROPHES)
    kept = "".join(c for c in plain if unicodedata.category(c) not in ("Mn", "Cf", "Me"))
    return kept or plain


@dataclass(frozen=True, slots=True)
class Token:
    """A word: code-point offsets, normal form, letter case (`l`ower, `T`itle, `U`pper, `d`igits,
    `m`ixed), line.
    """

    start: int
    end: int
    norm: str
    case: str
    line: int
    initial: bool
    gap: str

    @property
    def capital(self) -> bool:
        """Whether it starts with a capital letter."""
        return self.case in "TU"


def _case(word: str) -> str:
    if word.isdecimal():
        return "d"
    if word.islower():
        return "l"
    if word.isupper():
        return "U" if len(word) > 1 else "T"
    return "T" if word[:1].isupper() else "m"


@dataclass(frozen=True)
class Document:
    """A text, its words, and whether its capital letters mean anything."""

    text: str
    tokens: tuple[Token, ...]
    cased: bool

    @classmethod
    def of(cls, text: str) -> Document:
        """Read a text. A genitive 's is no word of its own and no part of a word."""
        tokens: list[Token] = []
        line, last, title, inner = 0, 0, 0, 0
        for match in _WORD.finditer(text):
            start, end = match.span()
            gap = text[last:start]
            word = match.group()
            if len(word) > 2 and word[-1] in "sS" and word[-2] in "'\u2019\u02bc`\u00b4":
                end -= 2
                word = word[:-2]
            line += gap.count("\n")
            stripped = gap.rstrip()
            if not tokens or "\n" in gap:
                initial = True
            else:
                initial = bool(stripped) and stripped[-1] in _ENDS_SENTENCE
            case = _case(word)
            if not initial and case in "lT":
                inner += 1
                title += case == "T" and end - start > 1
            tokens.append(Token(start, end, normal(word), case, line, initial, gap))
            last = end
        return cls(
            text, tuple(tokens), 0 < title <= inner * 0.6 or (0 < title <= inner - 2 and inner < 12)
        )

    def adjacent(self, index: int) -> bool:
        """Return whether token `index` follows its neighbour with nothing but blanks, a hyphen or
        the point of an initial between them.
        """
        if not 0 < index < len(self.tokens):
            return False
        gap = self.tokens[index].gap
        if gap == " ":
            return True
        if "\n" in gap or len(gap) > 4:
            return False
        bare = gap.strip()
        if bare in ("", "-", "'", "\u2019", "\u2010", "\u2011"):
            return True
        before = self.tokens[index - 1]
        if bare == "'s" or bare == "\u2019s":
            return False
        return bare == "." and (before.end - before.start <= 3)
