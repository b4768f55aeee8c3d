# SPDX-License-Identifier: Apache-2.0
"""The stages of the flow of a recording, and which comes next."""

from __future__ import annotations

from enum import StrEnum

from sotto.storage.v1.catalog_pb2 import RecordingStatus


class Stage(StrEnum):
    """Stages of the flow of a recording, by the names that the contract gives to them."""

    TRANSCRIPTION = "transcription"
    DEIDENTIFICATION = "deidentification"
    REVIEW_RULE = "release"


_NEXT_STAGE = {
    RecordingStatus.RECORDING_STATUS_SEALED: Stage.TRANSCRIPTION,
    RecordingStatus.RECORDING_STATUS_TRANSCRIBING: Stage.TRANSCRIPTION,
    RecordingStatus.RECORDING_STATUS_TRANSCRIBED: Stage.DEIDENTIFICATION,
    RecordingStatus.RECORDING_STATUS_DEIDENTIFIED: Stage.REVIEW_RULE,
}


def next_stage(status: RecordingStatus) -> Stage | None:
    """Return the stage that comes next; None when nothing more happens by itself."""
    return _NEXT_STAGE.get(status)


def progress_key(recording_id: str, stage: Stage) -> str:
    """Return the key under which Prefect shows the progress of a stage."""
    return f"{recording_id}-{stage}"
