# SPDX-License-Identifier: Apache-2.0
"""Who received a participant's words: exports of releases that hold them, by the audit log.

Records of copies, which the release service keeps, tell what became of each since; an export that
the log saw begin and never end is told by them alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from services.common.errors import NotFound
from services.common.paging import pages
from services.registry.events import Event, is_own
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2
from sotto.release.v1 import copy_pb2

_PAGE_SIZE = 1000  # the most entries that the audit service gives at once


@dataclass(frozen=True, slots=True)
class Recipient:
    """A hand-out of a release: to whom, when, and as which files, and what became of the copy.

    `copy_id` is empty where no record of the copy was kept, as before there were any.
    `destroyed_at` is when the person declared it destroyed, `read_at` when they said that they know
    of the withdrawal; empty before.
    """

    person: str
    time: str
    release_id: str
    file_format: str
    was_whole: bool
    copy_id: str = ""
    read_at: str = ""
    destroyed_at: str = ""

    @property
    def text(self) -> str:
        """The hand-out in words."""
        part = "" if self.was_whole else ", broken off: some files may have arrived"
        state = ""
        if self.destroyed_at:
            state = f", declared destroyed {self.destroyed_at[:10]}"
        elif self.read_at:
            state = f", knows of the withdrawal since {self.read_at[:10]}"
        when = self.time[:16].replace("T", " ")
        return f"{self.person}, {when} UTC, {self.file_format}{part}{state}"


def recipients(
    channel: grpc.Channel,
    study_id: str,
    participant: str,
    held: Sequence[copy_pb2.HeldCopy] = (),
) -> list[Recipient]:
    """Return who received releases with a participant's words, oldest first.

    An export that broke off counts, since files may have arrived. `held` are the copies that are on
    record.
    """
    releases = holding(channel, study_id, participant)
    found = [
        Recipient(
            person=entry.event.person or entry.event.caller,
            time=_time(entry.time),
            release_id=entry.event.attributes["release_id"],
            file_format=entry.event.attributes.get("format", ""),
            was_whole=entry.event.outcome == entry_pb2.OUTCOME_SUCCESS,
            copy_id=entry.event.attributes.get("copy_id", ""),
        )
        for entry in (exports(channel, study_id) if releases else ())
        if entry.event.attributes["release_id"] in releases
    ]
    return with_records(found, [one for one in held if one.release_id in releases], participant)


def holding(channel: grpc.Channel, study_id: str, participant: str) -> set[str]:
    """Return the ids of the releases that hold a participant's words."""
    stub = audit_service_pb2_grpc.AuditQueryServiceStub(channel)
    files = entry_pb2.EntryFilter(
        name=Event.BUNDLE_FILE_SEALED.value, study_id=study_id, participant=participant
    )
    try:
        return {one.event.object.partition("/")[0] for one in _entries(stub, files)}
    except NotFound:  # the log does not know the participant, of whom nothing was ever released
        return set()


def with_records(
    found: Iterable[Recipient], held: Iterable[copy_pb2.HeldCopy], participant: str
) -> list[Recipient]:
    """Return the hand-outs with what became of each copy, and copies whose export never ended."""
    copies = {one.copy_id: one for one in held}
    told = [_since(one, copies.pop(one.copy_id, None), participant) for one in found]
    for one in copies.values():
        taken = Recipient(
            one.person, _time(one.taken_at), one.release_id, one.form, False, one.copy_id
        )
        told.append(_since(taken, one, participant))
    return sorted(told, key=lambda one: one.time)


def exports(channel: grpc.Channel, study_id: str) -> Iterator[entry_pb2.Entry]:
    """Yield how exports of a study ended by which something may have left, the oldest first."""
    stub = audit_service_pb2_grpc.AuditQueryServiceStub(channel)
    wanted = entry_pb2.EntryFilter(name=Event.RELEASE_EXPORTED.value, study_id=study_id)
    for entry in _with_format(_entries(stub, wanted)):
        is_refused = entry.event.outcome == entry_pb2.OUTCOME_DENIED
        if entry.event.attributes.get("release_id") and not is_refused:
            yield entry


def _since(one: Recipient, copy: copy_pb2.HeldCopy | None, participant: str) -> Recipient:
    if copy is None:
        return one
    read = [
        _time(notice.seen_at)
        for notice in copy.notices
        if (notice.kind, notice.subject) == (copy_pb2.NOTICE_KIND_WITHDRAWN, participant)
        and notice.HasField("seen_at")
    ]
    destroyed = _time(copy.destroyed_at) if copy.HasField("destroyed_at") else ""
    return replace(one, read_at="".join(read), destroyed_at=destroyed)


def _time(stamp: Timestamp) -> str:
    return stamp.ToDatetime(dt.UTC).isoformat(timespec="seconds")


def _with_format(entries: Iterator[entry_pb2.Entry]) -> Iterator[entry_pb2.Entry]:
    """Yield outcomes with the format that their intent names."""
    formats: dict[int, str] = {}
    for entry in entries:
        if entry.event.phase == entry_pb2.PHASE_INTENT:
            formats[entry.index] = entry.event.attributes.get("format", "")
            continue
        if "format" not in entry.event.attributes:
            entry.event.attributes["format"] = formats.get(entry.event.intent_index, "")
        yield entry


def _entries(
    stub: audit_service_pb2_grpc.AuditQueryServiceStub, wanted: entry_pb2.EntryFilter
) -> Iterator[entry_pb2.Entry]:
    def fetch(token: str) -> entry_pb2.ListEntriesResponse:
        return stub.ListEntries(
            entry_pb2.ListEntriesRequest(page_size=_PAGE_SIZE, page_token=token, filter=wanted)
        )

    for page in pages(fetch):
        for entry in page.entries:
            # What another service claims is no ground to ask anybody for a copy, or not to.
            if is_own(entry.service, entry.event.name, entry.event.zone):
                yield entry
