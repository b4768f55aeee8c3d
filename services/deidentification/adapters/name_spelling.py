# SPDX-License-Identifier: Apache-2.0
"""How much a word that no list has is spelled like a name in use in Malaysia, and not like a word
of the languages here: naive Bayes over runs of three letters.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from functools import cache

from services.deidentification.domain import lexicon as lx
from services.deidentification.gazetteers.loading import load_lexicon

_WORDS = lx.ORDINARY | lx.KNOWN
_RARE = 0.5  # added to each count, so that a run that nothing has decides nothing


@cache
def spelled_like_a_name(word: str) -> float:
    """Return the mean log-odds of the runs of letters of a word, positive for a name's."""
    odds = _odds()
    runs = list(_runs(word))
    return sum(odds.get(run, 0.0) for run in runs) / len(runs)


@cache
def _odds() -> dict[str, float]:
    """Return the log-odds of each run of letters in names against words, by the lists."""
    names: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for word, bits in load_lexicon().flags.items():
        if bits & lx.LOCAL and not bits & _WORDS:
            names.update(_runs(word))
        elif bits & lx.ROOT or (bits & _WORDS == _WORDS and not bits & lx.NAME):
            words.update(_runs(word))
    all_names, all_words = names.total(), words.total()
    return {
        run: math.log((names[run] + _RARE) / all_names) - math.log((words[run] + _RARE) / all_words)
        for run in names | words
    }


def _runs(word: str) -> Iterator[str]:
    padded = f"^{word}$"
    for at in range(len(padded) - 2):
        yield padded[at : at + 3]
