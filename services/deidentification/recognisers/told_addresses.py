# SPDX-License-Identifier: Apache-2.0
"""Addresses that are told: `the address is number 18, John Mullo 4`. What follows what announces
one is part of it, whatever a recogniser of speech made of the names.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.numbers import TEENS, TENS, UNITS
from services.deidentification.domain.tokens import Document
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.word_files import read_words

_WORDS = read_words("places")
_TOLD = _WORDS.words("words that announce a house address")
_NO_HOUSE = _WORDS.words("before an address of no house")
_UNITS = _WORDS.words("parts of a house address") - {"no", "house", "rumah"}
_HEADS = _WORDS.words("heads of streets") | _WORDS.words("heads of areas")
_BREAKS = _WORDS.words("words that end a told address")
_ADDRESS = _WORDS.words("address")
_MISHEARD = _WORDS.words("parts of a house address, misheard")
_SURE = frozenset("lot unit block blok".split()) | _MISHEARD
_LINKS = _WORDS.words("between an announcement and an address")
_LINKED = 5  # words of these
_SOON = 4  # words among which the first number of an address is
_BACK = 24  # words before a house in which something announces its address
_LONGEST = 16  # words of one address


def told_addresses(doc: Document) -> Iterator[tuple[int, int]]:
    """Yield the first and last token of each address that is told."""
    index = 0
    while index < len(doc.tokens) - 1:
        last = _direct(doc, index)
        house = _house(doc, index)
        if last < 0 and house and _announced(doc, index):
            if _goes_on(doc, house + 1) and _last(doc, house) > house:
                last = _last(doc, house)
            elif _alone(doc, index):
                last = house
        if last >= index:
            yield index, last
            index = last
        index += 1


def _direct(doc: Document, index: int) -> int:
    """Return the last token of an address that begins right behind `my address is`, with a number
    among its first words; -1 where none does.
    """
    at = index - 1
    if at < 1 or doc.tokens[at].norm not in _LINKS:
        return -1
    while at > 0 and index - at < _LINKED and doc.tokens[at].norm in _LINKS:
        at -= 1
    direct = doc.tokens[at].norm in _ADDRESS and (
        not at or doc.tokens[at - 1].norm not in _NO_HOUSE
    )
    if not direct or doc.tokens[index].norm in _LINKS or "\n" in doc.tokens[index].gap:
        return -1
    last = _last(doc, index)
    if _is_number_alone(doc, index, last) and _begins_street(doc, last + 1):
        last = _last(doc, last + 1)
    numbered = any(_numeric(t.norm) for t in doc.tokens[index : min(last + 1, index + _SOON)])
    return last if numbered else -1


def _house(doc: Document, index: int) -> int:
    """Return the token of a house's number where one begins: `lot 42`; 0 where none does."""
    if doc.tokens[index].norm not in _UNITS | _MISHEARD or "\n" in doc.tokens[index + 1].gap:
        return 0
    return index + 1 if _numeric(doc.tokens[index + 1].norm) else 0


def _goes_on(doc: Document, index: int) -> bool:
    """Return whether what follows the number of a house may be a street: `number two every day`
    is none.
    """
    if index >= len(doc.tokens):
        return False
    token = doc.tokens[index]
    street = token.norm in _HEADS or token.norm in _UNITS or not load_lexicon().known(token.norm)
    if any(c in token.gap for c in ".?!;\n") or token.norm in _BREAKS:
        return False
    return street or token.gap.strip() == "," or (doc.cased and token.capital)


def _is_number_alone(doc: Document, first: int, last: int) -> bool:
    """Return whether no more than the number of a house was told: `number 18`."""
    words = [token.norm for token in doc.tokens[first : last + 1]]
    return _numeric(words[-1]) and all(w in _UNITS | {"number", "no"} or _numeric(w) for w in words)


def _begins_street(doc: Document, index: int) -> bool:
    """Return whether the next sentence goes on with the address, which a recogniser cut."""
    if index >= len(doc.tokens) or doc.tokens[index].norm in _BREAKS:
        return False
    word = doc.tokens[index].norm
    lexicon = load_lexicon()
    return word in _HEADS or bool(lexicon.of(word) & lx.NAME) or not lexicon.known(word)


def _alone(doc: Document, index: int) -> bool:
    """Return whether a house is told without what follows: `it is lot 42.`, or `it is number 61.`
    where an address was asked for.
    """
    sure = doc.tokens[index].norm in _SURE or any(
        token.norm in _ADDRESS for token in doc.tokens[max(0, index - _BACK) : index]
    )
    return sure and index > 0 and doc.tokens[index - 1].norm in _LINKS | {"at", "it's"}


def _numeric(word: str) -> bool:
    return word[:1].isdecimal() or word in UNITS or word in TEENS or word in TENS


def _announced(doc: Document, index: int) -> bool:
    before = [token.norm for token in doc.tokens[max(0, index - _BACK) : index]]
    at = max((n for n, word in enumerate(before) if word in _TOLD), default=-1)
    return at >= 0 and not (at and before[at - 1] in _NO_HOUSE)


def _last(doc: Document, house: int) -> int:
    """Return the last token of an address: at the end of the sentence, or before a word that goes
    on with something else.
    """
    at = house
    while at + 1 < len(doc.tokens) and at + 1 - house < _LONGEST:
        token = doc.tokens[at + 1]
        if any(c in token.gap for c in ".?!;\n") or token.norm in _BREAKS:
            break
        at += 1
    return at
