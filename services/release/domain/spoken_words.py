# SPDX-License-Identifier: Apache-2.0
"""Words that readable transcripts go without, by language, from `words/spoken.txt`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parents[1] / "words" / "spoken.txt"


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """The words of one language, in lower case.

    `fillers` are hesitation anywhere, `fillers_inside` within a sentence alone. `retraced` is said
    twice by mistake alone, `starts` holds these and what sentences begin with besides, `subjects`
    what a sentence's beginning starts with.
    """

    fillers: frozenset[str] = frozenset()
    fillers_inside: frozenset[str] = frozenset()
    retraced: frozenset[str] = frozenset()
    starts: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()


def spoken_words(language: str) -> SpokenWords:
    """Return the words of a language (BCP 47 primary subtag); none where it is not known."""
    return _read().get(language, SpokenWords())


@cache
def _read() -> Mapping[str, SpokenWords]:
    found: dict[str, dict[str, set[str]]] = {}
    section, languages = "", []
    for line in _FILE.read_text("utf-8").splitlines():
        word = line.partition("#")[0].strip()
        if word.startswith("["):
            section, *languages = word.strip("[]").split()
        elif word:
            for language in languages:
                found.setdefault(language, {}).setdefault(section, set()).add(word)
    return {language: _of(sections) for language, sections in found.items()}


def _of(sections: Mapping[str, set[str]]) -> SpokenWords:
    fillers, retraced = sections.get("fillers", set()), sections.get("retraced", set())
    return SpokenWords(
        fillers=frozenset(one for one in fillers if not one.endswith("?")),
        fillers_inside=frozenset(one.rstrip("?") for one in fillers if one.endswith("?")),
        retraced=frozenset(retraced),
        starts=frozenset(retraced | sections.get("starts", set())),
        subjects=frozenset(sections.get("subjects", ())),
    )
