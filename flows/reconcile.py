# SPDX-License-Identifier: Apache-2.0
"""Compares the stores with the audit log, as after a restore from a backup.

Everything that the log calls sealed must be listed, everybody whom it calls erased must stay
erased, and what it calls removed must stay removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import grpc

from services.common.errors import Corrupted
from services.common.paging import pages
from services.registry.events import Event, is_own
from services.storage_client.catalog import CatalogClient
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2

_PAGE_SIZE = 1000  # the most entries that the audit service gives at once


class RecordingKey(NamedTuple):
    """The ids of a recording, in the order in which recordings are listed."""

    study_id: str
    participant: str
    recording_id: str

    @property
    def owner(self) -> tuple[str, str]:
        """Study and participant."""
        return self.study_id, self.participant


class Discrepancy(StrEnum):
    """What is wrong with a recording."""

    MISSING = "missing"
    RETURNED = "erased, but here again"
    REMOVED = "removed, but here again"
    DAMAGED = "damaged or rolled back"


@dataclass(slots=True)
class LoggedZone:
    """What the audit log says of a zone: recordings sealed and removed, participants erased."""

    sealed: set[RecordingKey] = field(default_factory=set)
    erased: set[tuple[str, str]] = field(default_factory=set)
    removed: set[RecordingKey] = field(default_factory=set)


@dataclass(slots=True)
class StoredZone:
    """What a zone lists: all recordings, and those among them that it calls erased."""

    listed: set[RecordingKey] = field(default_factory=set)
    erased: set[RecordingKey] = field(default_factory=set)
    damaged: set[RecordingKey] = field(default_factory=set)


def compare(logged: LoggedZone, stored: StoredZone) -> Iterator[tuple[RecordingKey, Discrepancy]]:
    """Yield what is not as the log says: what is missing, what came back, what is damaged."""
    for key in sorted(logged.sealed - logged.removed - stored.listed):
        if key.owner not in logged.erased:
            yield key, Discrepancy.MISSING
    for key in sorted(stored.listed - stored.erased):
        if key.owner in logged.erased:
            yield key, Discrepancy.RETURNED
        elif key in logged.removed and key not in stored.damaged:
            yield key, Discrepancy.REMOVED
    for key in sorted(stored.damaged):
        yield key, Discrepancy.DAMAGED


def read_log(channel: grpc.Channel) -> dict[str, LoggedZone]:
    """Read from the audit service what the log says of each zone, by the zone's name."""
    stub = audit_service_pb2_grpc.AuditQueryServiceStub(channel)
    zones: dict[str, LoggedZone] = {}
    for event in (
        Event.RECORDING_SEALED,
        Event.TRANSCRIPT_SEALED,
        Event.RECORDING_REMOVED,
        Event.KEY_DESTROYED,
    ):
        for found in _successes(stub, event):
            zone = zones.setdefault(found.zone, LoggedZone())
            if event is Event.KEY_DESTROYED:
                zone.erased.add((found.study_id, found.participant))
            else:
                # The object is a recording, or a recording and a run.
                recording_id = found.object.split("/")[0]
                of_event = zone.removed if event is Event.RECORDING_REMOVED else zone.sealed
                of_event.add(RecordingKey(found.study_id, found.participant, recording_id))
    return zones


def read_store(channel: grpc.Channel) -> StoredZone:
    """Read what a storage service lists, and what it finds damaged or rolled back on the way.

    Raises Corrupted where the description of a study is.
    """
    zone = StoredZone()
    catalog = CatalogClient(channel)
    for study_id in catalog.studies():
        catalog.study(study_id)
    for state in catalog.recordings():
        key = RecordingKey(state.ref.study_id, state.ref.participant, state.ref.recording_id)
        zone.listed.add(key)
        if state.erased:
            zone.erased.add(key)
        if state.failure.reason == Corrupted.status:
            zone.damaged.add(key)
    return zone


def _successes(
    stub: audit_service_pb2_grpc.AuditQueryServiceStub, event: Event
) -> Iterator[entry_pb2.Event]:
    """Yield the successful events of one name that their owners wrote, oldest first."""

    def fetch(token: str) -> entry_pb2.ListEntriesResponse:
        return stub.ListEntries(
            entry_pb2.ListEntriesRequest(
                page_size=_PAGE_SIZE,
                page_token=token,
                filter=entry_pb2.EntryFilter(name=event.value, outcome=entry_pb2.OUTCOME_SUCCESS),
            )
        )

    for page in pages(fetch):
        for entry in page.entries:
            # What another service claims is no ground to withdraw, or to miss, anything.
            if is_own(entry.service, entry.event.name, entry.event.zone):
                yield entry.event
