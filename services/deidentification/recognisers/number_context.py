# SPDX-License-Identifier: Apache-2.0
"""What the words before a number say about it."""

from __future__ import annotations

import string

from services.deidentification.domain.tokens import Document
from services.deidentification.word_files import read_words

_WORDS = read_words("number_context")
_LETTERS = frozenset(string.ascii_lowercase)

IC = _WORDS.words("identity card")
PHONE = _WORDS.words("telephone")
RECORD = _WORDS.words("medical record")
PASSPORT = _WORDS.words("passport")
BANK = _WORDS.words("bank account")
CARD = _WORDS.words("payment card")
IDS = _WORDS.words("other numbers of a person")
LAST = _WORDS.words("part of a number")


def context(doc: Document, first: int, back: int = 9) -> set[str]:
    """Return the words among the `back` tokens before token `first`."""
    return {t.norm for t in doc.tokens[max(0, first - back) : first]}


_KINDS = (
    ("IC", IC),
    ("PASSPORT", PASSPORT),
    ("BANK", BANK),
    ("CARD", CARD),
    ("IDS", IDS),
    ("RECORD", RECORD),
    ("PHONE", PHONE),
    ("LAST", LAST),
)


def announced(doc: Document, first: int, back: int = 9) -> str:
    """Return the kind of number that the nearest word before token `first` announces; empty where
    none does.
    """
    for token in reversed(doc.tokens[max(0, first - back) : first]):
        for kind, words in _KINDS:
            if token.norm in words and not (
                kind == "PHONE" and token.norm in ("number", "nombor", "no", "numbers")
            ):
                return kind
    if {"number", "nombor", "numbers"} & context(doc, first, back):
        return "PHONE"
    return ""


def with_letters(doc: Document, first: int, most: int = 3) -> int:
    """Return where a number that begins at token `first` begins with the single letters, at most
    `most`, that are spelled right before it.
    """
    start = first
    while (
        start
        and first - start < most
        and doc.tokens[start - 1].norm in _LETTERS
        and doc.tokens[start].gap.strip() in ("", "-", ",")
    ):
        start -= 1
    return start
