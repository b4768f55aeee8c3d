# SPDX-License-Identifier: Apache-2.0
"""What the clues of `leak_evidence` are worth: a logistic regression on known leaks.

`infra/models/ner/leak_weights.py` fits the weights, anew for each tagger, and writes
`words/leak_weights.txt`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from services.deidentification.domain.leak_evidence import Clue
from services.deidentification.domain.review_flags import Reason
from services.deidentification.word_files import read_words

#: The weight of what holds of every word.
ALWAYS = "always"
_TABLE = read_words("leak_weights").labels("weights")
WEIGHTS: Mapping[str, float] = {name: float(_TABLE.get(name, 0.0)) for name in (ALWAYS, *Clue)}

_REASONS: Mapping[Reason, tuple[Clue, ...]] = {
    Reason.TAGGED: (Clue.PERSON, Clue.ELSEWHERE),
    Reason.SAME_AS_NAME: (Clue.SAME_AS_NAME,),
    Reason.NUMBER: (Clue.CODE, Clue.DIGITS_3, Clue.NUMBER_ANNOUNCED),
    Reason.ADDRESS_SIGN: (Clue.SAID_SIGN, Clue.ACCOUNT),
    Reason.SPELLED: (Clue.SPELLED,),
    Reason.DATE_OR_AGE: (Clue.DATE, Clue.AGE, Clue.PART_OF_DATE),
    Reason.PLACE_LIKE: (Clue.PLACE, Clue.PLACE_ONLY, Clue.AFTER_HEAD),
    Reason.NAME_LIKE: (
        Clue.NAME_ONLY,
        Clue.NAME_AND_WORD,
        Clue.CAPITAL,
        Clue.AFTER_TITLE,
        Clue.AFTER_NAMING,
        Clue.BESIDE_RELATION,
        Clue.ANSWER,
    ),
    Reason.BESIDE_NAME: (Clue.BEHIND_PERSON, Clue.BEFORE_PERSON),
    Reason.NEARLY: (Clue.PERSON_SCORE, Clue.OTHER_SCORE),
    Reason.OTHER_SCRIPT: (Clue.OTHER_SCRIPT,),
    Reason.UNKNOWN_WORD: (Clue.UNLISTED, Clue.RARE),
}


def probability(clues: Mapping[Clue, float], weights: Mapping[str, float] = WEIGHTS) -> float:
    """Return the probability that a word with these clues still identifies somebody."""
    odds = weights[ALWAYS] + sum(weights[clue] * value for clue, value in clues.items())
    return 1.0 / (1.0 + math.exp(-odds))


def reason(clues: Mapping[Clue, float]) -> Reason:
    """Return what speaks most for a leak."""

    def worth(group: Reason) -> tuple[float, bool]:
        held = [clue for clue in _REASONS[group] if clue in clues]
        return sum(WEIGHTS[clue] * clues[clue] for clue in held), bool(held)

    told = [group for group in _REASONS if worth(group)[1]]
    return max(told, key=worth) if told else Reason.UNKNOWN_WORD
