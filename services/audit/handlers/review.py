# SPDX-License-Identifier: Apache-2.0
"""Record what compliance officers found when they looked through the log."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import grpc

from services.audit.domain.log import AuditLog
from services.common.audit import AuditTrail
from services.common.errors import InvalidInput
from services.registry.events import Event
from sotto.audit.v1 import audit_service_pb2_grpc as stubs
from sotto.audit.v1 import entry_pb2, review_pb2

_FINDINGS = {
    review_pb2.FINDING_NOTHING_TO_REPORT: "nothing-to-report",
    review_pb2.FINDING_QUESTION_RAISED: "question-raised",
    review_pb2.FINDING_ACCESS_UNEXPLAINED: "access-unexplained",
    review_pb2.FINDING_BREACH_SUSPECTED: "breach-suspected",
    review_pb2.FINDING_LOG_NOT_WHOLE: "log-not-whole",
}
_VERDICTS = {
    review_pb2.VERDICT_UNSPECIFIED: "not-checked",
    review_pb2.VERDICT_WHOLE: "whole",
    review_pb2.VERDICT_NOT_WHOLE: "not-whole",
}

# A review of today names tomorrow, the first day that was not looked at.
_TODAY = timedelta(days=1)


class AuditReviewHandlers(stubs.AuditReviewServiceServicer):
    """AuditReviewService over the log."""

    def __init__(self, log: AuditLog, trail: AuditTrail) -> None:
        self._log = log
        self._trail = trail

    def RecordReview(
        self, request: review_pb2.RecordReviewRequest, context: grpc.ServicerContext
    ) -> review_pb2.RecordReviewResponse:
        """Record a review, unless it is about another log than this."""
        try:
            since, until = request.since.ToDatetime(UTC), request.until.ToDatetime(UTC)
        except (ValueError, OverflowError):
            raise InvalidInput("since or until is not between the years 1 and 9999") from None
        if since >= until:
            raise InvalidInput("the period ends before it begins")
        if until > datetime.now(UTC) + _TODAY:
            raise InvalidInput(
                "the period ends in the future, and nobody has looked at days to come; give as its"
                " end tomorrow at the latest"
            )
        self._require_this_log(
            request.size,
            request.root,
            is_whole=request.finding != review_pb2.FINDING_LOG_NOT_WHOLE,
        )
        index = self._trail.fact(
            Event.REVIEW_RECORDED,
            attributes={
                "since": _rfc3339(since),
                "until": _rfc3339(until),
                "decision": _FINDINGS[request.finding],
                "verdict": _VERDICTS[request.verdict],
                "checkpoint_size": request.size,
                "checkpoint_root": base64.b64encode(request.root).decode(),
            },
        )
        return review_pb2.RecordReviewResponse(index=index)

    def RecordVerification(
        self, request: review_pb2.RecordVerificationRequest, context: grpc.ServicerContext
    ) -> review_pb2.RecordVerificationResponse:
        """Record what an officer's verification came to, unless it was of another log than this."""
        self._require_this_log(request.size, request.root, is_whole=not request.findings)
        index = self._trail.fact(
            Event.LOG_VERIFIED,
            outcome=entry_pb2.OUTCOME_FAILURE if request.findings else entry_pb2.OUTCOME_SUCCESS,
            reason="log_not_whole" if request.findings else "",
            attributes={
                "entries": request.size,
                "findings": request.findings,
                "verdict": "not-whole" if request.findings else "whole",
            },
        )
        return review_pb2.RecordVerificationResponse(index=index)

    def _require_this_log(self, size: int, root: bytes, *, is_whole: bool) -> None:
        """Raise InvalidInput unless size and root are those of this log.

        One that is not whole has no root that could be held against this one.
        """
        stored = self._log.snapshot.size
        if size > stored:
            raise InvalidInput(
                f"this log has {stored} entries, so that nobody has looked at more of it; a copy"
                " with more of them is evidence: keep it, and find out where the rest went"
            )
        if is_whole and self._log.root(size) != root:
            raise InvalidInput(
                f"what was looked at are not the first {size} entries of this log; if that is what"
                " the review found, its finding is log-not-whole"
            )


def _rfc3339(moment: datetime) -> str:
    # strftime writes the years before 1000 with fewer digits.
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
