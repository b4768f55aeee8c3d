# SPDX-License-Identifier: Apache-2.0
"""Who received a participant's words, where services wrote what is not theirs, as 0.1 allowed."""

from __future__ import annotations

import pytest

from services.audit_client.recipients import recipients
from services.registry.events import Event
from services.registry.identities import FLOWS, RELEASE, RESEARCH
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2


class FakeLog:
    """Answers ListEntries with the entries of the event that is asked for."""

    def __init__(self, entries: list[entry_pb2.Entry]) -> None:
        self._entries = entries

    def ListEntries(self, request: entry_pb2.ListEntriesRequest) -> entry_pb2.ListEntriesResponse:
        """Return them all."""
        return entry_pb2.ListEntriesResponse(
            entries=[one for one in self._entries if one.event.name == request.filter.name]
        )


def _sealed(service: str, release: str) -> entry_pb2.Entry:
    return _entry(service, Event.BUNDLE_FILE_SEALED, object=f"{release}/txt/P07_S1.txt")


def _exported(service: str, release: str, person: str) -> entry_pb2.Entry:
    return _entry(
        service, Event.RELEASE_EXPORTED, person=person, attributes={"release_id": release}
    )


def _entry(service: str, name: Event, **fields: object) -> entry_pb2.Entry:
    event = entry_pb2.Event(name=name.value, zone="research", **fields)  # type: ignore[arg-type]
    event.outcome = entry_pb2.OUTCOME_SUCCESS
    return entry_pb2.Entry(service=service, event=event)


def test_what_others_claim_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither that a release holds the words, nor that somebody got it."""
    log = FakeLog(
        [
            _sealed(RESEARCH, "rel-1"),
            _sealed(RELEASE, "rel-2"),
            _exported(RELEASE, "rel-1", "ben"),
            _exported(FLOWS, "rel-1", "eve"),
            _exported(RELEASE, "rel-2", "dan"),
        ]
    )
    monkeypatch.setattr(audit_service_pb2_grpc, "AuditQueryServiceStub", lambda _channel: log)

    found = recipients(None, "st1", "P07")  # type: ignore[arg-type]
    assert [one.person for one in found] == ["ben"]
