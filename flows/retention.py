# SPDX-License-Identifier: Apache-2.0
"""Which recordings a study's rule of retention asks to delete, and their deletion.

A study keeps recordings for so many days after the first release that holds their words. What was
not released is kept, whatever its age: it was not used yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from flows.catalog import require_study
from services.common.client import Peers
from services.common.errors import PermissionDenied
from services.registry import identities
from services.storage_client.catalog import CatalogClient
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
)


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


def plan(peers: Peers, now: dt.datetime, study_id: str = "") -> list[RetentionEntry]:
    """Return what the rules say now, of one study or of all; changes nothing."""
    require_study(peers, study_id)
    reader = catalog_service_pb2_grpc.CatalogReaderServiceStub(peers.channel(identities.CLINICAL))
    names = (
        [study_id]
        if study_id
        else list(reader.ListStudies(catalog_pb2.ListStudiesRequest()).study_ids)
    )
    entries: list[RetentionEntry] = []
    for name in names:
        study = reader.GetStudy(catalog_pb2.GetStudyRequest(study_id=name)).study
        if study.keep_recordings_days:
            entries += _of_study(peers, name, study.keep_recordings_days, now)
    return entries


def apply(peers: Peers, planned: list[RetentionEntry]) -> Iterator[RetentionEntry]:
    """Delete what is due and yield each entry in its state after that.

    A hold that was set since the plan was made wins.
    """
    stub = recording_service_pb2_grpc.RetentionServiceStub(peers.channel(identities.CLINICAL))
    for entry in planned:
        if entry.state is not RetentionState.DUE:
            yield entry
            continue
        try:
            stub.DeleteContent(recording_pb2.DeleteContentRequest(ref=entry.ref, rule=entry.rule))
        except PermissionDenied:
            yield replace(entry, state=RetentionState.HELD)
        else:
            yield replace(entry, state=RetentionState.DELETED)


def retention_state(
    *, deleted: bool, held: bool, due_at: dt.datetime, now: dt.datetime
) -> RetentionState:
    """Return the state of a released recording under a rule by which it is due at `due_at`."""
    if deleted:
        return RetentionState.DELETED
    if due_at > now:
        return RetentionState.WAITING
    return RetentionState.HELD if held else RetentionState.DUE


def _of_study(peers: Peers, study_id: str, days: int, now: dt.datetime) -> Iterator[RetentionEntry]:
    clinical, research = (
        CatalogClient(peers.channel(zone)) for zone in (identities.CLINICAL, identities.RESEARCH)
    )
    released = {
        state.ref.recording_id: state.released_at.ToDatetime(dt.UTC)
        for state in research.recordings(study_id)
        if state.HasField("released_at")
    }
    for recording in clinical.recordings(study_id):
        released_at = released.get(recording.ref.recording_id)
        if recording.erased or released_at is None:
            continue
        due_at = released_at + dt.timedelta(days=days)
        state = retention_state(
            deleted=recording.HasField("content_deleted_at"),
            held=recording.held,
            due_at=due_at,
            now=now,
        )
        yield RetentionEntry(recording.ref, due_at, f"{days}_days_after_release", state)
