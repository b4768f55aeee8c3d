# SPDX-License-Identifier: Apache-2.0
"""How far a recording is, computed from what both zones hold of it.

    sealed ── transcribing ──► transcribed ──► deidentified ── rule ──► needs_review ──► approved
                                                                  │          │              │
                                                                  │          ▼              ▼
                                                                  └──► approved  rejected  released

A stage that gives up makes it failed until it is tried again. The withdrawal of its participant
makes it erased, whatever it was before, and for good.
"""

from __future__ import annotations

from collections.abc import Iterable

from sotto.storage.v1 import catalog_pb2, review_pb2
from sotto.storage.v1.catalog_pb2 import RecordingStatus

_PREFIX = "RECORDING_STATUS_"

_BY_REVIEW = {
    review_pb2.REVIEW_STATE_PENDING: RecordingStatus.RECORDING_STATUS_NEEDS_REVIEW,
    review_pb2.REVIEW_STATE_APPROVED: RecordingStatus.RECORDING_STATUS_APPROVED,
    review_pb2.REVIEW_STATE_REJECTED: RecordingStatus.RECORDING_STATUS_REJECTED,
}

# States of a review that a release of the run stands above.
_RELEASABLE = frozenset(
    {RecordingStatus.RECORDING_STATUS_DEIDENTIFIED, RecordingStatus.RECORDING_STATUS_APPROVED}
)


def status_of(
    clinical: catalog_pb2.RecordingState, research: catalog_pb2.RecordingState | None
) -> RecordingStatus:
    """Return the status of a recording by what each zone holds of it.

    `research` is None when the research zone has nothing of it yet. A failure counts until a run is
    finished after it. What counts in the research zone is the run that was finished last: an
    earlier one that was approved or released says nothing about it. A person's word on a run that
    was released before wins over the release.
    """
    if clinical.erased or (research is not None and research.erased):
        return RecordingStatus.RECORDING_STATUS_ERASED
    if _failure_counts(clinical, research):
        return RecordingStatus.RECORDING_STATUS_FAILED
    if research is not None and research.transcripts:
        return _status_of_run(research.transcripts[-1])
    if clinical.transcripts:
        return RecordingStatus.RECORDING_STATUS_TRANSCRIBED
    if clinical.run_in_progress:
        return RecordingStatus.RECORDING_STATUS_TRANSCRIBING
    return RecordingStatus.RECORDING_STATUS_SEALED


def status_name(status: RecordingStatus) -> str:
    """Return the name of a status as programs read it, such as "needs_review"."""
    return RecordingStatus.Name(status).removeprefix(_PREFIX).lower()


def status_label(status: RecordingStatus) -> str:
    """Return the name of a status as people read it, such as "needs review"."""
    return status_name(status).replace("_", " ")


def _status_of_run(run: catalog_pb2.TranscriptState) -> RecordingStatus:
    status = (
        _BY_REVIEW[run.review.state]
        if run.HasField("review")
        else RecordingStatus.RECORDING_STATUS_DEIDENTIFIED
    )
    if run.HasField("released_at") and status in _RELEASABLE:
        return RecordingStatus.RECORDING_STATUS_RELEASED
    return status


def _failure_counts(
    clinical: catalog_pb2.RecordingState, research: catalog_pb2.RecordingState | None
) -> bool:
    """Return whether a failure is on record and no run was finished in either zone after it."""
    if not clinical.HasField("failure"):
        return False
    finished = [*clinical.transcripts, *(research.transcripts if research is not None else ())]
    return not _is_any_after(finished, clinical.failure.time.ToNanoseconds())


def _is_any_after(runs: Iterable[catalog_pb2.TranscriptState], nanoseconds: int) -> bool:
    return any(run.committed_at.ToNanoseconds() > nanoseconds for run in runs)
