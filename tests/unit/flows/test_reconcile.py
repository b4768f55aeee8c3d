# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from flows import reconcile
from flows.reconcile import Discrepancy, LoggedZone, RecordingKey, StoredZone
from services.registry.events import Event
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2

P07 = RecordingKey("s1", "P07", "rec-" + "a" * 26)
P08 = RecordingKey("s1", "P08", "rec-" + "b" * 26)
OTHER_STUDY = RecordingKey("s2", "P07", "rec-" + "c" * 26)


def found(logged: LoggedZone, stored: StoredZone) -> list[tuple[RecordingKey, Discrepancy]]:
    """Return the findings as a list."""
    return list(reconcile.compare(logged, stored))


class TestCompare:
    """One zone, by the log and by the store."""

    def test_as_the_log_says(self) -> None:
        """Sealed and listed, or erased and listed as erased: nothing to say."""
        assert found(LoggedZone({P07}), StoredZone({P07})) == []
        assert found(LoggedZone({P07}, {P07.owner}), StoredZone({P07}, {P07})) == []

    def test_missing(self) -> None:
        """A sealed recording that is not listed is missing, in the order of ids."""
        logged = LoggedZone({P08, P07, OTHER_STUDY})
        assert found(logged, StoredZone({OTHER_STUDY})) == [
            (P07, Discrepancy.MISSING),
            (P08, Discrepancy.MISSING),
        ]

    def test_erased_and_gone(self) -> None:
        """A recording of an erased participant need not be listed."""
        assert found(LoggedZone({P07}, {P07.owner}), StoredZone()) == []

    def test_returned(self) -> None:
        """A recording of an erased participant that is listed as alive came back."""
        logged = LoggedZone({P07}, {P07.owner})
        assert found(logged, StoredZone({P07})) == [(P07, Discrepancy.RETURNED)]

    def test_removed(self) -> None:
        """What was removed need not be listed, and has come back where it is listed."""
        logged = LoggedZone({P07, P08}, removed={P07})
        assert found(logged, StoredZone({P08})) == []
        assert found(logged, StoredZone({P07, P08})) == [(P07, Discrepancy.REMOVED)]
        assert found(logged, StoredZone({P07, P08}, damaged={P07})) == [(P07, Discrepancy.DAMAGED)]

    def test_same_code_in_another_study(self) -> None:
        """An erasure concerns a participant of one study, not the code in all studies."""
        logged = LoggedZone({P07, OTHER_STUDY}, {P07.owner})
        assert found(logged, StoredZone({P07, OTHER_STUDY}, {P07})) == []
        assert found(logged, StoredZone({P07}, {P07})) == [(OTHER_STUDY, Discrepancy.MISSING)]

    def test_not_in_the_log(self) -> None:
        """A recording that the log does not know is no finding: the log may begin later."""
        assert found(LoggedZone(), StoredZone({P07})) == []

    def test_both(self) -> None:
        """What is missing comes before what came back."""
        logged = LoggedZone({P07, P08}, {P07.owner})
        assert [finding for _, finding in found(logged, StoredZone({P07}))] == [
            Discrepancy.MISSING,
            Discrepancy.RETURNED,
        ]


class FakeLog:
    """Answers ListEntries from a list of events, two entries a page."""

    def __init__(self, events: list[entry_pb2.Event]) -> None:
        self.events = events
        #: Who wrote them; the storage service of the event's zone by default.
        self.service = ""
        self.asked: list[entry_pb2.ListEntriesRequest] = []

    def ListEntries(self, request: entry_pb2.ListEntriesRequest) -> entry_pb2.ListEntriesResponse:
        """Return a page of the events that the filter names."""
        self.asked.append(request)
        events = [one for one in self.events if one.name == request.filter.name]
        start = int(request.page_token or 0)
        more = start + 2 < len(events)
        return entry_pb2.ListEntriesResponse(
            entries=[
                entry_pb2.Entry(event=one, service=self.service or f"storage-{one.zone}")
                for one in events[start : start + 2]
            ],
            next_page_token=str(start + 2) if more else "",
        )


def sealed(key: RecordingKey, zone: str, event: Event, run: str = "") -> entry_pb2.Event:
    """Return the event that a recording, or a run of it, was sealed."""
    return entry_pb2.Event(
        name=event.value,
        zone=zone,
        study_id=key.study_id,
        participant=key.participant,
        object=f"{key.recording_id}/{run}" if run else key.recording_id,
    )


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> FakeLog:
    """An audit log in the place of the service's stub."""
    fake = FakeLog([])
    monkeypatch.setattr(audit_service_pb2_grpc, "AuditQueryServiceStub", lambda _channel: fake)
    return fake


class TestReadLog:
    """What the log says of each zone."""

    def test_zones(self, log: FakeLog) -> None:
        """Recordings, transcripts and erasures go to their zone, over all pages, once each."""
        log.events = [
            *(sealed(key, "clinical", Event.RECORDING_SEALED) for key in (P07, P08, OTHER_STUDY)),
            sealed(P07, "clinical", Event.TRANSCRIPT_SEALED, "0" * 32),
            sealed(P07, "research", Event.TRANSCRIPT_SEALED, "1" * 32),
            entry_pb2.Event(
                name=Event.KEY_DESTROYED.value, zone="research", study_id="s1", participant="P08"
            ),
        ]
        zones = reconcile.read_log(None)  # type: ignore[arg-type]
        assert zones["clinical"] == LoggedZone({P07, P08, OTHER_STUDY})
        assert zones["research"] == LoggedZone({P07}, {P08.owner})
        assert len(log.asked) == 5
        assert {one.filter.outcome for one in log.asked} == {entry_pb2.OUTCOME_SUCCESS}

    @pytest.mark.parametrize("service", ["flows", "release", "storage-research"])
    def test_what_others_claim_is_not_believed(self, log: FakeLog, service: str) -> None:
        """An erasure that another service wrote, as 0.1 allowed, makes nobody erased."""
        log.service = service
        log.events = [
            sealed(P07, "clinical", Event.RECORDING_SEALED),
            entry_pb2.Event(
                name=Event.KEY_DESTROYED.value, zone="clinical", study_id="s1", participant="P07"
            ),
        ]
        assert reconcile.read_log(None) == {}  # type: ignore[arg-type]
