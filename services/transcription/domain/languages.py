# SPDX-License-Identifier: Apache-2.0
"""Which languages the words of a transcript are of, by script and by words that come often."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

_FILE = Path(__file__).with_name("languages.txt")
_TOKEN = re.compile(
    r"([\u4e00-\u9fff\u3400-\u4dbf]+)|([\u0b80-\u0bff]+)|([^\W\d_]+(?:['’][^\W\d_]+)?)"
)


def _words() -> dict[str, str]:
    """Return the language of each word of the file."""
    found: dict[str, str] = {}
    language = ""
    for line in _FILE.read_text("utf-8").splitlines():
        if line.startswith("["):
            language = line.strip("[] ")
        elif not line.startswith("#"):
            found |= dict.fromkeys(line.split(), language)
    return found


_LANGUAGES = _words()
"""Read once, before a process is confined that has no files."""


class LanguageTally:
    """Counts words by language, in halves of a word."""

    def __init__(self) -> None:
        self._halves: Counter[str] = Counter()

    def add(self, text: str) -> None:
        """Count the words of a turn; those that say nothing go with the others of the turn.

        Chinese does not part words, so that two characters count as one.
        """
        hits: Counter[str] = Counter()
        words = 0
        for found in _TOKEN.finditer(text):
            han, tamil, word = found.groups()
            if han:
                self._halves["zh"] += len(han)
            elif tamil:
                self._halves["ta"] += 2
            else:
                words += 1
                if language := _LANGUAGES.get(word.casefold().replace("’", "'")):
                    hits[language] += 1
        known = sum(hits.values())
        for language, count in hits.items():
            self._halves[language] += 2 * words * count // known
        if not known:
            self._halves["und"] += 2 * words

    def shares(self) -> dict[str, int]:
        """Return thousandths of all words by language, without those that round to nothing."""
        total = sum(self._halves.values()) or 1
        found = {
            language: round(1000 * count / total) for language, count in self._halves.most_common()
        }
        return {language: share for language, share in found.items() if share}
