# SPDX-License-Identifier: Apache-2.0
"""The lexicon: what is known of a word, whether it is a name, of what kind, a place, or an everyday
word.

It is a plain value: `gazetteers` loads it from files, and the engine gets it as an argument.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache

from services.deidentification.domain import phonetic
from services.deidentification.domain.malay_forms import roots, without_prefix

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
# A medicine, a brand, a dish, a greeting, an exclamation: never a person's name by itself, whatever
# a tagger says.
THING = 32768
ROOT = 65536  # a word of Malay or Indonesian, which may have affixes
# No list has the word itself: it is a form of an everyday Malay word, or frequent in Malay text.
INFERRED = 131072
ABROAD = 262144  # a country or city abroad that people here speak of
NAME = MALAY | NICK | CN_FAMILY | CN_GIVEN | INDIAN | GIVEN | FAMILY
LOCAL = MALAY | NICK | CN_FAMILY | CN_GIVEN | INDIAN  # names in use in Malaysia
FORM = KNOWN | ORDINARY | INFERRED  # what is known of a form of an everyday word

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


_MOST_FORMS = 1 << 16
_FEWEST_LETTERS, _FEWEST_CONSONANTS = 4, 3  # of a word that can be known by its sound


@cache
def english_frequency(word: str) -> float:
    """Return how usual a word is in English: its Zipf frequency, 0 to 8."""
    from wordfreq import zipf_frequency

    return float(zipf_frequency(word, "en"))


@dataclass(frozen=True)
class Lexicon:
    """Flags by word, phrases of several words by their first word (longest first), and the
    Malaysian state of each place. Words are in normal form (`tokens.normal`).

    A word that no list has gets the flags of an everyday word where it is frequent in Malay text
    (`teruk`) or a form of a word (`dengannya`, `makan2`). That is a guess, since names are frequent
    and have such forms by chance. It may weaken what a tagger alone takes for a name; it says
    nothing against a title, an introduction or a capital. `INFERRED` marks such a word.
    """

    flags: dict[str, int]
    phrases: dict[str, list[Phrase]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    _form: Callable[[str], int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_form", lru_cache(_MOST_FORMS)(self._form_of))

    def of(self, word: str) -> int:
        """Return the flags of a word; 0 where no list has it and it is no form of a word."""
        bits = self.flags.get(word)
        return self._form(word) if bits is None else bits

    def _form_of(self, word: str) -> int:
        get = self.flags.get
        for root in roots(word):
            bits = get(root, 0)
            if bits & ROOT and (bits & ORDINARY) and not bits & (LOCAL | STRONG):
                return FORM
        return 0

    def prefixed(self, word: str) -> bool:
        """Return whether the word is a form of another Malay word with a prefix: a verb or a noun
        made of one, which no place or body is called by itself (`berdekatan`, `tempatan` is none).
        """
        return any(self.flags.get(root, 0) & ROOT for root in without_prefix(word))

    def ordinary(self, word: str) -> bool:
        """Return whether the word is more than a name: Grace, May, Iman, Bintang."""
        bits = self.of(word)
        return bool(bits & (ORDINARY | FREQUENT)) and not bits & STRONG

    def plain(self, word: str) -> bool:
        """Return whether the word is an everyday word and no list has it as a name or place."""
        bits = self.of(word)
        if bits & STRONG:
            return False
        if bits & FREQUENT:
            return True
        if bits & USUAL and bits & ORDINARY and not bits & (ENGLISH | LOCAL):
            # Foreign names that are everyday words in Malaysia: makan, lama, sama.
            return True
        return bool(bits & (KNOWN | ORDINARY)) and not bits & (NAME | PLACE_MY)

    def known(self, word: str) -> bool:
        """Return whether any dictionary has the word, or it is a form of one that is there."""
        return bool(self.of(word) & (KNOWN | ORDINARY | FREQUENT))

    @cached_property
    def names_by_sound(self) -> Mapping[str, frozenset[str]]:
        """Names in use in Malaysia by their sound keys, those that are everyday words too."""
        return self._by(phonetic.key, LOCAL)

    @cached_property
    def places_by_consonants(self) -> Mapping[str, frozenset[str]]:
        """Places in Malaysia of one word by the consonants that recognisers of speech tell apart,
        at least three.
        """
        found = self._by(phonetic.consonants, PLACE_MY)
        return {sound: words for sound, words in found.items() if len(sound) >= _FEWEST_CONSONANTS}

    def _by(self, sound: Callable[[str], str], flags: int) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for word, bits in self.flags.items():
            if bits & flags and not bits & (FREQUENT | THING) and len(word) >= _FEWEST_LETTERS:
                found[sound(word)].add(word)
        return {key: frozenset(words) for key, words in found.items()}
