# SPDX-License-Identifier: Apache-2.0
"""Loads the lexicon from the word lists in `data/`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from services.deidentification.domain.lexicon import (
    ABROAD,
    CN_FAMILY,
    CN_GIVEN,
    ENGLISH,
    FAMILY,
    FORM,
    FREQUENT,
    GIVEN,
    INDIAN,
    KNOWN,
    LOCAL,
    MALAY,
    NAME,
    NICK,
    ORDINARY,
    PLACE,
    PLACE_MY,
    ROOT,
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
    "words_ms.txt": ORDINARY | KNOWN | ROOT,
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
    "malay": ORDINARY | KNOWN | ROOT,
    "english": ORDINARY | KNOWN,
    "ambiguous": ORDINARY | KNOWN,
    "strong": STRONG,
    "thing": THING | KNOWN,
}
_WORDS_EVERYDAY = {
    "malay": ORDINARY | KNOWN | USUAL | ROOT,
    "dialects": ORDINARY | KNOWN | USUAL | ROOT,
    "chat spelling": ORDINARY | KNOWN | USUAL | ROOT,
    "malaysian english": ORDINARY | KNOWN | USUAL,
    "tamil": ORDINARY | KNOWN | USUAL,
    "chinese languages": ORDINARY | KNOWN | USUAL,
    "greetings and exclamations": ORDINARY | KNOWN | USUAL | THING,
}
# Share of all words from which a word counts as frequent. A word that is also a name must be five
# times as frequent.
_FREQUENT_FROM = {"en": 2e-4, "ms": 5e-4}
_NAME_FACTOR = 5
_USUAL_FROM = 4e-6  # the same for a word that is said now and then
# The same for a word that no list has, to be taken for an everyday word. Indonesian text has more
# names of its own.
_WORD_FROM = {"ms": 3.2e-6, "id": 5e-6}


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
            if len(words) == 1:
                flags.setdefault(words[0], 0)
    _add_unlisted(flags)
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
        ("names_elections.txt", _NAMES_MALAYSIA),
        ("words_spoken.txt", _WORDS_SPOKEN),
    ):
        for title, body in sections(DATA / name):
            for word in " ".join(body).split():
                flags[word] = flags.get(word, 0) | table[title]
    for title, body in sections(DATA / "words_everyday.txt"):
        for word in " ".join(body).split():
            # What is a name here stays one: everyday words are names by the dozen.
            if not flags.get(word, 0) & (LOCAL | STRONG):
                flags[word] = flags.get(word, 0) | _WORDS_EVERYDAY[title]
    _add_frequencies(flags)
    return flags


def _add_unlisted(flags: dict[str, int]) -> None:
    """Add the frequent words of Malay and Indonesian that no list has, but the names among them."""
    from wordfreq import get_frequency_dict

    for title, body in sections(DATA / "names_in_frequencies.txt"):
        for word in " ".join(body).split():
            flags.setdefault(word, 0)
            if title == "towns that a dictionary of Malay has":
                flags[word] &= NAME | PLACE | PLACE_MY
    for language, floor in _WORD_FROM.items():
        for word, frequency in get_frequency_dict(language).items():
            if frequency < floor:
                break
            if word not in flags and len(word) > 2 and word.isascii() and word.isalpha():
                flags[word] = FORM | USUAL | ROOT


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
    for _, body in sections(DATA / "places_abroad.txt"):
        for name in ", ".join(body).split(", "):
            yield name, PLACE | ABROAD, ""
    for line in lines(DATA / "places_my_geonames.txt"):
        name, state = line.split("\t")
        yield name, PLACE_MY, state
    for name in lines(DATA / "places_world.txt"):
        yield name, PLACE, ""


def _words(text: str) -> tuple[str, ...]:
    return tuple(w for w in re.split(r"[\s\-]+", normal(text.replace("\u2019", "'"))) if w)
