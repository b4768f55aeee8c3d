# SPDX-License-Identifier: Apache-2.0
"""What the orchestrator has done with the log."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest

from services.common.errors import InvalidInput, PermissionDenied
from services.registry.events import Event
from sotto.audit.v1 import audit_service_pb2_grpc as stubs
from sotto.audit.v1 import entry_pb2, schedule_pb2
from tests.support.audit import AuditDeployment, issue_certificates


def _stub(service: AuditDeployment, name: str = "flows") -> stubs.AuditScheduleServiceStub:
    issue_certificates(service.home, [name])
    return stubs.AuditScheduleServiceStub(service.peers(name).channel("audit"))


def _entries(service: AuditDeployment, event: Event) -> list[entry_pb2.Entry]:
    wanted = entry_pb2.EntryFilter(name=event.value)
    return list(service.query().ListEntries(entry_pb2.ListEntriesRequest(filter=wanted)).entries)


class TestVerification:
    """The log is checked by its own service on a schedule."""

    def test_whole(self, service: AuditDeployment) -> None:
        """A whole log is said to be whole, with its size, and the verdict is an entry."""
        service.trail().fact(Event.KEY_CREATED, object="k-1")
        answer = _stub(service).VerifyLog(schedule_pb2.VerifyLogRequest())
        assert (answer.whole, answer.faults) == (True, 0)
        assert answer.entries >= 2
        (entry,) = _entries(service, Event.LOG_VERIFIED)
        assert entry.event.outcome == entry_pb2.OUTCOME_SUCCESS
        assert entry.event.attributes["verdict"] == "whole"
        assert entry.event.attributes["entries"] == str(answer.entries)

    def test_changed_behind_its_back(self, service: AuditDeployment) -> None:
        """An entry that somebody changed in the database makes the verdict a failure."""
        service.trail().fact(Event.KEY_CREATED, object="k-1")
        with sqlite3.connect(service.home / "audit" / "log.sqlite") as database:
            for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type='trigger'"):
                database.execute(f"DROP TRIGGER {name}")
            database.execute("UPDATE entries SET leaf = CAST(replace(leaf, 'k-1', 'k-2') AS BLOB)")
        database.close()
        answer = _stub(service).VerifyLog(schedule_pb2.VerifyLogRequest())
        assert not answer.whole
        assert answer.faults >= 1
        (entry,) = _entries(service, Event.LOG_VERIFIED)
        assert entry.event.outcome == entry_pb2.OUTCOME_FAILURE
        assert (entry.event.reason, entry.event.attributes["verdict"]) == (
            "log_not_whole",
            "not-whole",
        )

    def test_only_the_orchestrator(self, service: AuditDeployment) -> None:
        """Other clients may not have it done."""
        with pytest.raises(PermissionDenied):
            _stub(service, "compliance").VerifyLog(schedule_pb2.VerifyLogRequest())


class TestEvidenceReport:
    """The report of a month is written by the service on a schedule."""

    def test_of_a_month(self, service: AuditDeployment) -> None:
        """It lies in the audit folder, for its owner alone, and is written anew when asked."""
        month = f"{datetime.now(UTC):%Y-%m}"
        stub = _stub(service)
        request = schedule_pb2.WriteEvidenceReportRequest(month=month)
        first = stub.WriteEvidenceReport(request)
        path = service.home / "audit" / "reports" / f"evidence-{month}.html"
        assert (first.month, first.whole) == (month, True)
        assert path.stat().st_mode & 0o777 == 0o600
        assert f"Audit evidence, {month}" in path.read_text("utf-8")
        service.trail().fact(Event.KEY_CREATED, object="k-1")
        assert stub.WriteEvidenceReport(request).entries > first.entries
        assert Event.KEY_CREATED.value in path.read_text("utf-8")
        written = _entries(service, Event.REPORT_WRITTEN)
        assert written[-1].event.attributes["verdict"] == "whole"

    def test_month_before_by_default(self, service: AuditDeployment) -> None:
        """Without a month it is about the one that has ended."""
        answer = _stub(service).WriteEvidenceReport(schedule_pb2.WriteEvidenceReportRequest())
        assert answer.month < f"{datetime.now(UTC):%Y-%m}"
        assert (service.home / "audit" / "reports" / f"evidence-{answer.month}.html").exists()

    def test_month_to_come(self, service: AuditDeployment) -> None:
        """A month that has not begun is refused."""
        month = f"{datetime.now(UTC).year + 1}-01"
        with pytest.raises(InvalidInput, match="has not begun"):
            _stub(service).WriteEvidenceReport(schedule_pb2.WriteEvidenceReportRequest(month=month))
