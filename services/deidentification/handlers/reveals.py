# SPDX-License-Identifier: Apache-2.0
"""Handlers of the services that undo a pseudonym by two people; each step is in the audit log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypedDict

import grpc

from services.common import context as calls
from services.common.audit import AuditTrail
from services.common.errors import InvalidInput
from services.common.wording import unknown
from services.deidentification.adapters.reveals import reason_of, to_message
from services.deidentification.domain.reveals import Reveal, Reveals, RevealZone, new_id
from services.registry.events import Event
from services.registry.identities import COMPLIANCE
from services.storage_client.catalog import CatalogClient, recording_ref
from services.storage_client.study_members import StudyMembers
from sotto.deidentification.v1 import reveal_pb2 as pb
from sotto.deidentification.v1 import reveal_service_pb2_grpc
from sotto.storage.v1 import reveal_pb2
from sotto.study.v1 import study_pb2


class RevealHandlers(reveal_service_pb2_grpc.RevealServiceServicer):
    """For reviewers. The catalogue is asked for each call, since members may have changed."""

    def __init__(self, reveals: Reveals, catalog: CatalogClient, trail: AuditTrail) -> None:
        self._reveals = reveals
        self._catalog = catalog
        self._members = StudyMembers(catalog)
        self._trail = trail

    def RequestReveal(
        self, request: pb.RequestRevealRequest, context: grpc.ServicerContext
    ) -> pb.RequestRevealResponse:
        """Keep a request; the log has its id and reason, and no label."""
        study = self._of_reviewer(request.study_id)
        if request.participant and request.participant not in study.participants:
            raise unknown("participant called", request.participant, study.participants)
        if request.recording_id and not request.participant:
            raise InvalidInput(f"say whose recording {request.recording_id} is: the participant")
        if request.recording_id:
            self._catalog.recording(
                recording_ref(request.study_id, request.participant, request.recording_id)
            )
        asked = Reveal(
            study=request.study_id,
            participant=request.participant,
            reveal_id=new_id(),
            label=request.label.removeprefix("[").removesuffix("]").strip(),
            reason=reason_of(request.reason),
            requested_by=calls.current().person,
            requested_at=datetime.now(UTC),
            recording=request.recording_id,
        )
        with self._trail.record(
            Event.REVEAL_REQUESTED,
            **_subject(asked),
            attributes={"reveal_reason": asked.reason},
        ) as act:
            reveal, existed = self._reveals.request(asked)
            act.note(existed=existed)
        return pb.RequestRevealResponse(reveal=to_message(reveal), existed=existed)

    def RevealPseudonym(
        self, request: pb.RevealPseudonymRequest, context: grpc.ServicerContext
    ) -> pb.RevealPseudonymResponse:
        """Show who or what stands behind a label to whoever asked for it."""
        self._of_reviewer(request.study_id)
        asked, _ = self._reveals.find(request.study_id, request.reveal_id)
        with self._trail.record(Event.PSEUDONYM_REVEALED, **_subject(asked)) as act:
            reveal, found = self._reveals.show(asked.study, asked.reveal_id, calls.current().person)
            act.note(count=len(reveal.shown_at))
        return pb.RevealPseudonymResponse(
            reveal=to_message(reveal),
            revealed=[pb.Revealed(study_wide=one.study_wide, forms=one.forms) for one in found],
        )

    def _of_reviewer(self, study_id: str) -> study_pb2.Study:
        """Return a study of which the person of the call is a reviewer."""
        return self._members.require(study_id, study_pb2.MEMBER_ROLE_REVIEWER)


class RevealDecisionHandlers(reveal_service_pb2_grpc.RevealDecisionServiceServicer):
    """For compliance officers, whose calls open no vault."""

    def __init__(self, reveals: Reveals, catalog: CatalogClient, trail: AuditTrail) -> None:
        self._reveals = reveals
        self._catalog = catalog
        self._trail = trail

    def DecideReveal(
        self, request: pb.DecideRevealRequest, context: grpc.ServicerContext
    ) -> pb.DecideRevealResponse:
        """Grant or refuse what another person asked for."""
        _require_study(self._catalog, request.study_id)
        asked, _ = self._reveals.find(request.study_id, request.reveal_id)
        if request.decision == reveal_pb2.REVEAL_STATE_GRANTED:
            with self._trail.record(Event.REVEAL_GRANTED, **_subject(asked)) as act:
                decided = self._decide(request, grants=True)
                act.note(count=decided.most_times)
                if decided.expires_at is not None:
                    act.note(expires=decided.expires_at.isoformat(timespec="seconds"))
        else:
            with self._trail.record(Event.REVEAL_DECLINED, **_subject(asked)):
                decided = self._decide(request, grants=False)
        return pb.DecideRevealResponse(reveal=to_message(decided))

    def _decide(self, request: pb.DecideRevealRequest, *, grants: bool) -> Reveal:
        return self._reveals.decide(
            request.study_id,
            request.reveal_id,
            calls.current().person,
            grants=grants,
            hours=request.hours,
            times=request.times,
        )


class RevealReaderHandlers(reveal_service_pb2_grpc.RevealReaderServiceServicer):
    """For both: a reviewer sees their own, an officer all."""

    def __init__(self, zone: RevealZone, catalog: CatalogClient) -> None:
        self._zone = zone
        self._catalog = catalog
        self._members = StudyMembers(catalog)

    def ListReveals(
        self, request: pb.ListRevealsRequest, context: grpc.ServicerContext
    ) -> pb.ListRevealsResponse:
        """List reveals, the oldest first."""
        call = calls.current()
        is_officer = call.client == COMPLIANCE
        if request.study_id and is_officer:
            _require_study(self._catalog, request.study_id)
        elif request.study_id:
            self._members.require(request.study_id, study_pb2.MEMBER_ROLE_REVIEWER)
        found = [one for one, _ in self._zone.reveals(request.study_id)]
        if not is_officer:
            found = [one for one in found if one.requested_by == call.person]
        return pb.ListRevealsResponse(reveals=map(to_message, found))


def _require_study(catalog: CatalogClient, study_id: str) -> None:
    """Raise NotFound, with the nearest id that there is, unless the study exists."""
    known = catalog.studies()
    if study_id not in known:
        raise unknown("study", study_id, known)


class _Subject(TypedDict):
    object: str
    study_id: str
    participant: str


def _subject(reveal: Reveal) -> _Subject:
    """Return what entries of the log say of a reveal: ids and a code, never its label."""
    return {
        "object": reveal.reveal_id,
        "study_id": reveal.study,
        "participant": reveal.participant,
    }
