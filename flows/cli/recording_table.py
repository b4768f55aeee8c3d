# SPDX-License-Identifier: Apache-2.0
"""Recordings as rows of the table that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.registry.recording_doubts import doubt_sentences

if TYPE_CHECKING:
    from services.recordings_client.catalog import RecordingSummary
    from services.recordings_client.work import WorkProgress

COLUMNS = (
    "RECORDING", "STUDY", "WHO", "S", "KIND", "STATE", "SEGMENTS", "REDACTED", "RISK", "WHY",
)  # fmt: skip
"""Columns of the list."""
INVENTED = "its words are invented by the demo model, which does not know the recording"


def row(recording: RecordingSummary, progress: WorkProgress | None = None) -> tuple[object, ...]:
    """Return a recording as a row of the list; what a run does with it goes before its state."""
    return (
        recording.recording_id,
        recording.study_id,
        recording.participant,
        recording.session,
        recording.kind,
        progress.label if progress else recording.label,
        recording.segments or "",
        recording.replacements or "",
        f"{recording.residual_risk:.2f}" if recording.release_run else "",
        why(recording),
    )


def why(recording: RecordingSummary) -> str:
    """Return why a recording failed, and what a person should know of the transcript it has."""
    failure = f"{recording.stage}: {recording.message}" if recording.message else ""
    invented = INVENTED if recording.invented else ""
    return "; ".join(filter(None, (failure, invented, *doubt_sentences(recording.doubts))))
