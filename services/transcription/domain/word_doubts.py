# SPDX-License-Identifier: Apache-2.0
"""Which words are likely to be wrong, by what is known of the model that heard them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordCalibration:
    """What the word probabilities of a model are worth; names and values are part of the run key.

    `name` of the model that it was made for; a word is doubtful below the probability `below`. No
    other word counts, nor what is measured over many: they may be redacted.
    """

    name: str = "none"
    below: float = 0.0

    def doubts(self, probability: float) -> bool:
        """Return whether a word that the model gives this probability is likely to be wrong."""
        return probability < self.below
