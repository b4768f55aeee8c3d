# SPDX-License-Identifier: Apache-2.0
"""The calendar of retention: what the rules of the studies end when, and what is held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import grpc

from services.common.errors import NotFound
from services.common.wording import unknown
from sotto.storage.v1 import recording_pb2, recording_service_pb2_grpc

_STATES = {
    recording_pb2.RETENTION_STATE_WAITING: "waiting",
    recording_pb2.RETENTION_STATE_DUE: "due",
    recording_pb2.RETENTION_STATE_HELD: "held",
    recording_pb2.RETENTION_STATE_DELETED: "deleted",
}


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A recording: when it was released, when its days are over, and what is so now.

    `state` is waiting, due, held, deleted, or empty where no rule says anything of it yet.
    """

    ref: recording_pb2.RecordingRef
    keep_days: int
    released: dt.datetime | None
    due: dt.datetime | None
    state: str
    is_held: bool


def calendar(channel: grpc.Channel, studies: Iterable[str]) -> list[CalendarEntry]:
    """Return every recording of the studies, what is due first in front, what has no date last."""
    found = [one for study in studies for one in _of_study(channel, study)]
    latest = dt.datetime.max.replace(tzinfo=dt.UTC)
    return sorted(found, key=lambda one: (one.state == "deleted", one.due or latest))


def put_hold(
    channel: grpc.Channel, entries: Iterable[CalendarEntry], recording_id: str, *, held: bool
) -> bool:
    """Set or lift the hold on one of the recordings; True where it stood like this before.

    Raises NotFound for a recording that is not among them.
    """
    known = {one.ref.recording_id: one.ref for one in entries}
    if recording_id not in known:
        raise _unknown(recording_id)
    stub = recording_service_pb2_grpc.HoldServiceStub(channel)
    request = recording_pb2.PutHoldRequest(ref=known[recording_id], held=held)
    return stub.PutHold(request).existed


def _unknown(recording_id: str) -> NotFound:
    return unknown("recording", recording_id, (), near="", is_listed=False)


def _of_study(channel: grpc.Channel, study: str) -> Iterator[CalendarEntry]:
    stub = recording_service_pb2_grpc.RetentionCalendarServiceStub(channel)
    answer = stub.ListRetentionCalendar(recording_pb2.ListRetentionCalendarRequest(study_id=study))
    for one in answer.recordings:
        yield CalendarEntry(
            one.ref,
            answer.keep_days,
            one.released_at.ToDatetime(dt.UTC) if one.HasField("released_at") else None,
            one.due_at.ToDatetime(dt.UTC) if one.HasField("due_at") else None,
            _STATES.get(one.state, ""),
            one.held,
        )
