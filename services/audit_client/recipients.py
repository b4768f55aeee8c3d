# SPDX-License-Identifier: Apache-2.0
"""Who received a participant's words: exports of releases that hold them, by the audit log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import grpc

from services.common.errors import NotFound
from services.common.paging import pages
from services.registry.events import Event, is_own
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2

_PAGE_SIZE = 1000  # the most entries that the audit service gives at once


@dataclass(frozen=True, slots=True)
class Recipient:
    """A hand-out of a release: to whom, when, and as which files."""

    person: str
    time: str
    release_id: str
    file_format: str
    was_whole: bool

    @property
    def text(self) -> str:
        """The hand-out in words."""
        part = "" if self.was_whole else ", broken off: some files may have arrived"
        return f"{self.person}, {self.time[:16].replace('T', ' ')} UTC, {self.file_format}{part}"


def recipients(channel: grpc.Channel, study_id: str, participant: str) -> list[Recipient]:
    """Return who received releases with a participant's words, oldest first.

    An export that broke off counts, since files may have arrived.
    """
    stub = audit_service_pb2_grpc.AuditQueryServiceStub(channel)
    files = entry_pb2.EntryFilter(
        name=Event.BUNDLE_FILE_SEALED.value, study_id=study_id, participant=participant
    )
    try:
        holding = {one.event.object.partition("/")[0] for one in _entries(stub, files)}
    except NotFound:  # the log does not know the participant, of whom nothing was ever released
        return []
    exports = entry_pb2.EntryFilter(name=Event.RELEASE_EXPORTED.value, study_id=study_id)
    return [
        Recipient(
            person=entry.event.person or entry.event.caller,
            time=entry.time.ToDatetime(dt.UTC).isoformat(timespec="seconds"),
            release_id=entry.event.attributes["release_id"],
            file_format=entry.event.attributes.get("format", ""),
            was_whole=entry.event.outcome == entry_pb2.OUTCOME_SUCCESS,
        )
        for entry in _with_format(_entries(stub, exports))
        if entry.event.attributes.get("release_id") in holding
        and entry.event.outcome != entry_pb2.OUTCOME_DENIED
    ]


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
