# SPDX-License-Identifier: Apache-2.0
"""Records of reveals, for the de-identification service; clinical zone only."""

from __future__ import annotations

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from services.common.audit import AuditTrail
from services.registry.events import Event
from services.registry.reveals import RevealReason, RevealState
from services.storage.domain.names import Owner
from services.storage.domain.reveals import RevealRecord, Reveals
from services.storage.handlers.convert import text_of, timestamp
from sotto.storage.v1 import reveal_pb2, reveal_service_pb2_grpc

_REASON, _STATE = "REVEAL_REASON_", "REVEAL_STATE_"


class RevealStoreHandlers(reveal_service_pb2_grpc.RevealStoreServiceServicer):
    """Keeps reveals; it opens no vault."""

    def __init__(self, reveals: Reveals, trail: AuditTrail) -> None:
        self._reveals = reveals
        self._trail = trail

    def PutReveal(
        self, request: reveal_pb2.PutRevealRequest, context: grpc.ServicerContext
    ) -> reveal_pb2.PutRevealResponse:
        """Store a step of a reveal."""
        given = request.reveal
        owner = _owner(given)
        record = _record(given)
        with self._trail.record(
            Event.REVEAL_WRITTEN,
            object=record.reveal,
            study_id=owner.study,
            participant=owner.code,
            attributes={"state": record.state},
        ) as act:
            generation = self._reveals.put(owner, record, request.generation)
            act.note(generation=generation)
        return reveal_pb2.PutRevealResponse(generation=generation)

    def ListReveals(
        self, request: reveal_pb2.ListRevealsRequest, context: grpc.ServicerContext
    ) -> reveal_pb2.ListRevealsResponse:
        """List reveals, the oldest first."""
        found = sorted(
            self._reveals.all(request.study_id),
            key=lambda one: (one[1].requested_at, one[1].reveal),
        )
        return reveal_pb2.ListRevealsResponse(
            reveals=[
                reveal_pb2.StoredReveal(reveal=_message(owner, record), generation=generation)
                for owner, record, generation in found
            ]
        )


def _owner(given: reveal_pb2.Reveal) -> Owner:
    code = given.participant
    return Owner(given.study_id, code) if code else Owner.of_study(given.study_id)


def _record(given: reveal_pb2.Reveal) -> RevealRecord:
    reason = reveal_pb2.RevealReason.Name(given.reason).removeprefix(_REASON)
    state = reveal_pb2.RevealState.Name(given.state).removeprefix(_STATE)
    return RevealRecord(
        reveal=given.reveal_id,
        label=given.label,
        recording=given.recording_id or None,
        reason=RevealReason(reason.lower()),
        requested_by=given.requested_by,
        requested_at=text_of(given.requested_at),
        state=RevealState(state.lower()),
        decided_by=given.decided_by or None,
        decided_at=_optional_text(given, "decided_at"),
        expires_at=_optional_text(given, "expires_at"),
        most_times=given.most_times or None,
        shown_at=tuple(map(text_of, given.shown_at)),
    )


def _message(owner: Owner, record: RevealRecord) -> reveal_pb2.Reveal:
    return reveal_pb2.Reveal(
        study_id=owner.study,
        participant=owner.code,
        reveal_id=record.reveal,
        label=record.label,
        recording_id=record.recording or "",
        reason=_REASON + record.reason.upper(),
        requested_by=record.requested_by,
        requested_at=timestamp(record.requested_at),
        state=_STATE + record.state.upper(),
        decided_by=record.decided_by or "",
        decided_at=_optional_time(record.decided_at),
        expires_at=_optional_time(record.expires_at),
        most_times=record.most_times or 0,
        shown_at=[timestamp(one) for one in record.shown_at],
    )


def _optional_text(given: reveal_pb2.Reveal, field: str) -> str | None:
    return text_of(getattr(given, field)) if given.HasField(field) else None


def _optional_time(text: str | None) -> Timestamp | None:
    return None if text is None else timestamp(text)
