# SPDX-License-Identifier: Apache-2.0
"""Counts words, also of writing that does not part them, and those that repeat what was said."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+(?:['’-]\w+)*", re.UNICODE)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\u3040-\u30ff]+")


_LONGEST_PHRASE = 8
"""Words of the longest phrase whose repetition is looked for; decoders loop on short ones."""


def count_words(text: str) -> int:
    """Return the number of words: of what white space parts, and of half the Chinese characters.

    A Chinese word has two characters on average. Texts that white space parts count as each does.
    """
    if not _HAN.search(text):
        return len(text.split())
    return sum(map(_count, text.split()))


def repetition(text: str) -> float:
    """Return the share of words, in [0, 1], that belong to a phrase said just before.

    Finds the worst immediate repetition over phrases of one to eight words: "I see I see I see"
    gives 2/3. Whole words of any script, case ignored.
    """
    words = [word.lower() for word in _WORD.findall(text)]
    worst = 0
    for size in range(1, min(_LONGEST_PHRASE, len(words) // 2) + 1):
        same = run = 0
        for here in range(size, len(words)):
            run = run + 1 if words[here] == words[here - size] else 0
            if run >= size:
                same = max(same, run)
        worst = max(worst, same)
    return worst / len(words) if words else 0.0


def _count(piece: str) -> int:
    """Return the number of words of a text without white space."""
    characters = sum(len(run) for run in _HAN.findall(piece))
    if not characters:
        return 1
    rest = [word for word in _HAN.sub(" ", piece).split() if any(map(str.isalnum, word))]
    return (characters + 1) // 2 + len(rest)
