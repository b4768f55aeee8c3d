# SPDX-License-Identifier: Apache-2.0
"""Who asks: the role of interviewer by the share of questions, where nobody told the roles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from services.deidentification.domain.transcript import Turn

INTERVIEWER, PARTICIPANT = "interviewer", "participant"

_SENTENCE = re.compile(r"[^.?!…。？！؟]*\w[^.?!…。？！؟]*(?P<end>[.?!…。？！؟]*)")
_QUESTION_MARKS = frozenset("?？؟")

_LEAST_SHARE = 0.25
"""Share of questions among the sentences of one who asks. In 66 written interviews with marks of
punctuation (`benchmarks/deid_by_hand`) that of interviewers is 0.17 to 0.86, in 64 of them above
this, and that of everybody else 0.06 at most."""

_MOST_OF_OTHERS = 1 / 3
"""How much of that share the next one may have at most: what lies between says nothing clear."""

_FEWEST_QUESTIONS = 5
"""Questions below which a share is chance."""


def with_roles(
    turns: Sequence[Turn], *, are_guessed: bool = False
) -> tuple[tuple[Turn, ...], bool]:
    """Return the turns with roles by who asks, and whether these were taken.

    They are not where a turn has a role already, unless roles `are_guessed` by who talks most, nor
    where nobody, or more than one, clearly asks. Where one of two speakers asks, the other one
    is the participant; of more nobody can be told.
    """
    speakers = {turn.speaker for turn in turns}
    are_known = not are_guessed and any(turn.role for turn in turns)
    asks = "" if are_known else _who_asks(turns)
    if not asks or len(speakers) < 2:
        return tuple(turns), False
    other = PARTICIPANT if len(speakers) == 2 else ""
    return tuple(
        replace(turn, role=INTERVIEWER if turn.speaker == asks else other) for turn in turns
    ), True


def _who_asks(turns: Sequence[Turn]) -> str:
    sentences: Counter[str] = Counter()
    questions: Counter[str] = Counter()
    for turn in turns:
        for found in _SENTENCE.finditer(turn.text):
            sentences[turn.speaker] += 1
            questions[turn.speaker] += not _QUESTION_MARKS.isdisjoint(found["end"])
    shares = sorted(
        ((questions[who] / count, who) for who, count in sentences.items()), reverse=True
    )
    if not shares or questions[shares[0][1]] < _FEWEST_QUESTIONS:
        return ""
    (most, who), *others = shares
    next_most = others[0][0] if others else 0.0
    return who if most >= _LEAST_SHARE and next_most <= _MOST_OF_OTHERS * most else ""
