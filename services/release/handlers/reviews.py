# SPDX-License-Identifier: Apache-2.0
"""The seat of reviewers, and the rule that flows apply."""

from __future__ import annotations

from collections.abc import Iterator

import grpc

from services.common import context as call
from services.common.audit import AuditTrail
from services.corrections import convert as corrections
from services.registry.events import Event
from services.release.adapters.review_store import (
    STATE_NUMBERS,
    STATES,
    corrections_message,
    review_message,
)
from services.release.domain.correcting import Corrector, WantedCorrection
from services.release.domain.deciding import Decision, ReviewDecider
from services.release.domain.review_list import ReviewLister
from services.release.domain.reviews import Review, ReviewState
from services.release.handlers.convert import recording_name, review_item
from services.release.handlers.study_members import StudyMembers
from sotto.release.v1 import release_service_pb2_grpc, review_pb2
from sotto.storage.v1 import segment_pb2
from sotto.study.v1 import study_pb2

_REVIEWER = study_pb2.MEMBER_ROLE_REVIEWER


class ReviewHandlers(release_service_pb2_grpc.ReviewServiceServicer):
    """Lists, shows, corrects and decides, for the reviewers of a study."""

    def __init__(
        self,
        lister: ReviewLister,
        decider: ReviewDecider,
        corrector: Corrector,
        members: StudyMembers,
        trail: AuditTrail,
    ) -> None:
        self._lister = lister
        self._decider = decider
        self._corrector = corrector
        self._members = members
        self._trail = trail

    def ListReviews(
        self, request: review_pb2.ListReviewsRequest, context: grpc.ServicerContext
    ) -> review_pb2.ListReviewsResponse:
        """List transcripts, those that wait first; ids and numbers only."""
        if request.study_id:
            self._members.require(request.study_id, _REVIEWER)
            studies = [request.study_id]
        else:
            studies = self._members.require_any(_REVIEWER)
        page = self._lister.page(
            studies, STATES.get(request.state), request.page_size, request.page_token
        )
        return review_pb2.ListReviewsResponse(
            items=[review_item(one) for one in page.items], next_page_token=page.next_token
        )

    def GetReview(
        self, request: review_pb2.GetReviewRequest, context: grpc.ServicerContext
    ) -> Iterator[review_pb2.GetReviewResponse]:
        """Stream a de-identified transcript with its doubtful places: one reading."""
        ref = request.ref
        with self._trail.record(
            Event.TRANSCRIPT_REVIEWED,
            object=ref.recording_id,
            study_id=ref.study_id,
            participant=ref.participant,
        ) as act:
            self._members.require(ref.study_id, _REVIEWER)
            item, found, windows = self._lister.read(recording_name(ref), request.run_key)
            act.note(
                run_key=item.summary.run_key,
                segments=sum(len(one) for one in windows),
                residual_risk=item.summary.residual_risk,
            )
        # All of it was read and verified, and the outcome is in the log before the first message.
        yield review_pb2.GetReviewResponse(
            summary=review_pb2.ReviewSummary(
                item=review_item(item), corrections=corrections_message(item.summary, found)
            )
        )
        for number, window in enumerate(windows):
            yield review_pb2.GetReviewResponse(
                window=segment_pb2.Window(window=number, encoded_segments=window)
            )

    def DecideReview(
        self, request: review_pb2.DecideReviewRequest, context: grpc.ServicerContext
    ) -> review_pb2.DecideReviewResponse:
        """Approve or reject the run that was read."""
        ref = request.ref
        if request.decision == review_pb2.DECISION_APPROVE:
            with self._trail.record(
                Event.TRANSCRIPT_APPROVED,
                object=ref.recording_id,
                study_id=ref.study_id,
                participant=ref.participant,
                attributes={"run_key": request.run_key},
            ) as act:
                review, existed = self._decide(request, ReviewState.APPROVED)
                act.note(residual_risk=review.residual_risk, threshold=review.threshold)
                act.note(existed=existed)
        else:
            with self._trail.record(
                Event.TRANSCRIPT_REJECTED,
                object=ref.recording_id,
                study_id=ref.study_id,
                participant=ref.participant,
                attributes={"run_key": request.run_key},
            ) as act:
                review, existed = self._decide(request, ReviewState.REJECTED)
                act.note(residual_risk=review.residual_risk, threshold=review.threshold)
                act.note(existed=existed)
        return review_pb2.DecideReviewResponse(review=review_message(review), existed=existed)

    def _decide(
        self, request: review_pb2.DecideReviewRequest, state: ReviewState
    ) -> tuple[Review, bool]:
        self._members.require(request.ref.study_id, _REVIEWER)
        decision = Decision(
            request.run_key,
            state,
            call.current().person,
            request.reason,
            request.corrections_generation,
            request.review_generation,
        )
        return self._decider.decide(recording_name(request.ref), decision)

    def AddCorrection(
        self, request: review_pb2.AddCorrectionRequest, context: grpc.ServicerContext
    ) -> review_pb2.AddCorrectionResponse:
        """Correct a place, and where it spreads to."""
        ref = request.ref
        kind = corrections.KINDS[request.kind]
        with self._trail.record(
            Event.CORRECTION_ADDED,
            object=ref.recording_id,
            study_id=ref.study_id,
            participant=ref.participant,
            attributes={"run_key": request.run_key, "kind": kind.value},
        ) as act:
            self._members.require(ref.study_id, _REVIEWER)
            wanted = WantedCorrection(
                request.run_key,
                kind,
                request.segment,
                request.start,
                request.end,
                request.entity_type,
                request.text,
            )
            added, generation = self._corrector.add(
                recording_name(ref), wanted, call.current().person
            )
            act.note(count=len(added), generation=generation)
        return review_pb2.AddCorrectionResponse(
            added=[corrections.correction_message(one) for one in added], generation=generation
        )

    def RemoveCorrection(
        self, request: review_pb2.RemoveCorrectionRequest, context: grpc.ServicerContext
    ) -> review_pb2.RemoveCorrectionResponse:
        """Take a correction back, with those that spread from it."""
        ref = request.ref
        with self._trail.record(
            Event.CORRECTION_REMOVED,
            object=ref.recording_id,
            study_id=ref.study_id,
            participant=ref.participant,
            attributes={"run_key": request.run_key},
        ) as act:
            self._members.require(ref.study_id, _REVIEWER)
            removed, generation = self._corrector.remove(
                recording_name(ref),
                request.run_key,
                request.segment,
                request.start,
                call.current().person,
            )
            act.note(count=removed, generation=generation)
        return review_pb2.RemoveCorrectionResponse(removed=removed, generation=generation)

    def AssignRoles(
        self, request: review_pb2.AssignRolesRequest, context: grpc.ServicerContext
    ) -> review_pb2.AssignRolesResponse:
        """Give speakers their roles, or the engine's back."""
        ref = request.ref
        with self._trail.record(
            Event.ROLES_CORRECTED,
            object=ref.recording_id,
            study_id=ref.study_id,
            participant=ref.participant,
            attributes={"run_key": request.run_key},
        ) as act:
            self._members.require(ref.study_id, _REVIEWER)
            assigned = self._corrector.assign(
                recording_name(ref), request.run_key, dict(request.roles), call.current().person
            )
            act.note(count=assigned.changed, generation=assigned.generation)
        return review_pb2.AssignRolesResponse(roles=assigned.roles, generation=assigned.generation)


