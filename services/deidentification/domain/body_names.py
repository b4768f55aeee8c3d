# SPDX-License-Identifier: Apache-2.0
"""Forms of one place or body: `Hospital Permai`, `permai hospital`, `HPermai`, `Permai`;
`Universiti Malaya`, `University of Malaya`, `UM`; `Klinik Kesihatan Tanglin`, `KK Tanglin`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.deidentification.word_files import read_words

Words = tuple[str, ...]

_WORDS = read_words("pseudonyms")
LABELS = _WORDS.groups("labels of facilities and organisations")
_GENERIC = _WORDS.words("words of a kind of place or body")
_HEADS = frozenset(word for _, words in LABELS for word in words) | _GENERIC
_SMALL = _WORDS.words("small words in names of bodies")
_LONG = _WORDS.labels("short words in names of places")
_LEVELS = _WORDS.labels("levels of schools")
_MOST_WORDS = 8  # of a name whose short forms are worked out: all of them are few


@dataclass(frozen=True, slots=True)
class BodyName:
    """A form of a name. Two are one body where the `key` of one is a key of the other.

    `key` is its kind and what is left without the words of kinds, in one word; `short` are the keys
    of its short forms, `longer` those of forms that it goes on from ("Hospital Permai" in "Hospital
    Permai JB"). `level` is what a school's name says of its level.
    """

    key: str
    short: frozenset[str]
    longer: frozenset[str]
    level: str

    @classmethod
    def of(cls, words: Sequence[str]) -> BodyName:
        """Read a form, in lower case."""
        kind = kind_of(words)
        words = [_LONG.get(word, word) for word in words[:_MOST_WORDS]]
        whole = tuple(word for word in words if word not in _SMALL)
        core = tuple(word for word in whole if word not in _HEADS)
        level = next((_LEVELS[word] for word in words if word in _LEVELS), "")
        if not core or len(whole) < 2:
            # An acronym may be among the words of a kind: `HKL emergency`.
            rest = [word for word in words if word not in _GENERIC] or words
            return cls(f"|{''.join(rest)}", frozenset(), frozenset(), level)
        short = {f"|{''.join(core)}", *(f"|{form}" for form in _shortened(whole))}
        if len(core) > 1:
            short.add(f"{kind}|{_initials(core)}")
        longer = {
            f"{kind}|{''.join(core[:size])}"
            for size in range(1, len(core))
            if not any(word.isdigit() for word in core[size:])
        }
        return cls(f"{kind}|{''.join(core)}", frozenset(short), frozenset(longer), level)

    @property
    def is_short(self) -> bool:
        """Whether it says no kind, so that it may stand for a longer name."""
        return self.key.startswith("|")


def kind_of(words: Sequence[str]) -> str:
    """Return what a body is called by the words in its name, such as "Hospital"; empty for none."""
    said = set(words)
    return next((label for label, heads in LABELS if heads & said), "")


def _shortened(words: Words) -> set[str]:
    """Return the short forms of a name, without blanks: `hkl`, `kktanglin`, `hpermai`."""
    return {_initials(words[:size]) + "".join(words[size:]) for size in range(1, len(words) + 1)}


def _initials(words: Words) -> str:
    return "".join(word[0] for word in words)
