# SPDX-License-Identifier: Apache-2.0
"""What is not in a release, and why: the release's own word, and what the catalogue knows."""

from __future__ import annotations

from dataclasses import dataclass

from services.common.client import Peers
from services.recordings_client import catalog
from services.storage_client.recording_status import status_label
from sotto.release.v1 import release_pb2
from sotto.storage.v1.catalog_pb2 import RecordingStatus

_REASONS = {
    release_pb2.LEFT_OUT_REASON_PENDING: ("pending", "waits for review"),
    release_pb2.LEFT_OUT_REASON_REJECTED: ("rejected", "a reviewer rejected it"),
    release_pb2.LEFT_OUT_REASON_QUALITY: (
        "quality",
        "approved, and not through the study's gate of quality; see: sotto quality show",
    ),
    release_pb2.LEFT_OUT_REASON_SEALED: ("sealed", "nothing was made of it yet"),
    release_pb2.LEFT_OUT_REASON_TRANSCRIBING: ("transcribing", "it is being transcribed"),
    release_pb2.LEFT_OUT_REASON_TRANSCRIBED: ("transcribed", "it is not de-identified yet"),
    release_pb2.LEFT_OUT_REASON_FAILED: ("failed", "it could not be processed"),
}
_UNFINISHED = {
    RecordingStatus.RECORDING_STATUS_SEALED: release_pb2.LEFT_OUT_REASON_SEALED,
    RecordingStatus.RECORDING_STATUS_TRANSCRIBING: release_pb2.LEFT_OUT_REASON_TRANSCRIBING,
    RecordingStatus.RECORDING_STATUS_TRANSCRIBED: release_pb2.LEFT_OUT_REASON_TRANSCRIBED,
    RecordingStatus.RECORDING_STATUS_FAILED: release_pb2.LEFT_OUT_REASON_FAILED,
}


@dataclass(frozen=True, slots=True)
class Omission:
    """A recording that is not in a release; `reason` is a word, `why` a sentence for people."""

    recording_id: str
    participant: str
    session: int
    reason: str
    why: str


def omissions(release: release_pb2.ReleaseSummary) -> list[Omission]:
    """Return the recordings that a release was made without."""
    return [
        Omission(
            one.recording_id,
            one.participant,
            one.session,
            *_REASONS.get(one.reason, ("unknown", "its reason is not known")),
        )
        for one in release.left_out
    ]


def unfinished(peers: Peers, study_id: str) -> tuple[list[release_pb2.LeftOut], dict[str, str]]:
    """Return the recordings of a study without a de-identified transcript, and why, by their ids.

    The release service has no way to the clinical zone, which knows them: whoever builds tells it.
    """
    listed = []
    reasons = {}
    for one in catalog.recordings(peers, study_id):
        if one.release_run or one.status not in _UNFINISHED:
            continue
        why = "it has no de-identified transcript yet: " + status_label(one.status)
        if one.message:
            why = f"{one.stage} failed: {one.message}"
        reasons[one.recording_id] = why
        listed.append(
            release_pb2.LeftOut(
                recording_id=one.recording_id,
                participant=one.participant,
                session=one.session,
                reason=_UNFINISHED[one.status],
            )
        )
    return listed, reasons
