# SPDX-License-Identifier: Apache-2.0
"""The stages of the flow of a recording."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Stages of the flow of a recording, by the names that the contract gives to them."""

    TRANSCRIPTION = "transcription"
    DEIDENTIFICATION = "deidentification"
    REVIEW_RULE = "release"


@dataclass(frozen=True, slots=True)
class StageProgress:
    """How far a stage is: `percent` of its work is done.

    `seconds_left` is None while no pace is known; `before` is how many recordings have their turn
    first.
    """

    percent: float
    seconds_left: int | None = None
    before: int = 0
