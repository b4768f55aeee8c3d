# SPDX-License-Identifier: Apache-2.0
"""The lexicon: what is known of a word, whether it is a name, of what kind, a place, or an everyday
word.

It is a plain value: `gazetteers` loads it from files, and the engine gets it as an argument.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

# Flags of a word. A word may have several: Bintang is a name, a place and a star.
MALAY, NICK, CN_FAMILY, CN_GIVEN, INDIAN, GIVEN, FAMILY = 1, 2, 4, 8, 16, 32, 64  # names, by kind
ORDINARY = 128  # an everyday word
KNOWN = 256  # in a dictionary
PLACE = 512  # a place anywhere
PLACE_MY = 1024  # a place in Malaysia
STRONG = 2048  # a name first of all, although a dictionary has it
FREQUENT = 4096  # among the commonest words
USUAL = 8192  # said now and then in everyday talk
ENGLISH = 16384
THING = 32768  # a medicine, a brand, a dish: never a person's name, whatever a tagger says
NAME = MALAY | NICK | CN_FAMILY | CN_GIVEN | INDIAN | GIVEN | FAMILY

# Zipf frequencies from which a Malay word is an everyday word: where a name is expected, and where
# the name of a place or body is, which are more often ordinary words.
MALAY_EVERYDAY = 5.0
MALAY_EVERYDAY_IN_PLACES = 5.2

Phrase = tuple[tuple[str, ...], str, str]  # words, entity type, label


@cache
def malay_frequency(word: str) -> float:
    """Return how usual a word is in Malay: its Zipf frequency (van Heuven et al., 2014), 0 to 8."""
    from wordfreq import zipf_frequency

    return float(zipf_frequency(word, "ms"))


@dataclass(frozen=True)
class Lexicon:
    """Flags by word, phrases of several words by their first word (longest first), and the
    Malaysian state of each place. Words are in normal form (`tokens.normal`).
    """

    flags: dict[str, int]
    phrases: dict[str, list[Phrase]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)

    def of(self, word: str) -> int:
        """Return the flags of a word; 0 where no list has it."""
        return self.flags.get(word, 0)

    def ordinary(self, word: str) -> bool:
        """Return whether the word is more than a name: Grace, May, Iman, Bintang."""
        bits = self.flags.get(word, 0)
        return bool(bits & (ORDINARY | FREQUENT)) and not bits & STRONG

    def plain(self, word: str) -> bool:
        """Return whether the word is an everyday word and no list has it as a name or place."""
        bits = self.flags.get(word, 0)
        if bits & FREQUENT and not bits & STRONG:
            return True
        local = bits & (MALAY | NICK | CN_FAMILY | CN_GIVEN | INDIAN)
        if bits & USUAL and bits & ORDINARY and not bits & ENGLISH and not local:
            # Foreign names that are everyday words in Malaysia: makan, lama, sama.
            return True
        return bool(bits & (KNOWN | ORDINARY)) and not bits & (NAME | PLACE_MY)

    def known(self, word: str) -> bool:
        """Return whether any dictionary has the word."""
        return bool(self.flags.get(word, 0) & (KNOWN | ORDINARY | FREQUENT))
