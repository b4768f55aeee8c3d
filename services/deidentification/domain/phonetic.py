# SPDX-License-Identifier: Apache-2.0
"""A sound key for names: equal for names that sound alike, as Malaysians spell them and speech
recognisers mishear them (Aisyah, Aisha, Isha; Faizal, Faisal).
"""

from __future__ import annotations

from functools import lru_cache

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
