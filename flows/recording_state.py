# SPDX-License-Identifier: Apache-2.0
"""The states that a recording goes through, and the stages between them.

    sealed ── transcription ──► transcribed ── deidentification ──► deidentified

A stage that gives up makes the recording failed until it is ingested again. The withdrawal of the
participant makes it erased, whatever it was before, and for good.
"""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Stages of the flow of a recording, by the names that the contract gives to them."""

    TRANSCRIPTION = "transcription"
    DEIDENTIFICATION = "deidentification"


class RecordingState(StrEnum):
    """How far a recording is."""

    SEALED = "sealed"
    TRANSCRIBED = "transcribed"
    DEIDENTIFIED = "deidentified"
    FAILED = "failed"
    ERASED = "erased"

    @property
    def is_settled(self) -> bool:
        """Whether nothing more happens to the recording by itself."""
        return self not in _NEXT_STAGE

    @property
    def next_stage(self) -> Stage | None:
        """The stage that comes next; None when the recording is settled."""
        return _NEXT_STAGE.get(self)


_NEXT_STAGE = {
    RecordingState.SEALED: Stage.TRANSCRIPTION,
    RecordingState.TRANSCRIBED: Stage.DEIDENTIFICATION,
}


def state_of(
    *, erased: bool, failed: bool, transcribed: bool, deidentified: bool
) -> RecordingState:
    """Return the state of a recording by what the two zones hold of it.

    `failed` is whether the clinical zone has a failure on record, `transcribed` whether it has a
    finished run, `deidentified` whether the research zone has one. A finished de-identified run
    wins over a failure: the failure is of an attempt before or after it.
    """
    if erased:
        return RecordingState.ERASED
    if deidentified:
        return RecordingState.DEIDENTIFIED
    if failed:
        return RecordingState.FAILED
    return RecordingState.TRANSCRIBED if transcribed else RecordingState.SEALED


def progress_key(recording_id: str, stage: Stage) -> str:
    """Return the key under which Prefect shows the progress of a stage."""
    return f"{recording_id}-{stage}"
