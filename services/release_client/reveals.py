# SPDX-License-Identifier: Apache-2.0
"""Undoing a pseudonym by two people, as calls, and how far a request is in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import grpc

from services.registry.reveals import RevealReason
from sotto.deidentification.v1 import reveal_pb2 as pb
from sotto.deidentification.v1 import reveal_service_pb2_grpc
from sotto.storage.v1 import reveal_pb2

_NUMBERS: Mapping[RevealReason, reveal_pb2.RevealReason] = {
    RevealReason.INCIDENTAL_FINDING: reveal_pb2.REVEAL_REASON_INCIDENTAL_FINDING,
    RevealReason.SAFETY_REPORT: reveal_pb2.REVEAL_REASON_SAFETY_REPORT,
    RevealReason.DATA_CORRECTION: reveal_pb2.REVEAL_REASON_DATA_CORRECTION,
    RevealReason.PERSON_ASKS: reveal_pb2.REVEAL_REASON_PERSON_ASKS,
    RevealReason.LEGAL_DUTY: reveal_pb2.REVEAL_REASON_LEGAL_DUTY,
}
_REASONS = {number: reason for reason, number in _NUMBERS.items()}

#: How far a request is, by `state_of`.
STATES = ("waits", "granted", "refused", "shown", "over")


class Reveals:
    """Requests to reveal pseudonyms, for the person in whose name the channel speaks."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._asking = reveal_service_pb2_grpc.RevealServiceStub(channel)
        self._deciding = reveal_service_pb2_grpc.RevealDecisionServiceStub(channel)
        self._reading = reveal_service_pb2_grpc.RevealReaderServiceStub(channel)

    def request(
        self, study: str, participant: str, label: str, reason: RevealReason, recording: str = ""
    ) -> pb.RequestRevealResponse:
        """Ask for a label of a study; raises NotFound where it has none."""
        return self._asking.RequestReveal(
            pb.RequestRevealRequest(
                study_id=study,
                participant=participant,
                label=label,
                reason=_NUMBERS[reason],
                recording_id=recording,
            )
        )

    def list(self, study: str = "") -> Sequence[reveal_pb2.Reveal]:
        """Return requests, the oldest first: a reviewer's own, or all for an officer."""
        return self._reading.ListReveals(pb.ListRevealsRequest(study_id=study)).reveals

    def grant(
        self, study: str, reveal_id: str, *, hours: int = 0, times: int = 0
    ) -> reveal_pb2.Reveal:
        """Let who asked see it, for hours and a number of times; 0 is as usual."""
        return self._decide(
            pb.DecideRevealRequest(
                study_id=study,
                reveal_id=reveal_id,
                decision=reveal_pb2.REVEAL_STATE_GRANTED,
                hours=hours,
                times=times,
            )
        )

    def refuse(self, study: str, reveal_id: str) -> reveal_pb2.Reveal:
        """Refuse a request."""
        return self._decide(
            pb.DecideRevealRequest(
                study_id=study, reveal_id=reveal_id, decision=reveal_pb2.REVEAL_STATE_REFUSED
            )
        )

    def show(self, study: str, reveal_id: str) -> pb.RevealPseudonymResponse:
        """Return who or what stands behind a label; each call counts."""
        return self._asking.RevealPseudonym(
            pb.RevealPseudonymRequest(study_id=study, reveal_id=reveal_id)
        )

    def _decide(self, request: pb.DecideRevealRequest) -> reveal_pb2.Reveal:
        return self._deciding.DecideReveal(request).reveal


def reason_of(reveal: reveal_pb2.Reveal) -> RevealReason:
    """Return why it was asked."""
    return _REASONS[reveal.reason]


def state_of(reveal: reveal_pb2.Reveal, now: datetime | None = None) -> str:
    """Return how far a request is: one of `STATES`. What was shown as often as granted is shown."""
    if reveal.state == reveal_pb2.REVEAL_STATE_PENDING:
        return "waits"
    if reveal.state == reveal_pb2.REVEAL_STATE_REFUSED:
        return "refused"
    if len(reveal.shown_at) >= reveal.most_times:
        return "shown"
    ends = reveal.expires_at.ToDatetime(UTC)
    return "granted" if (now or datetime.now(UTC)) < ends else "over"
