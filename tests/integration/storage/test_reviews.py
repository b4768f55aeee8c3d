# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pytest

from services.common import errors
from services.storage_client.transcripts import content_hash, encode
from sotto.storage.v1 import (
    admin_pb2,
    admin_service_pb2_grpc,
    recording_pb2,
    review_pb2,
    review_service_pb2_grpc,
)
from tests.support.storage_calls import RUN, erase, objects_of, states, write_transcript
from tests.support.storage_service import StorageServer
from tests.support.storage_zone import P07

REF = recording_pb2.RecordingRef(
    study_id="peer-2026", participant="P07", recording_id="rec-" + "a" * 26
)
REASON = "the ward is named in line 3"


def store_of(
    research: StorageServer, client: str = "release"
) -> review_service_pb2_grpc.ReviewStoreServiceStub:
    """The service as a client calls it."""
    return review_service_pb2_grpc.ReviewStoreServiceStub(research.channel(client))


def scrubbed(research: StorageServer) -> set[tuple[str, str]]:
    """What a scrub finds of the recording."""
    stub = admin_service_pb2_grpc.StoreAdminServiceStub(research.channel("operator"))
    return {
        (one.object.removeprefix(f"{P07.prefix}{REF.recording_id}/"), one.finding)
        for one in stub.Scrub(admin_pb2.ScrubRequest())
        if one.object
    }


def rejection(generation: int = 0) -> review_pb2.PutReviewRequest:
    """A word on the run."""
    return review_pb2.PutReviewRequest(
        ref=REF,
        review=review_pb2.Review(
            run_key=RUN,
            state=review_pb2.REVIEW_STATE_REJECTED,
            decided_by="hana",
            residual_risk=0.4,
            threshold=0.1,
            reason=REASON,
            corrections_generation=1,
            generation=generation,
        ),
    )


class TestReviewStore:
    """Reviews and corrections over the wire."""

    def test_review(self, research: StorageServer) -> None:
        """A word is stored once for the generation that was read, with the time of the store."""
        write_transcript(research, REF, "deidentification")
        stub = store_of(research)
        stored = stub.PutReview(rejection()).review
        assert stored.generation == 1
        assert stored.decided_at.seconds > 0
        with pytest.raises(errors.Conflict):
            stub.PutReview(rejection())
        assert stub.PutReview(rejection(1)).review.generation == 2
        [found] = stub.ListReviews(review_pb2.ListReviewsRequest(ref=REF)).reviews
        assert (found.generation, found.reason, found.residual_risk) == (2, REASON, 0.4)

    def test_state(self, research: StorageServer) -> None:
        """The list of recordings shows the review of a run, without its reason."""
        write_transcript(research, REF, "deidentification")
        assert not states(research).recordings[0].transcripts[0].HasField("review")
        store_of(research).PutReview(rejection())
        review = states(research).recordings[0].transcripts[0].review
        assert (review.state, review.generation) == (review_pb2.REVIEW_STATE_REJECTED, 1)
        assert (review.residual_risk, review.threshold, review.reason) == (0.4, 0.1, "")

    def test_scrub(self, research: StorageServer) -> None:
        """A scrub finds damaged words, words in another's place, and a run that is gone."""
        write_transcript(research, REF, "deidentification")
        stub = store_of(research)
        stub.PutReview(rejection())
        corrections = stub.GetCorrections(
            review_pb2.GetCorrectionsRequest(ref=REF, run_key=RUN)
        ).corrections
        stub.PutCorrections(review_pb2.PutCorrectionsRequest(ref=REF, corrections=corrections))
        assert scrubbed(research) == set()
        zone = research.zone.store
        folder = f"{P07.prefix}{REF.recording_id}/"
        name = f"{folder}review/{RUN}/g-00000002"
        zone.put(P07, name, b'{"format":"sotto review 1"}', "application/vnd.sotto.review", 2)
        assert scrubbed(research) == {(f"review/{RUN}/g-00000002", "damaged")}
        zone.backend.delete(name)
        other = f"{folder}review/{'f' * 32}/g-00000001"
        zone.put(P07, other, zone.read(P07, f"{folder}review/{RUN}/g-00000001"), "a/b")
        assert scrubbed(research) == {
            (f"review/{'f' * 32}/g-00000001", "damaged"),
            (f"transcript/{'f' * 32}/manifest", "missing"),
            (f"review/{RUN}/g-00000002", "rolled-back"),  # it was sealed, and is gone
        }

    def test_corrections(self, research: StorageServer) -> None:
        """They read back as they were written, and are bound to the content of the run."""
        segments = write_transcript(research, REF, "deidentification")
        stub = store_of(research)
        get = review_pb2.GetCorrectionsRequest(ref=REF, run_key=RUN)
        corrections = stub.GetCorrections(get).corrections
        assert (corrections.generation, len(corrections.corrections)) == (0, 0)
        assert corrections.content_sha256 == content_hash(encode(segments))
        one = corrections.corrections.add(
            kind=review_pb2.CORRECTION_KIND_REDACT,
            segment=2,
            start=0,
            end=4,
            entity_type="PERSON",
            text="[Person 2]",
            corrected_by="hana",
        )
        one.corrected_at.FromSeconds(1_700_000_000)
        put = review_pb2.PutCorrectionsRequest(ref=REF, corrections=corrections)
        assert stub.PutCorrections(put).generation == 1
        with pytest.raises(errors.Conflict):
            stub.PutCorrections(put)
        corrections.generation = 1
        assert stub.GetCorrections(get).corrections == corrections
        corrections.corrections.append(one)
        with pytest.raises(errors.InvalidInput):
            stub.PutCorrections(review_pb2.PutCorrectionsRequest(ref=REF, corrections=corrections))

    def test_log(self, research: StorageServer) -> None:
        """Each writing and reading is in the log, and no word of a reason or a correction."""
        write_transcript(research, REF, "deidentification")
        stub = store_of(research)
        stub.PutReview(rejection())
        stub.ListReviews(review_pb2.ListReviewsRequest(ref=REF))
        stub.GetCorrections(review_pb2.GetCorrectionsRequest(ref=REF, run_key=RUN))
        assert research.log.names()[-3:] == [
            "review:record:written",
            "review:record:read",
            "correction:document:read",
        ]
        for event in research.log.events:
            assert "ward" not in str(event)

    def test_release_alone(self, research: StorageServer) -> None:
        """Nobody but the release service reads or writes them."""
        for client in ("operator", "flows", "deidentification", "compliance"):
            with pytest.raises(errors.PermissionDenied):
                store_of(research, client).PutReview(rejection())

    def test_erasure(self, research: StorageServer) -> None:
        """A withdrawal takes all words and corrections."""
        write_transcript(research, REF, "deidentification")
        store_of(research).PutReview(rejection())
        erase(research)
        assert objects_of(research) == []
        with pytest.raises(errors.Erased):
            store_of(research).ListReviews(review_pb2.ListReviewsRequest(ref=REF))
