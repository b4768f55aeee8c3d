# SPDX-License-Identifier: Apache-2.0
"""What the words around a people's name say: that it is said of a person, or of a language, a dish,
a feast or another thing of that people.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.vocabulary import KIN, POSSESSIVE_AFTER
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.recognisers.base import is_place_of_words
from services.deidentification.word_files import read_words

_WORDS = read_words("attributes")

_PERSONS = _WORDS.words("people, after the name of a people")
_KINDS = _WORDS.words("kinds of people, before the name of a people")
_PRONOUNS = _WORDS.words("who is meant, before a people")
_COPULAS = _WORDS.words("copulas")
_BETWEEN = _WORDS.words("between a pronoun and a people")
_THINGS_AFTER = _WORDS.words("things of a people, after its name")
_THINGS_BEFORE = _WORDS.words("things of a people, before its name")
_SPEAKING = _WORDS.words("speaking and learning")
_LANGUAGES = _WORDS.words("languages that no people is called by")
_QUESTIONS = _WORDS.phrases("questions for a people")
_JOINS = _WORDS.words("between peoples in a list")
_ORIGIN = _WORDS.words("before where somebody is from")
_ENDS = frozenset(".?!;:\u2026")
_CONTRACTED = ("'s", "\u2019s", "'re", "\u2019re", "'m", "\u2019m")
_REACH = 8
"""Words on both sides in which a verb of speaking makes a language of a people's name."""

Place = tuple[int, int]
"""First and last token of a people's name."""


def clause(doc: Document, first: int, last: int) -> tuple[int, int]:
    """Return the first and last token of the clause around some words, within reach of them."""
    tokens = doc.tokens
    low = first
    while low > 0 and first - low < _REACH and not _parts(tokens[low].gap):
        low -= 1
    high = last
    while high + 1 < len(tokens) and high - last < _REACH and not _parts(tokens[high + 1].gap):
        high += 1
    return low, high


def _parts(gap: str) -> bool:
    return "\n" in gap or any(c in _ENDS for c in gap)


def is_thing(doc: Document, place: Place) -> bool:
    """Return whether the word beside a people's name makes it a language or a thing: `Thai food`,
    `bahasa Iban`, `mee jawa`.
    """
    first, last = place
    tokens = doc.tokens
    low, high = clause(doc, first, last)
    if last < high and tokens[last + 1].norm in _THINGS_AFTER and not _comma(doc, last + 1):
        return True
    if first > low and not _comma(doc, first) and tokens[first - 1].norm in _THINGS_BEFORE:
        return True
    # `in Tamil`, `dalam Melayu`: what is said, and in which language.
    return (
        first > low
        and tokens[first - 1].norm in ("in", "dalam")
        and not (last < high and tokens[last + 1].norm in _PERSONS)
    )


def is_spoken_of(doc: Document, place: Place) -> bool:
    """Return whether a clause is about languages: `she speaks good Tamil`, `Tamil dapat A`."""
    low, high = clause(doc, *place)
    words = {t.norm for t in doc.tokens[low : high + 1]}
    return bool(words & _SPEAKING or words & _LANGUAGES)


def of_person(doc: Document, place: Place) -> bool:
    """Return whether the word beside a people's name says it of a person: `an Indian lady`, `orang
    Melayu`.
    """
    first, last = place
    low, high = clause(doc, first, last)
    if last < high and doc.tokens[last + 1].norm in _PERSONS and not _comma(doc, last + 1):
        return True
    return first > low and doc.tokens[first - 1].norm in _KINDS


def of_somebody(doc: Document, place: Place) -> bool:
    """Return whether a clause that is not about languages says a people's name of a person: `she's
    Iban`, `suami saya Cina`, `dia memang Jawa`, `Bajau, from Semporna`, `the boss was a German`.
    """
    if is_spoken_of(doc, place):
        return False
    first, last = place
    tokens = doc.tokens
    low, high = clause(doc, first, last)
    if last < high:
        following = last + 1
        if tokens[following].norm in _ORIGIN:
            following += 1
        if following <= high and _placed(doc, following, sure=following == last + 1):
            return True
    if _contracted(tokens[first].gap):
        return True
    before = first - 1
    copula = False
    while before >= low and first - before < 5 and tokens[before].norm in _BETWEEN:
        copula = copula or tokens[before].norm in _COPULAS or _contracted(tokens[before].gap)
        before -= 1
    if before < low:
        return copula
    said = tokens[before].norm
    if said in POSSESSIVE_AFTER and before > low and tokens[before - 1].norm in KIN:
        return True
    if said in _PRONOUNS or said in KIN:
        return True
    return copula and said not in _THINGS_AFTER and said not in _THINGS_BEFORE


def _contracted(gap: str) -> bool:
    return gap.rstrip().lower() in _CONTRACTED


def _comma(doc: Document, index: int) -> bool:
    return "," in doc.tokens[index].gap


def _placed(doc: Document, index: int, *, sure: bool) -> bool:
    """Return whether a place stands there; where it need not be `sure`, a capital is enough."""
    token = doc.tokens[index]
    book = load_lexicon()
    bits = book.of(token.norm)
    if is_place_of_words(doc, index, book):
        return True
    if bits & lx.PLACE_MY:
        return not (bits & lx.KNOWN and doc.cased and not token.capital)
    return not sure and (bool(bits & lx.PLACE) or (doc.cased and token.capital))


def in_lists(doc: Document, places: Sequence[Place]) -> frozenset[int]:
    """Return the positions, in `places`, of peoples that stand in a row with others: `Thai, Burmese
    and Khmer`.
    """
    found: set[int] = set()
    for at in range(1, len(places)):
        left, right = places[at - 1][1], places[at][0]
        if left >= right or right - left > 3 or _parts_list(doc, left + 1, right):
            continue
        if all(doc.tokens[i].norm in _JOINS for i in range(left + 1, right)):
            found |= {at - 1, at}
    return frozenset(found)


def _parts_list(doc: Document, first: int, last: int) -> bool:
    return any(_parts(doc.tokens[i].gap) for i in range(first, last + 1))


def answers(doc: Document) -> frozenset[int]:
    """Return the lines of a few words that follow a question for race or religion."""
    lines: dict[int, list[str]] = {}
    for token in doc.tokens:
        lines.setdefault(token.line, []).append(token.norm)
    found: set[int] = set()
    for line, words in lines.items():
        text = " " + " ".join(words[-12:]) + " "
        if any(f" {question} " in text for question in _QUESTIONS):
            found |= {at for at in (line + 1, line + 2) if len(lines.get(at, ())) <= 8}
    return frozenset(found)
