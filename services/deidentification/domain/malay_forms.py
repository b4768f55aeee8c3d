# SPDX-License-Identifier: Apache-2.0
"""Inflected forms of Malay: the words that a form may be made of.

Affixes, clitics and sound changes follow the standard grammar (Tatabahasa Dewan). The spellings of
chat (`-nye`, `makan2`, `sukaaa`, `dirumah`) and the sounds of dialects that change by rule (`mase`
and `maso` for masa, `banyok` for banyak, `nusuk` for menusuk) are those of everyday writing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Endings that are words of their own, from the outside to the inside: particle, then possessive.
_PARTICLES = ("lah", "kah", "tah", "pun", "la")
_POSSESSIVES = ("nya", "nye", "nyo", "ku", "mu")
_ENDINGS = ("kan", "kn", "an", "i")

# Prefixes, and the first letter of a root that each swallows: menulis is of tulis.
_PREFIXES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("menge", ("",)),
    ("meny", ("s",)),
    ("meng", ("", "k")),
    ("mem", ("", "p")),
    ("men", ("", "t")),
    ("me", ("",)),
    ("penge", ("",)),
    ("peny", ("s",)),
    ("peng", ("", "k")),
    ("pem", ("", "p")),
    ("pen", ("", "t")),
    ("per", ("",)),
    ("pe", ("",)),
    ("ber", ("",)),
    ("bel", ("",)),
    ("be", ("",)),
    ("ter", ("",)),
    ("te", ("",)),
    ("di", ("",)),
    ("ke", ("",)),
    ("se", ("",)),
    ("ku", ("",)),
    ("kau", ("",)),
    # Of talk and dialects, which drop the first syllable: ngobrol, nyapu, nusuk, mukul.
    ("nge", ("",)),
    ("ng", ("", "k")),
    ("ny", ("s",)),
    ("n", ("t",)),
    ("m", ("p",)),
)
# Prefixes that stand behind another one: memperbaiki, diberhentikan, keterlaluan.
_INNER = ("per", "ber", "ter", "se", "ke")
# Prefixes and endings that many other words begin or end with: the root must be longer.
_SLIGHT = frozenset(
    ("me", "pe", "be", "te", "di", "ke", "se", "ku", "kau", "la", "i", "an", "kn", "mu")
)
# The last vowel as dialects say it, and as it is written: at the end, and before a last consonant.
_LAST_VOWELS = {"e": "a", "o": "a"}
_CLOSED = {"e": "i", "o": "ua"}
_WRITTEN = tuple(row for row in _PREFIXES if len(row[0]) > 2 or row[0] in ("me", "di"))
_LEAST, _LEAST_SLIGHT = 3, 4
_LONGEST = 30
_DOUBLED = re.compile(r"([a-z]{2,20})2([a-z]{0,6})")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")


def roots(word: str) -> Iterator[str]:
    """Yield the words of which a form may be made, with some more than once: `perasaannya`,
    `perasaan`, `rasa`. The form itself is not among them. A form of more than 30 letters has none.
    """
    if not 4 <= len(word) <= _LONGEST or not word.isascii():
        return
    plain = _plain_spelling(word)
    if plain != word:
        yield plain
    if not plain.isalpha():
        return
    for stem in (plain, *_without_clitics(plain)):
        if stem != plain:
            yield stem
        for form in (stem, *_without_affixes(stem)):
            if form != plain:
                yield form
            yield from _as_written(form)


def without_prefix(word: str) -> Iterator[str]:
    """Yield the words of which a form with a prefix of the written language may be made."""
    if len(word) > _LONGEST:
        return
    endings = [word, *(left for ending in _ENDINGS if (left := _cut(word, ending)))]
    for stem in endings:
        for prefix, letters in _WRITTEN:
            rest = stem[len(prefix) :]
            if stem.startswith(prefix) and len(rest) >= _LEAST:
                yield from (letter + rest for letter in letters)
                yield from (rest[len(i) :] for i in _INNER if rest.startswith(i))


def _plain_spelling(word: str) -> str:
    """Return the word without the spellings of chat: `budak2` is budak, `sukaaaa` suka."""
    doubled = _DOUBLED.fullmatch(word)
    if doubled:
        word = doubled[1] + doubled[2]
    return _DRAWN_OUT.sub(r"\1", word)


def _cut(word: str, ending: str) -> str:
    """Return the word without an ending; empty where it has none or too little is left."""
    least = _LEAST_SLIGHT if ending in _SLIGHT else _LEAST
    if len(word) - len(ending) >= least and word.endswith(ending):
        return word[: -len(ending)]
    return ""


def _without_clitics(word: str) -> Iterator[str]:
    """Yield the word without a particle, a possessive, or both."""
    shorter = [left for particle in _PARTICLES if (left := _cut(word, particle))]
    yield from shorter
    for stem in (word, *shorter):
        for possessive in _POSSESSIVES:
            left = _cut(stem, possessive)
            if left:
                yield left


def _without_affixes(word: str) -> Iterator[str]:
    """Yield the word without a prefix, an ending, or both."""
    endings = [left for ending in _ENDINGS if (left := _cut(word, ending))]
    yield from endings
    for stem in (word, *endings):
        for prefix, letters in _PREFIXES:
            if not stem.startswith(prefix):
                continue
            rest = stem[len(prefix) :]
            least = _LEAST_SLIGHT if prefix in _SLIGHT else _LEAST
            for letter in letters:
                if len(letter) + len(rest) >= least:
                    yield letter + rest
            for inner in _INNER:
                if rest.startswith(inner) and len(rest) - len(inner) >= _LEAST_SLIGHT:
                    yield rest[len(inner) :]


def _as_written(word: str) -> Iterator[str]:
    """Yield the written forms of a word with a last vowel as dialects say it: `mase` of masa,
    `burong` of burung, `jugok` of jugak.
    """
    if len(word) < _LEAST_SLIGHT:
        return
    if word[-1] in _LAST_VOWELS:
        yield word[:-1] + _LAST_VOWELS[word[-1]]
        return
    end = -2 if word.endswith("ng") else -1
    vowel = word[end - 1]
    for written in _CLOSED.get(vowel, ""):
        yield word[: end - 1] + written + word[end:]
