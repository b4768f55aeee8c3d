# SPDX-License-Identifier: Apache-2.0
"""Mistakes of intake undone: removals and moves."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.common.client import Channels
from services.common.errors import NotFound
from services.recordings_client.catalog import require_one_recording, require_study
from services.registry import identities
from services.registry.removals import RemovalReason
from sotto.storage.v1 import (
    recording_pb2,
    removal_pb2,
    removal_service_pb2_grpc,
)

_NUMBERS = {reason: f"REMOVAL_REASON_{reason.name}" for reason in RemovalReason}
_REASONS = {recording_pb2.RemovalReason.Value(name): one for one, name in _NUMBERS.items()}


@dataclass(frozen=True, slots=True)
class LocatedRecording:
    """A recording by its id; `removal` says why it was removed, None while it is there."""

    ref: recording_pb2.RecordingRef
    session: int
    removal: RemovalReason | None = None


def locate(peers: Channels, recording_id: str, study_id: str = "") -> LocatedRecording:
    """Return a recording by its id, also one that was removed; raises NotFound."""
    require_study(peers, study_id)
    try:
        state = require_one_recording(peers, recording_id, study_id)
    except NotFound:
        request = removal_pb2.ListRemovalsRequest(study_id=study_id)
        for one in _stub(peers).ListRemovals(request).removals:
            if one.ref.recording_id == recording_id:
                return LocatedRecording(one.ref, one.session, _REASONS[one.reason])
        raise
    return LocatedRecording(state.ref, state.session)


def remove(
    peers: Channels, ref: recording_pb2.RecordingRef, reason: RemovalReason
) -> removal_pb2.RemoveRecordingResponse:
    """Remove a recording from both zones; may be repeated.

    Raises PermissionDenied under a legal hold, and, with the reason "compliance_only", where
    something came of it already and the caller is not compliance.
    """
    return _stub(peers).RemoveRecording(
        removal_pb2.RemoveRecordingRequest(ref=ref, reason=_NUMBERS[reason])
    )


def move(
    peers: Channels, ref: recording_pb2.RecordingRef, participant: str, session: int = 0
) -> removal_pb2.MoveRecordingResponse:
    """Move a recording to another participant or session, 0 for the same; may be repeated."""
    return _stub(peers).MoveRecording(
        removal_pb2.MoveRecordingRequest(ref=ref, participant=participant, session=session)
    )


def removed(peers: Channels, study_id: str = "") -> list[dict[str, object]]:
    """Return what was removed, of one study or of all, as lines of output."""
    request = removal_pb2.ListRemovalsRequest(study_id=study_id)
    return [_trace(one) for one in _stub(peers).ListRemovals(request).removals]


def _trace(removal: removal_pb2.Removal) -> dict[str, object]:
    return {
        "study_id": removal.ref.study_id,
        "participant": removal.ref.participant,
        "recording_id": removal.ref.recording_id,
        "session": removal.session,
        "reason": _REASONS[removal.reason].value,
        "removed_at": removal.removed_at.ToDatetime(dt.UTC).isoformat(timespec="seconds"),
        "removed_by": removal.removed_by,
        "moved_to": removal.moved_to.recording_id,
    }


def as_record(done: removal_pb2.RemoveRecordingResponse) -> dict[str, object]:
    """Return a removal as a line of output: ids, counts and times."""
    return {
        **_trace(done.removal),
        "existed": done.existed,
        "objects_deleted": done.objects_deleted,
        "objects_retained": done.objects_retained,
        "retained_until": done.retained_until.ToDatetime(dt.UTC).isoformat(timespec="seconds")
        if done.HasField("retained_until")
        else "",
        "objects_failed": done.objects_failed,
        "release_ids": list(done.release_ids),
    }


def _stub(peers: Channels) -> removal_service_pb2_grpc.RemovalServiceStub:
    return removal_service_pb2_grpc.RemovalServiceStub(peers.channel(identities.CLINICAL))
