# SPDX-License-Identifier: Apache-2.0
"""Account names as they are said: `at purple lantern on twitter`, `ig saya lina seni`, `my page is
called kebun atap`.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain import scores
from services.deidentification.domain.numbers import MAGNITUDES, REPEATS, TEENS, TENS, UNITS
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.vocabulary import STOP
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.word_files import read_words

_WORDS = read_words("internet")
SERVICES = _WORDS.words("services with accounts")
LINK = _WORDS.words("links inside an account name")
_PAGES = _WORDS.words("pages and accounts")
_OWN = _WORDS.words("between a service and an account name")
_NAMED = _WORDS.words("before an account name")
_IS = _WORDS.words("is")
_ON = _WORDS.words("before a service")
_LOOKING = _WORDS.words("before at that is no account")
_FOLLOW = _WORDS.words("following somebody")
_STATES = _WORDS.words("what an account may be")
_MOST_WORDS = 4
_MOST = 14  # tokens of one account name, links and digits included


def numeric(word: str) -> bool:
    """Return whether a word is a number, or a part of one that is said."""
    return (
        word in UNITS
        or word in TEENS
        or word in TENS
        or word in REPEATS
        or word in MAGNITUDES
        or word.isdecimal()
    )


def accounts(doc: Document) -> Iterator[tuple[int, int, float]]:
    """Yield the first and last token of each account name that is said, with its score."""
    for index, token in enumerate(doc.tokens):
        if token.norm in SERVICES:
            yield from _before(doc, index)
            yield from _after(doc, index, service=True)
        elif token.norm in _PAGES:
            yield from _after(doc, index, service=False)


def _before(doc: Document, service: int) -> Iterator[tuple[int, int, float]]:
    """Yield the name in front of a service: `at purple lantern on twitter`."""
    tokens = doc.tokens
    last = service - 1
    while last >= 0 and service - last < 3 and tokens[last].norm in _OWN:
        last -= 1
    if last < 1 or tokens[last].norm not in _ON:
        return
    last -= 1
    for first in range(last, max(last - _MOST, 0), -1):
        if tokens[first].line != tokens[service].line:
            return
        marker = tokens[first - 1].norm
        found = tokens[first - 1].line == tokens[first].line
        if marker in _NAMED and found and _plausible(doc, first, last, sure=marker != "at"):
            at_home = first >= 2 and tokens[first - 2].norm in _LOOKING and marker == "at"
            if not at_home:
                yield first - (marker == "at"), last, scores.PROBABLE
            return
        if marker in _FOLLOW and found:
            if _telling(doc, first, last) and _plausible(doc, first, last, sure=False):
                yield first, last, scores.FAIR
            return
        if _stops(doc, first):
            return


def _after(doc: Document, index: int, *, service: bool) -> Iterator[tuple[int, int, float]]:
    """Yield the name behind a service, a page or an account."""
    tokens = doc.tokens
    at, named, said, colon = index + 1, False, False, False
    while at < len(tokens) and at - index < 7 and tokens[at].line == tokens[index].line:
        word = tokens[at].norm
        colon = tokens[at].gap.strip() in (":", "-", ",")
        if word in _NAMED:
            named = True
        elif word in _IS:
            said = True
        elif colon or word not in _OWN:
            break
        at += 1
    handle = tokens[index].norm in ("handle", "username")
    first, last = at, _end(doc, at, _MOST_WORDS)
    if last < first or not (named or service):
        return
    if not _plausible(doc, first, last, sure=named):
        return
    before = tokens[first - 1].norm
    if named or ((said or colon) and handle):
        if last > first or not load_lexicon().plain(tokens[first].norm) or before != "at":
            yield first - (before == "at"), last, scores.PROBABLE
    elif (said or at > index + 1 or colon) and _telling(doc, first, last):
        yield first, last, scores.FAIR


def _end(doc: Document, first: int, words: int) -> int:
    """Return the last token of an account name that begins at a token; less than it for none."""
    tokens = doc.tokens
    last = first - 1
    while last + 1 < len(tokens) and last + 1 - first < _MOST:
        token = tokens[last + 1]
        if last >= first and (token.line != tokens[first].line or token.gap.strip() not in _JOINTS):
            break
        plain = not numeric(token.norm) and len(token.norm) > 1 and token.norm not in LINK
        if plain and (words == 0 or _stops(doc, last + 1)) and not _linked(doc, last + 1, first):
            break
        words -= plain
        last += 1
    while last >= first and tokens[last].norm in LINK:
        last -= 1
    return last


_JOINTS = frozenset(("", "-", "_", ".", "@"))


def _linked(doc: Document, index: int, first: int) -> bool:
    """Return whether a link or a link's neighbour binds a word to an account name."""
    return index > first and doc.tokens[index - 1].norm in LINK


def _stops(doc: Document, index: int) -> bool:
    """Return whether a word ends an account name."""
    word = doc.tokens[index].norm
    if numeric(word) or word in LINK:
        return False
    return word in STOP or word in SERVICES or word in _ON or (len(word) == 1 and word in "ai")


def _plausible(doc: Document, first: int, last: int, *, sure: bool) -> bool:
    """Return whether words may be an account name: few, and none that ends one."""
    tokens = doc.tokens[first : last + 1]
    words = [t.norm for t in tokens if not numeric(t.norm) and t.norm not in LINK]
    if not tokens or sum(len(word) > 1 for word in words) > _MOST_WORDS:
        return False
    if any(_stops(doc, at) for at in range(first, last + 1) if not _linked(doc, at, first)):
        return False
    if tokens[0].norm in _STATES or any(t.gap.strip() not in _JOINTS for t in tokens[1:]):
        return False
    return sure or len(tokens) > 1 or _telling(doc, first, last)


def _telling(doc: Document, first: int, last: int) -> bool:
    """Return whether words are hardly anything but a name: a digit, a link, a letter alone, a name
    or a word that no list has.
    """
    book = load_lexicon()
    words = [t.norm for t in doc.tokens[first : last + 1]]
    return any(
        numeric(w)
        or w in LINK
        or any(c.isdigit() or c == "_" for c in w)
        or (len(w) > 2 and not book.known(w))
        or (bool(book.of(w) & lx.NAME) and not book.ordinary(w))
        for w in words
    )
