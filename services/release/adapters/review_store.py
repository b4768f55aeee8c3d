# SPDX-License-Identifier: Apache-2.0
"""Reviews and corrections in the research zone, over gRPC."""

from __future__ import annotations

from datetime import UTC

import grpc

from services.common.errors import Conflict, Corrupted
from services.corrections import convert
from services.corrections.model import RunCorrections
from services.release.domain.reviews import Review, ReviewState
from services.release.domain.transcript import TranscriptSummary
from services.release.errors import ReviewChanged
from services.storage_client.catalog import recording_ref
from sotto.storage.v1 import recording_pb2, review_pb2, review_service_pb2_grpc

STATE_NUMBERS = {
    ReviewState.PENDING: review_pb2.REVIEW_STATE_PENDING,
    ReviewState.APPROVED: review_pb2.REVIEW_STATE_APPROVED,
    ReviewState.REJECTED: review_pb2.REVIEW_STATE_REJECTED,
}
STATES = {number: state for state, number in STATE_NUMBERS.items()}


class ReviewStoreClient:
    """Client of the store of reviews and corrections."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = review_service_pb2_grpc.ReviewStoreServiceStub(channel)

    def review(self, study_id: str, summary: TranscriptSummary) -> Review | None:
        """Return the newest review of a run, with its reason."""
        request = review_pb2.ListReviewsRequest(ref=ref_of(study_id, summary))
        for one in self._stub.ListReviews(request).reviews:
            if one.run_key == summary.run_key:
                return review(one)
        return None

    def put_review(self, study_id: str, summary: TranscriptSummary, review_: Review) -> Review:
        """Store the newest word on a run."""
        request = review_pb2.PutReviewRequest(
            ref=ref_of(study_id, summary), review=review_message(review_)
        )
        try:
            return review(self._stub.PutReview(request).review)
        except Conflict as error:
            raise _changed(summary) from error

    def corrections(self, study_id: str, summary: TranscriptSummary) -> RunCorrections:
        """Return the corrections of a run."""
        request = review_pb2.GetCorrectionsRequest(
            ref=ref_of(study_id, summary), run_key=summary.run_key
        )
        found = self._stub.GetCorrections(request).corrections
        if found.generation and found.content_sha256.hex() != summary.content_sha256:
            raise Corrupted(
                f"the stored corrections of {summary.recording_id} are about another content than"
                " its transcript, so they were not used; run: sotto storage scrub"
            )
        return convert.run_corrections(found)

    def put_corrections(
        self, study_id: str, summary: TranscriptSummary, corrections: RunCorrections
    ) -> int:
        """Replace the corrections of a run."""
        request = review_pb2.PutCorrectionsRequest(
            ref=ref_of(study_id, summary), corrections=corrections_message(summary, corrections)
        )
        try:
            return self._stub.PutCorrections(request).generation
        except Conflict as error:
            raise _changed(summary) from error


def ref_of(study_id: str, summary: TranscriptSummary) -> recording_pb2.RecordingRef:
    """Return the names of a transcript's recording as the contract writes them."""
    return recording_ref(study_id, summary.participant, summary.recording_id)


def review(message: review_pb2.Review) -> Review:
    """Read a review."""
    return Review(
        message.run_key,
        STATES[message.state],
        message.decided_by,
        message.decided_at.ToDatetime(UTC) if message.HasField("decided_at") else None,
        message.residual_risk,
        message.threshold,
        message.reason,
        message.corrections_generation,
        message.generation,
        message.with_sound,
    )


def review_message(one: Review) -> review_pb2.Review:
    """Write a review."""
    message = review_pb2.Review(
        run_key=one.run_key,
        state=STATE_NUMBERS[one.state],
        decided_by=one.decided_by,
        residual_risk=one.residual_risk,
        threshold=one.threshold,
        reason=one.reason,
        corrections_generation=one.corrections_generation,
        generation=one.generation,
        with_sound=one.with_sound,
    )
    if one.decided_at is not None:
        message.decided_at.FromDatetime(one.decided_at)
    return message


def corrections_message(
    summary: TranscriptSummary, corrections: RunCorrections
) -> review_pb2.Corrections:
    """Write the corrections of a run, bound to its content."""
    return convert.corrections_message(
        summary.run_key, bytes.fromhex(summary.content_sha256), corrections
    )


def _changed(summary: TranscriptSummary) -> ReviewChanged:
    return ReviewChanged(
        f"somebody else decided on {summary.recording_id} or corrected it at the same moment; look"
        f" at it again with: sotto review show {summary.recording_id}"
    )
