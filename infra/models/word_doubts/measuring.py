# SPDX-License-Identifier: Apache-2.0
"""What the probabilities of words say of their errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from infra.models.word_doubts.hearing import HeardWord

_CLIP = 0.005  # probabilities are cut to this, so that none decides alone

Array = NDArray[np.float64]


def arrays(words: Sequence[HeardWord]) -> tuple[Array, Array]:
    """Return log odds of the probabilities, and 1 where a word is wrong."""
    given = np.clip([word.probability for word in words], _CLIP, 1 - _CLIP)
    return np.log(given / (1 - given)), np.array([float(word.is_wrong) for word in words])


def worth(words: Sequence[HeardWord], below: float) -> dict[str, object]:
    """Return what marking the words below a probability finds: the area under the curve (AUC),
    the share of wrong words with a mark, of all words with one, and of marks that are right.

    Raises ValueError when no word is wrong, or none right.
    """
    odds, wrong = arrays(words)
    if wrong.min(initial=1) == wrong.max(initial=0):
        raise ValueError("wrong words and right ones are needed to measure marks by")
    marked = np.array([word.probability < below for word in words])
    return {
        "words": len(words),
        "wrong": int(wrong.sum()),
        "auc": round(_auc(-odds, wrong), 3),
        "found": round(float(marked[wrong == 1].mean()), 3),
        "marked": round(float(marked.mean()), 3),
        "right": round(float(wrong[marked].mean()), 3) if marked.any() else 0.0,
    }


def _auc(scores: Array, wrong: Array) -> float:
    """Return how often a wrong word has a higher score than a right one; equal ones count half."""
    right = np.sort(scores[wrong == 0])
    below = np.searchsorted(right, scores[wrong == 1], "left")
    same = np.searchsorted(right, scores[wrong == 1], "right")
    return float((below + same).mean() / 2 / len(right))
