# SPDX-License-Identifier: Apache-2.0
"""One look-up for every word: is it a name, of what kind, a place, an ordinary word, or nothing
known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from services.deidentification.domain.tokens import normal

DATA = Path(__file__).parent / "data"

MALAY, NICK, CN_FAMILY, CN_GIVEN, INDIAN, GIVEN, FAMILY = 1, 2, 4, 8, 16, 32, 64
ORDINARY, KNOWN, PLACE, PLACE_MY, STRONG, FREQUENT = 128, 256, 512, 1024, 2048, 4096
ENGLISH = 16384
THING = 32768  # a medicine, a brand, a dish: whatever a tagger thinks of it, nobody's name
USUAL = 8192  # heard now and then in everyday talk
NAME = MALAY | NICK | CN_FAMILY | CN_GIVEN | INDIAN | GIVEN | FAMILY
_SECTIONS = {
    "malay": MALAY, "malay_nick": NICK, "borneo": MALAY, "chinese_surname": CN_FAMILY,
    "chinese_given": CN_GIVEN, "indian": INDIAN, "christian": GIVEN,
}  # fmt: skip


def lines(name: str) -> Iterator[str]:
    """Lines of one list, comments left out."""
    with (DATA / name).open(encoding="utf-8") as handle:
        for line in handle:
            if line[0] not in "#\n":
                yield line.rstrip("\n")


def sections(name: str) -> Iterator[tuple[str, list[str]]]:
    """Sections of a list in bracketed form: their title and their lines."""
    title, body = "", list[str]()
    for line in lines(name):
        if line.startswith("["):
            if title:
                yield title, body
            title, body = line.strip("[]"), []
        else:
            body.append(line)
    if title:
        yield title, body


@cache
def usual_malay(word: str) -> float:
    """How usual a word is in Malay: its Zipf frequency, 0 to 8."""
    from wordfreq import zipf_frequency

    return float(zipf_frequency(word, "ms"))


@dataclass(frozen=True)
class Lexicon:
    """Flags by word, and phrases of several words by their first word."""

    flags: dict[str, int]
    phrases: dict[str, list[tuple[tuple[str, ...], str, str]]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)

    def of(self, word: str) -> int:
        """Flags of a word in normal form; 0 for one that no list knows."""
        return self.flags.get(word, 0)

    def ordinary(self, word: str) -> bool:
        """Whether the word is more than a name: Grace, May, Iman, Bintang."""
        bits = self.flags.get(word, 0)
        return bool(bits & (ORDINARY | FREQUENT)) and not bits & STRONG

    def plain(self, word: str) -> bool:
        """Whether the word is an everyday word and no list has it as a name or place."""
        bits = self.flags.get(word, 0)
        if bits & FREQUENT and not bits & STRONG:
            return True
        local = bits & (MALAY | NICK | CN_FAMILY | CN_GIVEN | INDIAN)
        if bits & USUAL and bits & ORDINARY and not bits & ENGLISH and not local:
            # Names of far away that are everyday words here: makan, lama, sama.
            return True
        return bool(bits & (KNOWN | ORDINARY)) and not bits & (NAME | PLACE_MY)

    def known(self, word: str) -> bool:
        """Whether any dictionary has the word."""
        return bool(self.flags.get(word, 0) & (KNOWN | ORDINARY | FREQUENT))


def _words(path: str) -> Iterator[str]:
    yield from lines(path)


def _phrase(text: str) -> tuple[str, ...]:
    return tuple(w for w in re.split(r"[\s\-]+", normal(text.replace("\u2019", "'"))) if w)


@cache
def lexicon() -> Lexicon:  # noqa: C901 - one ladder, read top to bottom
    """The lists, read once in a process (about half a second)."""
    from wordfreq import get_frequency_dict

    flags: dict[str, int] = {}
    for name, bit in (
        ("words_en_common.txt", ORDINARY | KNOWN | ENGLISH),
        ("words_en_rare.txt", KNOWN | ENGLISH),
        ("words_ms.txt", ORDINARY | KNOWN),
        ("given_world.txt", GIVEN), ("family_world.txt", FAMILY),
    ):  # fmt: skip
        for word in _words(name):
            flags[word] = flags.get(word, 0) | bit
    for title, body in sections("names_malaysia.txt"):
        for word in " ".join(body).split():
            flags[word] = flags.get(word, 0) | _SECTIONS[title]
    spoken = {"malay": ORDINARY | KNOWN, "english": ORDINARY | KNOWN, "ambiguous": ORDINARY | KNOWN,
              "strong": STRONG, "thing": THING | KNOWN}  # fmt: skip
    for title, body in sections("words_spoken.txt"):
        for word in " ".join(body).split():
            flags[word] = flags.get(word, 0) | spoken[title]
    for language, floor in (("en", 2e-4), ("ms", 5e-4)):
        for word, frequency in get_frequency_dict(language).items():
            if frequency >= 4e-6 and flags.get(word, 0) & (KNOWN | ORDINARY):
                flags[word] = flags.get(word, 0) | USUAL
            if frequency >= floor and not flags.get(word, 0) & STRONG:  # noqa: SIM102 - two questions
                if not flags.get(word, 0) & NAME or frequency >= 5 * floor:
                    flags[word] = flags.get(word, 0) | FREQUENT
    phrases: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    states: dict[str, str] = {}

    def place(text: str, bit: int, state: str = "") -> None:
        words = _phrase(text)
        if not words:
            return
        if len(words) == 1:
            flags[words[0]] = flags.get(words[0], 0) | bit
        phrases.setdefault(words[0], []).append((words, "LOCATION", ""))
        if state:
            states.setdefault(" ".join(words), state)

    for title, body in sections("places_malaysia.txt"):
        for item in ", ".join(body).split(", "):
            place(item, PLACE_MY, title)
    for line in lines("places_my_geonames.txt"):
        name, state = line.split("\t")
        place(name, PLACE_MY, state)
    for line in lines("places_world.txt"):
        place(line, PLACE)
    for title, body in sections("facilities_malaysia.txt"):
        kind, label = title.split(" ", 1)
        for item in ", ".join(body).split(", "):
            words = _phrase(item)
            phrases.setdefault(words[0], []).append((words, kind, label))
    for options in phrases.values():
        options.sort(key=lambda option: (-len(option[0]), option[1]))
    return Lexicon(flags, phrases, states)
