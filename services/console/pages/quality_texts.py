# SPDX-License-Identifier: Apache-2.0
"""What states of rounds are called, and the picture of quality over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from sotto.release.v1 import quality_pb2

#: Kinds that a reader may choose, the most frequent first, as entity types of policies.
TYPES = (
    "PERSON", "LOCATION", "FACILITY", "ORGANIZATION", "ADDRESS", "DATE_TIME", "AGE", "OCCUPATION",
    "PHONE_NUMBER", "EMAIL_ADDRESS", "MY_IC", "MEDICAL_RECORD_NUMBER", "ID_NUMBER", "USERNAME",
)  # fmt: skip

#: Of each state its name, its tone, and what it means, in English.
STATES: Mapping[int, tuple[str, str, str]] = {
    quality_pb2.ROUND_STATE_READING: (
        "being read",
        "doubt",
        "Passages are left to read.",
    ),
    quality_pb2.ROUND_STATE_ADJUDICATION: (
        "waits for rulings",
        "doubt",
        "Two readers disagree somewhere, and a third person says what is right.",
    ),
    quality_pb2.ROUND_STATE_MISSED: (
        "something was missed",
        "bad",
        "What was missed is replaced in the whole study, reviewed, and a new sample is drawn.",
    ),
    quality_pb2.ROUND_STATE_FAILED: (
        "not good enough",
        "bad",
        "Nothing was missed, but the reading was not good enough to say so. Draw a new sample.",
    ),
    quality_pb2.ROUND_STATE_READY: (
        "waits for a signature",
        "doubt",
        "All is read and the gate is met. Somebody vouches for it.",
    ),
    quality_pb2.ROUND_STATE_PASSED: (
        "passed",
        "good",
        "Its transcripts may be released.",
    ),
    quality_pb2.ROUND_STATE_OVERTAKEN: (
        "overtaken",
        "plain",
        "A transcript in it changed before it was signed. Draw a new sample.",
    ),
}

#: States in which somebody has something to do.
UNDER_WAY = frozenset(STATES) - {
    quality_pb2.ROUND_STATE_PASSED,
    quality_pb2.ROUND_STATE_OVERTAKEN,
}

LACKS: Mapping[int, str] = {
    quality_pb2.SHORTFALL_BOUND: "Too little was read for the bound that the study asks for.",
    quality_pb2.SHORTFALL_SECOND_READER: "A second person read too little of it.",
    quality_pb2.SHORTFALL_DETECTION: "Too few of the planted items were found.",
    quality_pb2.SHORTFALL_AGREEMENT: "Two readers agree too little.",
    quality_pb2.SHORTFALL_SIGNER: "Whoever signed had read in it.",
}

_WIDTH, _HEIGHT, _LEFT, _TOP = 640, 180, 60, 16


@dataclass(frozen=True, slots=True)
class Point:
    """A round in the picture."""

    number: int
    x: float
    y: float
    share: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The bounds of the rounds that were read to their end, in order, and the study's limit."""

    points: tuple[Point, ...]
    limit: float | None
    top: float
    width: int = _WIDTH
    height: int = _HEIGHT
    left: int = _LEFT

    @classmethod
    def of(cls, rounds: Sequence[quality_pb2.QualityRound], limit: float) -> Self:
        """Draw the rounds whose reading ended."""
        ended = [one for one in rounds if not (one.first_left or one.second_left or one.disputed)]
        top = max([limit, *(one.bound for one in ended)], default=0.0) or 1.0
        step = (_WIDTH - _LEFT) / (len(ended) + 1)
        points = tuple(
            Point(one.round, round(_LEFT + step * at, 1), _y(one.bound, top), one.bound)
            for at, one in enumerate(ended, start=1)
        )
        return cls(points, _y(limit, top) if limit else None, top)

    @property
    def line(self) -> str:
        """The points as SVG takes them."""
        return " ".join(f"{one.x},{one.y}" for one in self.points)


def _y(share: float, top: float) -> float:
    return round(_TOP + (_HEIGHT - 2 * _TOP) * (1 - share / top), 1)
