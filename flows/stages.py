# SPDX-License-Identifier: Apache-2.0
"""The stages of the flow of a recording."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Stages of the flow of a recording, by the names that the contract gives to them."""

    TRANSCRIPTION = "transcription"
    DEIDENTIFICATION = "deidentification"
    REVIEW_RULE = "release"


def progress_key(recording_id: str, stage: Stage) -> str:
    """Return the key under which Prefect shows the progress of a stage."""
    return f"{recording_id}-{stage}"
