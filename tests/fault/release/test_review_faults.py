# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import pytest

from services.common.errors import Conflict, SottoError, Unavailable
from services.registry import identities
from sotto.release.v1 import review_pb2
from sotto.storage.v1 import recording_pb2
from sotto.storage.v1 import review_pb2 as stored_pb2
from tests.support.deployment import wait_until
from tests.support.release_service import ReleaseDeployment, retried

SPOKEN = (("S1", "interviewer", "Did [Person 1] visit?", 0, 2100),)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseDeployment]:
    """Services that every test leaves running."""
    with ReleaseDeployment(tmp_path_factory.mktemp("home")).start() as started:
        yield started


def stored_reviews(deployment: ReleaseDeployment, study_id: str) -> int:
    """How many words on runs the store holds of a study."""
    return len(list((deployment.root / "research" / "objects" / study_id).glob("*/*/review/*/*")))


class TestKilled:
    """The release service dies between a decision and its answer."""

    def test_the_decision_stands_and_may_be_repeated(self, deployment: ReleaseDeployment) -> None:
        """Who repeats it with what was read is told that it stands; nobody else's is lost."""
        deployment.create_study("killed")
        ref, _ = deployment.add_transcript("killed", "P07", spoken=SPOKEN)
        seen = deployment.read(ref)
        answers: list[review_pb2.DecideReviewResponse] = []

        def decide() -> None:
            with contextlib.suppress(SottoError):
                answers.append(deployment.decide(ref, seen))

        thread = threading.Thread(target=decide)
        thread.start()
        wait_until(lambda: stored_reviews(deployment, "killed") > 0, every=0.0005)
        deployment.kill(identities.RELEASE)
        thread.join()
        deployment.start(identities.RELEASE)
        again = deployment.decide(ref, seen)
        assert again.existed
        assert again.review.state == stored_pb2.REVIEW_STATE_APPROVED
        assert stored_reviews(deployment, "killed") == 1
        assert deployment.build("killed").release.transcripts == 1
        assert len(answers) <= 1

    def test_a_correction_never_leaves_it_approved(self, deployment: ReleaseDeployment) -> None:
        """Killed while it corrects an approved run, a release without the reading is not built."""
        deployment.create_study("corrected")
        ref, run_key = deployment.add_transcript("corrected", "P07", spoken=SPOKEN)
        deployment.approve(ref)
        request = review_pb2.AddCorrectionRequest(
            ref=ref,
            run_key=run_key,
            kind=stored_pb2.CORRECTION_KIND_RESTORE,
            segment=0,
            start=4,
            end=14,
            text="your sister",
        )

        def correct() -> None:
            with contextlib.suppress(SottoError), deployment.reviewing() as stub:
                stub.AddCorrection(request)

        thread = threading.Thread(target=correct)
        thread.start()
        wait_until(lambda: stored_reviews(deployment, "corrected") > 1, every=0.0005)
        deployment.kill(identities.RELEASE)
        thread.join()
        deployment.start(identities.RELEASE)
        with pytest.raises(SottoError, match="pending"):
            deployment.build("corrected")
        assert deployment.read(ref).item.review.state == stored_pb2.REVIEW_STATE_PENDING
        deployment.approve(ref)
        assert deployment.build("corrected").release.transcripts == 1

    def test_nothing_is_decided_without_the_log(self, deployment: ReleaseDeployment) -> None:
        """While the audit log is away nothing is read, decided or corrected."""
        deployment.create_study("no-log")
        ref, run_key = deployment.add_transcript("no-log", "P07", spoken=SPOKEN)
        seen = deployment.read(ref)
        deployment.kill(identities.AUDIT)
        with pytest.raises(Unavailable):
            deployment.read(ref)
        with pytest.raises(Unavailable):
            deployment.decide(ref, seen)
        with pytest.raises(Unavailable):
            deployment.apply_rule(ref, run_key)
        assert stored_reviews(deployment, "no-log") == 0
        deployment.start(identities.AUDIT)
        assert not retried(lambda: deployment.decide(ref, deployment.read(ref))).existed


class TestAtOnce:
    """Several reviewers decide on one run at the same moment."""

    def test_one_wins_and_the_others_are_told(self, deployment: ReleaseDeployment) -> None:
        """Exactly one word is stored for what all of them read."""
        deployment.create_study("race", members={f"dr.{n}": "reviewer" for n in range(4)})
        for number in range(5):
            ref, _ = deployment.add_transcript("race", "P07", number, spoken=SPOKEN)
            outcomes = decide_at_once(deployment, ref)
            assert sorted(outcomes) == ["Conflict", "Conflict", "Conflict", "stored"]


def decide_at_once(deployment: ReleaseDeployment, ref: recording_pb2.RecordingRef) -> list[str]:
    """Let four reviewers decide on what they read, and return how each fared."""
    people = [f"dr.{number}" for number in range(4)]
    seen = {person: deployment.read(ref, person) for person in people}
    ready, outcomes = threading.Barrier(len(people)), list[str]()

    def decide(person: str) -> None:
        reason = "a name is left" if person in people[:2] else ""
        ready.wait()
        try:
            deployment.decide(ref, seen[person], reason=reason, person=person)
            outcomes.append("stored")
        except Conflict:
            outcomes.append("Conflict")

    threads = [threading.Thread(target=decide, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