class ReviewRuleHandlers(release_service_pb2_grpc.ReviewRuleServiceServicer):
    """Applies the rule of a study's policy, for the orchestrator."""

    def __init__(self, decider: ReviewDecider, trail: AuditTrail) -> None:
        self._decider = decider
        self._trail = trail

    def ApplyReviewRule(
        self, request: review_pb2.ApplyReviewRuleRequest, context: grpc.ServicerContext
    ) -> review_pb2.ApplyReviewRuleResponse:
        """Approve below the threshold where the study lets it; what a person decided stays."""
        ref = request.ref
        with self._trail.record(
            Event.REVIEW_RULE_APPLIED,
            object=ref.recording_id,
            study_id=ref.study_id,
            participant=ref.participant,
            attributes={"run_key": request.run_key},
        ) as act:
            outcome = self._decider.apply_rule(recording_name(ref), request.run_key)
            review = outcome.review
            act.note(
                account=review.decided_by,
                decision=review.state.value,
                residual_risk=review.residual_risk,
                threshold=review.threshold,
                carried=outcome.carried,
                lost=outcome.lost,
            )
        return review_pb2.ApplyReviewRuleResponse(
            state=STATE_NUMBERS[outcome.review.state],
            carried_corrections=outcome.carried,
            lost_corrections=outcome.lost,
        )
