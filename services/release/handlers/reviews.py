# SPDX-License-Identifier: Apache-2.0
"""The seat of reviewers, and the rule that flows apply."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import grpc

from services.common import context as call
from services.common.audit import Action, AuditTrail
from services.corrections import convert as corrections
from services.corrections.decided import position, undecided
from services.corrections.model import MarkedPlace, StepKind
from services.registry.attributes import Attributes
from services.registry.events import Event
from services.release.adapters.review_store import (
    STATE_NUMBERS,
    STATES,
    corrections_message,
    review_message,
)
from services.release.domain.correcting import Corrector, WantedCorrection
from services.release.domain.deciding import Decision, ReviewDecider
from services.release.domain.ports import RedactedPlace
from services.release.domain.review_list import ReviewLister
from services.release.domain.reviews import Review, ReviewState
from services.release.handlers.convert import recording_name, review_item
from services.storage_client.study_members import StudyMembers
from services.storage_client.transcripts import decode
from sotto.release.v1 import release_service_pb2_grpc, review_pb2
from sotto.storage.v1 import recording_pb2, segment_pb2
from sotto.study.v1 import study_pb2

_REVIEWER = study_pb2.MEMBER_ROLE_REVIEWER
_MARKS = {
    review_pb2.MARK_ACCEPT: StepKind.ACCEPT,
    review_pb2.MARK_NOTHING_HERE: StepKind.NOTHING_HERE,
    review_pb2.MARK_SKIP: StepKind.SKIP,
}


class _OfRun(Protocol):
    """A request about a run of a recording."""

    @property
    def ref(self) -> recording_pb2.RecordingRef: ...
    @property
    def run_key(self) -> str: ...


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
            read = self._lister.read(recording_name(ref), request.run_key)
            summary = read.item.summary
            act.note(
                run_key=summary.run_key,
                segments=sum(len(one) for one in read.windows),
                residual_risk=summary.residual_risk,
            )
        # All of it was read and verified, and the outcome is in the log before the first message.
        segments = decode(one for window in read.windows for one in window)
        texts = [corrections.segment_text(one) for one in segments]
        yield review_pb2.GetReviewResponse(
            summary=review_pb2.ReviewSummary(
                item=review_item(read.item),
                corrections=corrections_message(summary, read.corrections),
                undecided_places=len(undecided(texts, read.corrections)),
                position=position(read.corrections.journal, call.current().person),
            )
        )
        for number, window in enumerate(read.windows):
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
            request.with_sound if request.HasField("with_sound") else None,
        )
        return self._decider.decide(recording_name(request.ref), decision)

    def AddCorrection(
        self, request: review_pb2.AddCorrectionRequest, context: grpc.ServicerContext
    ) -> review_pb2.AddCorrectionResponse:
        """Correct a place, and where it spreads to."""
        ref = request.ref
        kind = corrections.KINDS[request.kind]
        with self._of_reviewer(Event.CORRECTION_ADDED, request, {"kind": kind.value}) as act:
            wanted = WantedCorrection(
                request.run_key,
                kind,
                request.segment,
                request.start,
                request.end,
                request.entity_type,
                request.text,
                corrections.places(request.left_out),
                tuple(
                    RedactedPlace(one.segment, one.start, one.end, one.text) for one in request.also
                ),
            )
            taken = self._corrector.add(recording_name(ref), wanted, call.current().person)
            act.note(count=len(taken.step.added), generation=taken.generation)
        return review_pb2.AddCorrectionResponse(
            added=[corrections.correction_message(one) for one in taken.step.added],
            generation=taken.generation,
            step=corrections.step_message(taken.step),
        )

    def RemoveCorrection(
        self, request: review_pb2.RemoveCorrectionRequest, context: grpc.ServicerContext
    ) -> review_pb2.RemoveCorrectionResponse:
        """Take a correction back, with those that spread from it."""
        ref = request.ref
        with self._of_reviewer(Event.CORRECTION_REMOVED, request) as act:
            taken = self._corrector.remove(
                recording_name(ref),
                request.run_key,
                request.segment,
                request.start,
                call.current().person,
            )
            removed = len(taken.step.removed)
            act.note(count=removed, generation=taken.generation)
        return review_pb2.RemoveCorrectionResponse(
            removed=removed,
            generation=taken.generation,
            step=corrections.step_message(taken.step),
        )

    def AssignRoles(
        self, request: review_pb2.AssignRolesRequest, context: grpc.ServicerContext
    ) -> review_pb2.AssignRolesResponse:
        """Give speakers their roles, or the engine's back."""
        ref = request.ref
        with self._of_reviewer(Event.ROLES_CORRECTED, request) as act:
            assigned = self._corrector.assign(
                recording_name(ref), request.run_key, dict(request.roles), call.current().person
            )
            act.note(count=assigned.changed, generation=assigned.generation)
        step = assigned.step
        return review_pb2.AssignRolesResponse(
            roles=assigned.roles,
            generation=assigned.generation,
            step=None if step is None else corrections.step_message(step),
        )

    def MarkPlaces(
        self, request: review_pb2.MarkPlacesRequest, context: grpc.ServicerContext
    ) -> review_pb2.MarkPlacesResponse:
        """Say of places that they may stay, that nothing is left, or that they are put off."""
        ref, kind = request.ref, _MARKS[request.mark]
        with self._of_reviewer(Event.PLACES_MARKED, request, {"kind": kind.value}) as act:
            taken = self._corrector.mark(
                recording_name(ref),
                request.run_key,
                kind,
                corrections.places(request.places),
                call.current().person,
            )
            act.note(count=len(request.places), generation=taken.generation)
        return review_pb2.MarkPlacesResponse(
            step=corrections.step_message(taken.step), generation=taken.generation
        )

    def MergeLabels(
        self, request: review_pb2.MergeLabelsRequest, context: grpc.ServicerContext
    ) -> review_pb2.MergeLabelsResponse:
        """Say that two labels mean the same."""
        ref = request.ref
        with self._of_reviewer(Event.LABELS_MERGED, request) as act:
            taken = self._corrector.merge(
                recording_name(ref),
                request.run_key,
                request.label,
                request.into,
                call.current().person,
            )
            act.note(count=len(taken.step.added), generation=taken.generation)
        return review_pb2.MergeLabelsResponse(
            step=corrections.step_message(taken.step), generation=taken.generation
        )

    def UndoStep(
        self, request: review_pb2.UndoStepRequest, context: grpc.ServicerContext
    ) -> review_pb2.UndoStepResponse:
        """Undo a step, with all that it did."""
        ref = request.ref
        with self._of_reviewer(Event.STEP_UNDONE, request) as act:
            taken = self._corrector.undo(
                recording_name(ref), request.run_key, request.step, call.current().person
            )
            act.note(step=taken.step.of, generation=taken.generation)
        return review_pb2.UndoStepResponse(
            step=corrections.step_message(taken.step), generation=taken.generation
        )

    def RedoStep(
        self, request: review_pb2.RedoStepRequest, context: grpc.ServicerContext
    ) -> review_pb2.RedoStepResponse:
        """Do again what the caller undid last."""
        ref = request.ref
        with self._of_reviewer(Event.STEP_REDONE, request) as act:
            taken = self._corrector.redo(
                recording_name(ref), request.run_key, call.current().person
            )
            act.note(step=taken.step.of, generation=taken.generation)
        return review_pb2.RedoStepResponse(
            step=corrections.step_message(taken.step), generation=taken.generation
        )

    def ListMentions(
        self, request: review_pb2.ListMentionsRequest, context: grpc.ServicerContext
    ) -> review_pb2.ListMentionsResponse:
        """List where the same is mentioned as at a place."""
        ref = request.ref
        with self._of_reviewer(Event.MENTIONS_LISTED, request) as act:
            found = self._corrector.mentions(
                recording_name(ref),
                request.run_key,
                MarkedPlace(request.segment, request.start, request.end),
                request.entity_type,
            )
            act.note(count=len(found))
        return review_pb2.ListMentionsResponse(mentions=corrections.place_messages(found))

    @contextmanager
    def _of_reviewer(
        self, event: Event, request: _OfRun, attributes: Attributes | None = None
    ) -> Iterator[Action]:
        """Record what a reviewer does to a run; whoever is none of the study is refused in it."""
        ref = request.ref
        with self._trail.record(
            event,
            object=ref.recording_id,
            study_id=ref.study_id,
            participant=ref.participant,
            attributes={"run_key": request.run_key, **(attributes or {})},
        ) as act:
            self._members.require(ref.study_id, _REVIEWER)
            yield act


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
