# SPDX-License-Identifier: Apache-2.0
"""Reviews and corrections, for the release service. Reasons and corrections are content."""

from __future__ import annotations

from collections.abc import Iterator

import grpc

from services.common.audit import AuditTrail, behind_outcome
from services.registry.events import Event
from services.storage.domain import names
from services.storage.domain.corrections import CorrectionStore
from services.storage.domain.names import Owner
from services.storage.domain.reviews import Reviews
from services.storage.domain.study_records import StudyRecords
from services.storage.handlers import convert, review_messages
from sotto.storage.v1 import quality_pb2, review_pb2, review_service_pb2_grpc


class ReviewStoreHandlers(review_service_pb2_grpc.ReviewStoreServiceServicer):
    """Keeps what reviewers and rules decided, and what reviewers corrected."""

    def __init__(
        self,
        reviews: Reviews,
        corrections: CorrectionStore,
        rounds: StudyRecords,
        trail: AuditTrail,
    ) -> None:
        self._reviews = reviews
        self._corrections = corrections
        self._rounds = rounds
        self._trail = trail

    def PutReview(
        self, request: review_pb2.PutReviewRequest, context: grpc.ServicerContext
    ) -> review_pb2.PutReviewResponse:
        """Store the newest word on a run unless another one came between."""
        ref = convert.ref(request.ref)
        word = review_messages.review(request.review)
        with self._trail.record(
            Event.REVIEW_WRITTEN,
            object=f"{ref.recording_id}/{word.run_key}",
            study_id=ref.owner.study,
            participant=ref.owner.code,
            attributes={"state": word.state, "decided_by": word.decided_by},
        ) as act:
            stored = self._reviews.put(ref.owner, ref.recording_id, word, request.review.generation)
            act.note(generation=stored.generation)
        return review_pb2.PutReviewResponse(review=review_messages.review_message(stored))

    def ListReviews(
        self, request: review_pb2.ListReviewsRequest, context: grpc.ServicerContext
    ) -> review_pb2.ListReviewsResponse:
        """List the newest review of each run of a recording."""
        ref = convert.ref(request.ref)
        with self._trail.record(
            Event.REVIEWS_READ,
            object=ref.recording_id,
            study_id=ref.owner.study,
            participant=ref.owner.code,
        ):
            found = self._reviews.all(ref.owner, ref.recording_id)
        return review_pb2.ListReviewsResponse(
            reviews=[review_messages.review_message(one) for one in found]
        )

    def PutCorrections(
        self, request: review_pb2.PutCorrectionsRequest, context: grpc.ServicerContext
    ) -> review_pb2.PutCorrectionsResponse:
        """Replace the corrections of a run unless others came between."""
        ref = convert.ref(request.ref)
        corrections = review_messages.corrections(request.corrections)
        with self._trail.record(
            Event.CORRECTIONS_WRITTEN,
            object=f"{ref.recording_id}/{corrections.run_key}",
            study_id=ref.owner.study,
            participant=ref.owner.code,
            attributes={"count": len(corrections.corrections) + len(corrections.roles or ())},
        ) as act:
            generation = self._corrections.put(
                ref.owner, ref.recording_id, corrections, request.corrections.generation
            )
            act.note(generation=generation)
        return review_pb2.PutCorrectionsResponse(generation=generation)

    def GetCorrections(
        self, request: review_pb2.GetCorrectionsRequest, context: grpc.ServicerContext
    ) -> review_pb2.GetCorrectionsResponse:
        """Return the corrections of a run; none, and generation 0, before the first."""
        ref = convert.ref(request.ref)
        with self._trail.record(
            Event.CORRECTIONS_READ,
            object=f"{ref.recording_id}/{request.run_key}",
            study_id=ref.owner.study,
            participant=ref.owner.code,
        ) as act:
            found, generation = self._corrections.get(ref.owner, ref.recording_id, request.run_key)
            act.note(generation=generation)
        return review_pb2.GetCorrectionsResponse(
            corrections=review_messages.corrections_message(found, generation)
        )

    def PutQualityRound(
        self, request: quality_pb2.PutQualityRoundRequest, context: grpc.ServicerContext
    ) -> quality_pb2.PutQualityRoundResponse:
        """Replace the record of a round of quality unless another one came between."""
        owner = Owner.of_study(request.study_id)
        with self._trail.record(
            Event.QUALITY_ROUND_WRITTEN,
            object=request.study_id,
            study_id=owner.study,
            attributes={"round": request.round},
        ) as act:
            key = names.quality_round(request.round)
            generation = self._rounds.put(owner, key, request.document, request.generation)
            act.note(generation=generation)
        return quality_pb2.PutQualityRoundResponse(generation=generation)

    def ListQualityRounds(
        self, request: quality_pb2.ListQualityRoundsRequest, context: grpc.ServicerContext
    ) -> Iterator[quality_pb2.ListQualityRoundsResponse]:
        """Give the records of a study's rounds of quality, in order."""
        owner = Owner.of_study(request.study_id)
        messages = (
            quality_pb2.ListQualityRoundsResponse(
                round=int(number), document=document, generation=generation
            )
            for number, document, generation in self._rounds.all(owner)
        )
        yield from behind_outcome(
            self._trail.record(
                Event.QUALITY_ROUNDS_READ, object=request.study_id, study_id=owner.study
            ),
            messages,
        )
