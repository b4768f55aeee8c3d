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
_THREE = _WORDS.words("three digits that name")
_NO_BODY = _WORDS.words("letters before a number that are not a plate") | IC | PHONE
_ANSWER = 6  # words at the beginning of a turn that answers
_ASKED = 14  # words at the end of a turn that asks
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


def told(doc: Document, first: int, back: int) -> bool:
    """Return whether a number that names somebody is spoken of right before token `first`."""
    return bool(context(doc, first, back) & _THREE)


def asked(doc: Document, first: int) -> bool:
    """Return whether the turn before the one that begins near token `first` asks for a number."""
    begin = first
    while begin and "\n" not in doc.tokens[begin].gap and first - begin < _ANSWER:
        begin -= 1
    if begin == 0 or "\n" not in doc.tokens[begin].gap:
        return False
    line = doc.tokens[begin - 1].line
    return any(
        t.line == line and t.norm in _THREE for t in doc.tokens[max(0, begin - _ASKED) : begin]
    )


def with_body(doc: Document, first: int) -> int:
    """Return where a number that begins at token `first` begins with the short form of a body
    before it: `UKM 04567`.
    """
    if not first or not doc.adjacent(first):
        return first
    token = doc.tokens[first - 1]
    short = token.case == "U" and 2 <= len(token.norm) <= 6 and token.norm.isalpha()
    return first - 1 if short and token.norm not in _NO_BODY else first


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
