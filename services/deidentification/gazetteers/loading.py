# SPDX-License-Identifier: Apache-2.0
"""Loads the lexicon from the word lists in `data/`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from services.deidentification.domain.lexicon import (
    CN_FAMILY,
    CN_GIVEN,
    ENGLISH,
    FAMILY,
    FREQUENT,
    GIVEN,
    INDIAN,
    KNOWN,
    MALAY,
    NAME,
    NICK,
    ORDINARY,
    PLACE,
    PLACE_MY,
    STRONG,
    THING,
    USUAL,
    Lexicon,
    Phrase,
)
from services.deidentification.domain.tokens import normal
from services.deidentification.word_files import lines, sections

DATA = Path(__file__).parent / "data"
# Flags that a list, or a section of a list, gives to its words.
_LISTS = {
    "words_en_common.txt": ORDINARY | KNOWN | ENGLISH,
    "words_en_rare.txt": KNOWN | ENGLISH,
    "words_ms.txt": ORDINARY | KNOWN,
    "given_world.txt": GIVEN,
    "family_world.txt": FAMILY,
}
_NAMES_MALAYSIA = {
    "malay": MALAY,
    "malay_nick": NICK,
    "borneo": MALAY,
    "chinese_surname": CN_FAMILY,
    "chinese_given": CN_GIVEN,
    "indian": INDIAN,
    "christian": GIVEN,
}
_WORDS_SPOKEN = {
    "malay": ORDINARY | KNOWN,
    "english": ORDINARY | KNOWN,
    "ambiguous": ORDINARY | KNOWN,
    "strong": STRONG,
    "thing": THING | KNOWN,
}
# Share of all words from which a word counts as frequent. A word that is also a name must be five
# times as frequent.
_FREQUENT_FROM = {"en": 2e-4, "ms": 5e-4}
_NAME_FACTOR = 5
_USUAL_FROM = 4e-6  # the same for a word that is said now and then


@cache
def load_lexicon() -> Lexicon:
    """Read the lists, once in a process (about half a second)."""
    flags = _flags()
    phrases: dict[str, list[Phrase]] = {}
    states: dict[str, str] = {}
    for name, bit, state in _places():
        words = _words(name)
        if not words:
            continue
        if len(words) == 1:
            flags[words[0]] = flags.get(words[0], 0) | bit
        phrases.setdefault(words[0], []).append((words, "LOCATION", ""))
        if state:
            states.setdefault(" ".join(words), state)
    for title, body in sections(DATA / "facilities_malaysia.txt"):
        entity_type, label = title.split(" ", 1)
        for item in ", ".join(body).split(", "):
            words = _words(item)
            phrases.setdefault(words[0], []).append((words, entity_type, label))
    for options in phrases.values():
        options.sort(key=lambda option: (-len(option[0]), option[1]))
    return Lexicon(flags, phrases, states)


def _flags() -> dict[str, int]:
    flags: dict[str, int] = {}
    for name, bits in _LISTS.items():
        for word in lines(DATA / name):
            flags[word] = flags.get(word, 0) | bits
    for name, table in (
        ("names_malaysia.txt", _NAMES_MALAYSIA),
        ("words_spoken.txt", _WORDS_SPOKEN),
    ):
        for title, body in sections(DATA / name):
            for word in " ".join(body).split():
                flags[word] = flags.get(word, 0) | table[title]
    _add_frequencies(flags)
    return flags


def _add_frequencies(flags: dict[str, int]) -> None:
    from wordfreq import get_frequency_dict

    for language, floor in _FREQUENT_FROM.items():
        for word, frequency in get_frequency_dict(language).items():
            bits = flags.get(word, 0)
            if frequency >= _USUAL_FROM and bits & (KNOWN | ORDINARY):
                bits |= USUAL
            least = floor * _NAME_FACTOR if bits & NAME else floor
            if frequency >= least and not bits & STRONG:
                bits |= FREQUENT
            if bits:
                flags[word] = bits


def _places() -> Iterator[tuple[str, int, str]]:
    """Yield places with their flag and, in Malaysia, their state."""
    for state, body in sections(DATA / "places_malaysia.txt"):
        for name in ", ".join(body).split(", "):
            yield name, PLACE_MY, state
    for line in lines(DATA / "places_my_geonames.txt"):
        name, state = line.split("\t")
        yield name, PLACE_MY, state
    for name in lines(DATA / "places_world.txt"):
        yield name, PLACE, ""


def _words(text: str) -> tuple[str, ...]:
    return tuple(w for w in re.split(r"[\s\-]+", normal(text.replace("\u2019", "'"))) if w)
