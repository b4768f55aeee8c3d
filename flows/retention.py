# SPDX-License-Identifier: Apache-2.0
"""What the studies' rules of retention ask to delete, as the store works it out, and its deletion.

Nothing is decided here: the store knows the sealed study and the time of the release, and refuses
what is not due.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from services.common.client import Peers
from services.common.errors import PermissionDenied
from services.registry import identities
from services.storage_client.catalog import CatalogClient
from sotto.storage.v1 import recording_pb2, recording_service_pb2_grpc

_RETAINED = "retained"  # the store's reason where a hold, or a lock, keeps the content


class RetentionState(StrEnum):
    """What a rule of retention says about a recording that was released."""

    WAITING = "waiting"
    """Its days are not over."""
    DUE = "due"
    """Its content is to be deleted."""
    HELD = "held"
    """It is due, and a legal hold keeps it."""
    DELETED = "deleted"
    """Its content was deleted."""


_STATES = {
    recording_pb2.RETENTION_STATE_WAITING: RetentionState.WAITING,
    recording_pb2.RETENTION_STATE_DUE: RetentionState.DUE,
    recording_pb2.RETENTION_STATE_HELD: RetentionState.HELD,
    recording_pb2.RETENTION_STATE_DELETED: RetentionState.DELETED,
}


@dataclass(frozen=True, slots=True)
class RetentionEntry:
    """A recording with a rule of retention, and what the rule says about it."""

    ref: recording_pb2.RecordingRef
    due_at: dt.datetime
    rule: str
    state: RetentionState

    def record(self) -> dict[str, str]:
        """Return it as a line of output: ids, times and states."""
        return {
            "study_id": self.ref.study_id,
            "participant": self.ref.participant,
            "recording_id": self.ref.recording_id,
            "due_at": self.due_at.isoformat(timespec="seconds"),
            "rule": self.rule,
            "state": self.state.value,
        }


def plan(peers: Peers, study_id: str = "") -> list[RetentionEntry]:
    """Return what the rules say now, of one study or of all; changes nothing."""
    channel = peers.channel(identities.CLINICAL)
    studies = [study_id] if study_id else CatalogClient(channel).studies()
    stub = recording_service_pb2_grpc.RetentionServiceStub(channel)
    return [
        RetentionEntry(one.ref, one.due_at.ToDatetime(dt.UTC), one.rule, _STATES[one.state])
        for name in studies
        for one in stub.ListRetention(recording_pb2.ListRetentionRequest(study_id=name)).recordings
    ]


def apply(peers: Peers, planned: list[RetentionEntry]) -> Iterator[RetentionEntry]:
    """Ask to delete what is due, and yield each entry in its state after that.

    A hold that was set since the plan was made wins, and so does a rule that was changed.
    """
    stub = recording_service_pb2_grpc.RetentionServiceStub(peers.channel(identities.CLINICAL))
    for entry in planned:
        if entry.state is not RetentionState.DUE:
            yield entry
            continue
        try:
            stub.DeleteContent(recording_pb2.DeleteContentRequest(ref=entry.ref, rule=entry.rule))
        except PermissionDenied as error:
            held = error.reason == _RETAINED
            yield replace(entry, state=RetentionState.HELD if held else RetentionState.WAITING)
        else:
            yield replace(entry, state=RetentionState.DELETED)
