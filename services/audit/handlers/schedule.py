# SPDX-License-Identifier: Apache-2.0
"""What is done with the log on a schedule; the orchestrator learns counts alone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import structlog

from services.audit.adapters.cosigning import read_statuses
from services.audit.domain.log import AuditLog
from services.audit_evidence.entry import decode
from services.audit_evidence.evidence import evidence_report, month_of
from services.audit_evidence.html_report import html_page
from services.audit_evidence.report_model import Letterhead
from services.audit_evidence.verification_text import report_lines
from services.audit_evidence.verify import Source, VerificationReport, verify
from services.common.audit import AuditTrail
from services.common.errors import InvalidInput
from services.common.files import write_private
from services.registry.events import Event
from sotto.audit.v1 import audit_service_pb2_grpc as stubs
from sotto.audit.v1 import entry_pb2, schedule_pb2

_log = structlog.get_logger(__name__)

REPORTS = "reports"
"""Folder of the evidence reports, in the audit folder."""


class AuditScheduleHandlers(stubs.AuditScheduleServiceServicer):
    """AuditScheduleService over the log; `open_copy` opens it for the verifier."""

    def __init__(
        self,
        log: AuditLog,
        trail: AuditTrail,
        open_copy: Callable[[], Source],
        folder: Path,
        hospital: str = "",
    ) -> None:
        self._log = log
        self._trail = trail
        self._open_copy = open_copy
        self._folder = folder
        self._hospital = hospital

    def VerifyLog(
        self, request: schedule_pb2.VerifyLogRequest, context: grpc.ServicerContext
    ) -> schedule_pb2.VerifyLogResponse:
        """Verify the log and record the verdict; a log that is not whole is a failure."""
        report = self._verify()
        faults = report.fault_count
        self._trail.fact(
            Event.LOG_VERIFIED,
            outcome=entry_pb2.OUTCOME_SUCCESS if report.ok else entry_pb2.OUTCOME_FAILURE,
            reason="" if report.ok else "log_not_whole",
            attributes={
                "entries": report.size,
                "findings": faults,
                "verdict": _verdict(report),
            },
        )
        return schedule_pb2.VerifyLogResponse(whole=report.ok, entries=report.size, faults=faults)

    def WriteEvidenceReport(
        self, request: schedule_pb2.WriteEvidenceReportRequest, context: grpc.ServicerContext
    ) -> schedule_pb2.WriteEvidenceReportResponse:
        """Write the report of a month, or replace it: officers may have looked at it since."""
        month = request.month or _month_before(datetime.now(UTC))
        begin, _ = month_of(month)
        if begin > datetime.now(UTC):
            raise InvalidInput(f"{month} has not begun; ask for a month that has")
        report = self._verify()
        with self._trail.record(
            Event.REPORT_WRITTEN, attributes={"since": f"{begin:%Y-%m-%dT%H:%M:%SZ}"}
        ) as act:
            document = evidence_report(
                map(decode, self._log.leaves(0, self._log.snapshot.size)),
                month,
                origin=self._log.origin,
                verification=report_lines(report),
                letterhead=Letterhead(
                    self._hospital, "the audit service, on its schedule", datetime.now(UTC)
                ),
                witnesses=[
                    (one.name, one.state, str(one.size), one.began)
                    for one in read_statuses(self._folder).values()
                ],
            )
            folder = self._folder / REPORTS
            folder.mkdir(mode=0o700, exist_ok=True)
            write_private(folder / f"evidence-{month}.html", html_page(document).encode())
            act.note(entries=report.size, verdict=_verdict(report))
        return schedule_pb2.WriteEvidenceReportResponse(
            month=month, entries=report.size, whole=report.ok
        )

    def _verify(self) -> VerificationReport:
        with contextlib.closing(self._open_copy()) as source:
            report = verify(source, self._log.verifier_keys)
        if not report.ok:
            _log.error("log_not_whole", entries=report.size, count=report.fault_count)
        return report


def _verdict(report: VerificationReport) -> str:
    return "whole" if report.ok else "not-whole"


def _month_before(now: datetime) -> str:
    return f"{now.replace(day=1) - timedelta(days=1):%Y-%m}"
