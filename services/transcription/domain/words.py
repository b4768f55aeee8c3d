# SPDX-License-Identifier: Apache-2.0
"""Counts words, also of writing that does not part them."""

from __future__ import annotations

import re

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\u3040-\u30ff]+")


def count_words(text: str) -> int:
    """Return the number of words: of what white space parts, and of half the Chinese characters.

    A Chinese word has two characters on average. Texts that white space parts count as each does.
    """
    if not _HAN.search(text):
        return len(text.split())
    return sum(map(_count, text.split()))


def _count(piece: str) -> int:
    """Return the number of words of a text without white space."""
    characters = sum(len(run) for run in _HAN.findall(piece))
    if not characters:
        return 1
    rest = [word for word in _HAN.sub(" ", piece).split() if any(map(str.isalnum, word))]
    return (characters + 1) // 2 + len(rest)
