# SPDX-License-Identifier: Apache-2.0
"""A sound key for names: equal for names that sound alike, as Malaysians spell them and speech
recognisers mishear them (Aisyah, Aisha, Isha; Faizal, Faisal).
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache

import regex
from rapidfuzz.distance import Levenshtein

# Spellings of one sound, replaced in this order.
_PAIRS = tuple(
    pair.split(">")
    for pair in (
        "ph>f sh>s sy>s dz>z th>t kh>k gh>g ch>c ck>k q>k x>ks v>w z>s ee>i oo>u ou>u ai>a ay>a "
        "ei>e y>i j>c d>t b>p g>k "
    ).split()
)


@lru_cache(maxsize=65536)
def key(word: str) -> str:
    """Return the consonants of a word with its first vowel; words with equal keys sound alike."""
    for old, new in _PAIRS:
        word = word.replace(old, new)
    if not word:
        return ""
    kept = [word[0] if word[0] not in "aeiou" else "a"]
    for char in word[1:]:
        if char in "aeiouh'" or char == kept[-1]:
            continue
        kept.append(char)
    return "".join(kept)


_SOUNDS = (
    (regex.compile("ph"), "f"),
    (regex.compile("tch|ch"), "j"),
    (regex.compile("sh|sy"), "s"),
    (regex.compile("x"), "ks"),
    (regex.compile("c(?=[eiy])"), "s"),
)
_CLASSES = str.maketrans("bdgckqvzm", "ptkkkkfsn", "aeiouyh'")


@lru_cache(maxsize=65536)
def consonants(word: str) -> str:
    """Return the consonants of a word by classes that recognisers of speech take for one another:
    those that differ in voice alone, and the nasals; each once where several are in a row.
    """
    for pattern, one in _SOUNDS:
        word = pattern.sub(one, word)
    found = ""
    for char in word.translate(_CLASSES):
        if not found.endswith(char):
            found += char
    return found


class Likeness(IntEnum):
    """How far one word may be what a recogniser of speech made of another, by their consonants."""

    NONE = 0
    BEGINNING_LOST = 1
    ONE_OTHER = 2
    ENDING_LOST = 3
    EQUAL = 4


def likeness(left: str, right: str) -> Likeness:
    """Return how alike two words sound where recognition went wrong: equal consonants, or all but
    one of them.

    It is too wide for words that were heard well: Salmah and Salim are two names.
    """
    one, other = sorted((consonants(left), consonants(right)), key=len)
    if len(one) < _FEWEST:
        return Likeness.NONE
    if one == other:
        return Likeness.EQUAL
    if one + other[-1] == other:
        return Likeness.ENDING_LOST
    if len(other) > _FEWEST and one[0] == other[0] and Levenshtein.distance(one, other) == 1:
        return Likeness.ONE_OTHER
    return Likeness.BEGINNING_LOST if other[0] + one == other else Likeness.NONE


_FEWEST = 2  # consonants of a word that can be known by them
