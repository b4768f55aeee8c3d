# SPDX-License-Identifier: Apache-2.0
"""What is not in a release, and why: the release's own word, and what the catalogue knows."""

from __future__ import annotations

from dataclasses import dataclass

from flows import catalog
from services.common.client import Peers
from services.storage_client.recording_status import status_label, status_name
from sotto.release.v1 import release_pb2
from sotto.storage.v1.catalog_pb2 import RecordingStatus

_REVIEWS = {
    release_pb2.LEFT_OUT_REASON_PENDING: ("pending", "waits for review"),
    release_pb2.LEFT_OUT_REASON_REJECTED: ("rejected", "a reviewer rejected it"),
}
_UNFINISHED = frozenset(
    {
        RecordingStatus.RECORDING_STATUS_SEALED,
        RecordingStatus.RECORDING_STATUS_TRANSCRIBING,
        RecordingStatus.RECORDING_STATUS_TRANSCRIBED,
        RecordingStatus.RECORDING_STATUS_FAILED,
    }
)


@dataclass(frozen=True, slots=True)
class Omission:
    """A recording that is not in a release; `reason` is a word, `why` a sentence for people."""

    recording_id: str
    participant: str
    session: int
    reason: str
    why: str


def review_omissions(release: release_pb2.ReleaseSummary) -> list[Omission]:
    """Return the transcripts that a release was made without."""
    return [
        Omission(
            one.recording_id,
            one.participant,
            one.session,
            *_REVIEWS.get(one.reason, ("unknown", "its reason is not known")),
        )
        for one in release.left_out
    ]


def left_out(peers: Peers, release: release_pb2.ReleaseSummary) -> list[Omission]:
    """Return all recordings of the study that are not in a release that was just built.

    To the release's own list come recordings that have no de-identified transcript.
    """
    listed = review_omissions(release)
    known = {one.recording_id for one in listed}
    for one in catalog.recordings(peers, release.study_id):
        if one.recording_id in known or one.release_run or one.status not in _UNFINISHED:
            continue
        why = "it has no de-identified transcript yet: " + status_label(one.status)
        if one.message:
            why = f"{one.stage} failed: {one.message}"
        listed.append(
            Omission(one.recording_id, one.participant, one.session, status_name(one.status), why)
        )
    return sorted(listed, key=lambda one: (one.participant, one.session, one.recording_id))
