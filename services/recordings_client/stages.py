# SPDX-License-Identifier: Apache-2.0
"""The stages of the flow of a recording."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_SECONDS_LEFT = re.compile(r"(\d+) s left")
_BEFORE = re.compile(r"(\d+) before it")


class Stage(StrEnum):
    """Stages of the flow of a recording, by the names that the contract gives to them."""

    TRANSCRIPTION = "transcription"
    DEIDENTIFICATION = "deidentification"
    REVIEW_RULE = "release"


def progress_key(recording_id: str, stage: Stage) -> str:
    """Return the key under which Prefect shows the progress of a stage."""
    return f"{recording_id}-{stage}"


@dataclass(frozen=True, slots=True)
class StageProgress:
    """How far a stage is: `percent` of its work is done.

    `seconds_left` is None while no pace is known; `before` is how many recordings have their turn
    first.
    """

    percent: float
    seconds_left: int | None = None
    before: int = 0

    def describe(self, stage: Stage) -> str:
        """Return what Prefect shows beside the percentage."""
        left = "" if self.seconds_left is None else f", {self.seconds_left} s left"
        return f"{stage}{left}" + (f", {self.before} before it" if self.before else "")

    @classmethod
    def read(cls, percent: float, description: str) -> StageProgress:
        """Return the progress that `describe` told; a description of something else tells none."""
        left, before = _SECONDS_LEFT.search(description), _BEFORE.search(description)
        return cls(percent, int(left[1]) if left else None, int(before[1]) if before else 0)
