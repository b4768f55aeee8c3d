# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.common.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    NotReady,
    PermissionDenied,
    Unavailable,
)
from services.registry import identities
from services.storage_client.transcripts import content_hash, decode
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2
from sotto.release.v1 import review_pb2
from sotto.storage.v1 import recording_pb2
from sotto.storage.v1 import review_pb2 as stored_pb2
from tests.support.release_service import ReleaseDeployment

SPOKEN = (
    ("S1", "interviewer", "Did [Person 1] visit?", 0, 2100),
    ("S2", "participant", "Yes, with ?Ahmad, on Sundays.", 2500, 6000),
)
PENDING = stored_pb2.REVIEW_STATE_PENDING
APPROVED = stored_pb2.REVIEW_STATE_APPROVED
REJECTED = stored_pb2.REVIEW_STATE_REJECTED


def entries(deployment: ReleaseDeployment, study_id: str) -> list[entry_pb2.Event]:
    """What the release service wrote into the log about a study, outcomes and facts."""
    with deployment.peers(identities.COMPLIANCE) as peers:
        stub = audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(identities.AUDIT))
        answer = stub.ListEntries(
            entry_pb2.ListEntriesRequest(
                page_size=1000, filter=entry_pb2.EntryFilter(study_id=study_id)
            )
        )
        return [
            one.event
            for one in answer.entries
            if one.event.name.startswith(("release:", "access:"))
            and one.event.phase != entry_pb2.PHASE_INTENT
        ]


def _restoring(ref: recording_pb2.RecordingRef, run_key: str) -> review_pb2.AddCorrectionRequest:
    """Ask for the words behind the first replacement."""
    return review_pb2.AddCorrectionRequest(
        ref=ref,
        run_key=run_key,
        kind=stored_pb2.CORRECTION_KIND_RESTORE,
        segment=0,
        start=4,
        end=14,
        text="your sister",
    )


class TestReading:
    """What waits, and reading it."""

    def test_list_is_ordered_by_risk(self, deployment: ReleaseDeployment) -> None:
        """Over all studies of the person, or of one, in pages; only what waits where asked."""
        deployment.create_study("listed")
        deployment.create_study("of-others", members={"dr.tan": "reviewer"})
        low, _ = deployment.add_transcript("listed", "P07", risk=0.1, spoken=SPOKEN)
        high, _ = deployment.add_transcript("listed", "P08", risk=0.7, spoken=SPOKEN)
        other, _ = deployment.add_transcript("of-others", "P07", risk=0.9)
        with deployment.reviewing() as stub:
            first = stub.ListReviews(review_pb2.ListReviewsRequest(study_id="listed", page_size=1))
            second = stub.ListReviews(
                review_pb2.ListReviewsRequest(
                    study_id="listed", page_size=1, page_token=first.next_page_token
                )
            )
            assert [one.ref for one in (*first.items, *second.items)] == [high, low]
            assert not second.next_page_token
            everything = stub.ListReviews(review_pb2.ListReviewsRequest()).items
            assert other not in [one.ref for one in everything]
        deployment.approve(high)
        with deployment.reviewing() as stub:
            waiting = stub.ListReviews(
                review_pb2.ListReviewsRequest(study_id="listed", state=PENDING)
            )
        assert [one.ref for one in waiting.items] == [low]

    def test_a_transcript_comes_as_the_engine_wrote_it(self, deployment: ReleaseDeployment) -> None:
        """Summary, then the stored bytes, whose hash is the run's; one entry of the log."""
        deployment.create_study("read")
        ref, run_key = deployment.add_transcript("read", "P07", spoken=SPOKEN)
        with deployment.reviewing() as stub:
            summary, *windows = stub.GetReview(review_pb2.GetReviewRequest(ref=ref))
        encoded = [part for one in windows for part in one.window.encoded_segments]
        segments = decode(encoded)
        assert [one.text for one in segments] == [one[2] for one in SPOKEN]
        assert segments[1].doubts[0].reason == "name_like"
        assert summary.summary.corrections.content_sha256 == content_hash(encoded)
        assert (summary.summary.item.run_key, summary.summary.item.review.state) == (
            run_key,
            PENDING,
        )
        [entry] = entries(deployment, "read")
        assert (entry.name, entry.person, entry.outcome) == (
            "release:transcript:read",
            "dr.lim",
            entry_pb2.OUTCOME_SUCCESS,
        )
        assert dict(entry.attributes) == {
            "run_key": run_key,
            "segments": "2",
            "residual_risk": "0.0300",
        }

    def test_only_reviewers_of_the_study(self, deployment: ReleaseDeployment) -> None:
        """Whoever is no member learns nothing, and the log says who asked."""
        deployment.create_study("closed")
        ref, _ = deployment.add_transcript("closed", "P07")
        for person in ("nur", "stranger"):
            with deployment.reviewing(person) as stub:
                with pytest.raises(PermissionDenied, match=f"{person} is no reviewer"):
                    list(stub.GetReview(review_pb2.GetReviewRequest(ref=ref)))
                with pytest.raises(PermissionDenied):
                    stub.ListReviews(review_pb2.ListReviewsRequest(study_id="closed"))
                with pytest.raises(PermissionDenied):
                    deployment.decide(
                        ref,
                        review_pb2.ReviewSummary(item=review_pb2.ReviewItem(run_key="0" * 32)),
                        person=person,
                    )
        found = entries(deployment, "closed")
        assert {one.reason for one in found} == {"not_a_member"}
        assert {one.person for one in found} == {"nur", "stranger"}
        assert len(found) == 6

    def test_unknown_names_are_told(self, deployment: ReleaseDeployment) -> None:
        """An unknown study names those of the person; an unknown recording and run are told."""
        deployment.create_study("known-one")
        ref, _ = deployment.add_transcript("known-one", "P07")
        with deployment.reviewing() as stub:
            with pytest.raises(NotFound, match=r"no study no-such.*known-one"):
                stub.ListReviews(review_pb2.ListReviewsRequest(study_id="no-such"))
            missing = recording_pb2.RecordingRef(
                study_id="known-one", participant="P07", recording_id="rec-" + "z" * 26
            )
            with pytest.raises(NotFound):
                list(stub.GetReview(review_pb2.GetReviewRequest(ref=missing)))
            with pytest.raises(NotFound, match="no finished de-identified transcript"):
                list(stub.GetReview(review_pb2.GetReviewRequest(ref=ref, run_key="0" * 32)))


class TestDeciding:
    """A decision, by a person and by the rule."""

    def test_reject_then_approve(self, deployment: ReleaseDeployment) -> None:
        """The reason stays out of the log; numbers, person and run are in it."""
        deployment.create_study("decided")
        ref, run_key = deployment.add_transcript("decided", "P07", risk=0.2)
        secret = "Ahmad is left in the second turn"
        with pytest.raises(InvalidInput, match="reason"):
            deployment.decide(ref, deployment.read(ref), reason=" ")
        seen = deployment.read(ref)
        rejected = deployment.decide(ref, seen, reason=secret)
        assert (rejected.review.state, rejected.existed) == (REJECTED, False)
        assert deployment.decide(ref, seen, reason=secret).existed
        assert deployment.read(ref).item.review.reason == secret
        with pytest.raises(NotReady, match=r"\(rejected\)"):
            deployment.build("decided")
        deployment.approve(ref)
        assert deployment.build("decided").release.transcripts == 1
        found = [one for one in entries(deployment, "decided") if "ed" in one.name.split(":")[2]]
        decisions = [one for one in found if one.name.split(":")[1] == "transcript"]
        assert [one.name.split(":")[2] for one in decisions if one.outcome == 1] == [
            *("rejected", "rejected", "approved"),
        ]
        assert dict(decisions[-1].attributes) == {
            "residual_risk": "0.2000",
            "threshold": "0.0500",
            "existed": "false",
        }
        assert not any("Ahmad" in str(one) for one in found)
        assert run_key

    def test_two_reviewers_at_once(self, deployment: ReleaseDeployment) -> None:
        """Both read; the first decision stands, and the other one is told."""
        deployment.create_study("at-once")
        ref, _ = deployment.add_transcript("at-once", "P07")
        first, second = deployment.read(ref), deployment.read(ref, "dr.tan")
        deployment.decide(ref, first, reason="a name is left")
        with pytest.raises(Conflict, match="sotto review show"):
            deployment.decide(ref, second, person="dr.tan")
        assert deployment.read(ref).item.review.state == REJECTED

    def test_a_new_run_waits(self, deployment: ReleaseDeployment) -> None:
        """A run that was approved says nothing about the next; an old reading decides nothing."""
        deployment.create_study("made-anew")
        ref, first_run = deployment.add_transcript("made-anew", "P07")
        deployment.approve(ref)
        old = deployment.read(ref)
        again, _ = deployment.add_transcript("made-anew", "P07", made=1)
        assert again == ref
        new = deployment.read(ref)
        assert (new.item.review.state, new.item.approved_before) == (PENDING, first_run)
        with pytest.raises(Conflict, match="made anew"):
            deployment.decide(ref, old)
        with pytest.raises(NotReady):
            deployment.build("made-anew")

    def test_the_rule_is_in_the_log(self, deployment: ReleaseDeployment) -> None:
        """With decision, risk and threshold; a person's word stays."""
        deployment.create_study("ruled", automatic=True)
        below, run_key = deployment.add_transcript("ruled", "P07", risk=0.01)
        above, other_key = deployment.add_transcript("ruled", "P08", risk=0.9)
        assert deployment.apply_rule(below, run_key).state == APPROVED
        assert deployment.apply_rule(above, other_key).state == PENDING
        deployment.approve(above)
        assert deployment.apply_rule(above, other_key).state == APPROVED
        assert deployment.read(above).item.review.decided_by == "dr.lim"
        found = [
            dict(one.attributes)
            for one in entries(deployment, "ruled")
            if one.name == "release:rule:applied"
        ]
        assert [one["decision"] for one in found] == ["approved", "pending", "approved"]
        assert found[1]["account"] == "policy:research-default"
        assert (found[1]["residual_risk"], found[1]["threshold"]) == ("0.9000", "0.0500")


class TestWhoChangedThePolicy:
    """Neither corrects nor approves in that study."""

    @pytest.mark.parametrize("known_to", ["study", "run"])
    def test_decides_nothing(self, deployment: ReleaseDeployment, known_to: str) -> None:
        """Whichever zone knows it. They may read and reject; another reviewer approves."""
        name = f"apart-{known_to}"
        by_study = known_to == "study"
        deployment.create_study(name, automatic=by_study, by="dr.lim" if by_study else "it")
        changed_by = () if by_study else ("dr.lim",)
        ref, run_key = deployment.add_transcript(name, "P07", changed_by=changed_by)
        seen = deployment.read(ref)
        request = _restoring(ref, run_key)
        place = review_pb2.RemoveCorrectionRequest(ref=ref, run_key=run_key, segment=0, start=4)
        roles = review_pb2.AssignRolesRequest(ref=ref, run_key=run_key, roles={"S1": "participant"})
        with deployment.reviewing() as stub:
            for act in (
                lambda: deployment.decide(ref, seen),
                lambda: stub.AddCorrection(request),
                lambda: stub.RemoveCorrection(place),
                lambda: stub.AssignRoles(roles),
            ):
                with pytest.raises(
                    PermissionDenied, match="another reviewer of the study"
                ) as caught:
                    act()
                assert caught.value.reason == "changed_the_policy"
        denied = [one for one in entries(deployment, name) if one.reason == "changed_the_policy"]
        assert [one.person for one in denied] == ["dr.lim"] * 4
        assert deployment.decide(ref, seen, reason="too many names").review.state == REJECTED

        again = deployment.read(ref, "dr.tan")
        assert deployment.decide(ref, again, person="dr.tan").review.state == APPROVED

    def test_list_grows(self, deployment: ReleaseDeployment) -> None:
        """Who approved and then chose the rule approves nothing more; what was approved counts."""
        deployment.create_study("apart-later")
        before, _ = deployment.add_transcript("apart-later", "P07")
        deployment.approve(before)
        deployment.create_study("apart-later", automatic=True, by="dr.lim")
        after, _ = deployment.add_transcript("apart-later", "P08")

        with pytest.raises(PermissionDenied, match="changed the policy"):
            deployment.approve(after)
        assert deployment.read(before).item.review.state == APPROVED


class TestCorrecting:
    """Corrections without the engine, which restorations do not need."""

    def test_a_restoration_goes_into_the_release(
        self, deployment: ReleaseDeployment, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """It takes the approval back; approved again, the words are in the files."""
        deployment.create_study("restored")
        ref, run_key = deployment.add_transcript("restored", "P07", spoken=SPOKEN)
        deployment.approve(ref)
        before = deployment.read(ref)
        request = _restoring(ref, run_key)
        with deployment.reviewing() as stub:
            answer = stub.AddCorrection(request)
            assert [one.text for one in answer.added] == ["your sister"]
            with pytest.raises(Conflict):
                deployment.decide(ref, before)
        with pytest.raises(NotReady):
            deployment.build("restored")
        deployment.approve(ref)
        built = deployment.build("restored")
        assert dict(built.release.replacements) == {}
        folder = tmp_path_factory.mktemp("restored") / "out"
        deployment.export("restored", folder)
        assert "Did your sister visit?" in (folder / "P07_S1.txt").read_text("utf-8")
        with deployment.reviewing() as stub:
            removed = stub.RemoveCorrection(
                review_pb2.RemoveCorrectionRequest(ref=ref, run_key=run_key, segment=0, start=4)
            )
        assert (removed.removed, removed.generation) == (1, 2)
        assert deployment.read(ref).item.review.state == PENDING
        added = [one for one in entries(deployment, "restored") if ":correction:" in one.name]
        assert [one.name for one in added] == [
            "release:correction:added",
            "release:correction:removed",
        ]
        assert not any("sister" in str(one) for one in added)

    def test_roles_go_into_the_release_and_on_to_the_next_run(
        self, deployment: ReleaseDeployment, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """They take the approval back, are in the log without speakers, and end with the words."""
        deployment.create_study("roles")
        ref, run_key = deployment.add_transcript("roles", "P07", spoken=SPOKEN)
        deployment.approve(ref)
        swapped = {"S1": "participant", "S2": "interviewer"}
        request = review_pb2.AssignRolesRequest(ref=ref, run_key=run_key, roles=swapped)
        with deployment.reviewing() as stub:
            assert dict(stub.AssignRoles(request).roles) == swapped
            assert deployment.read(ref).item.review.state == PENDING
            for wrong, error in (
                ({"S9": "participant"}, NotFound),
                ({"S1": "nurse"}, InvalidInput),
            ):
                with pytest.raises(error):
                    stub.AssignRoles(
                        review_pb2.AssignRolesRequest(ref=ref, run_key=run_key, roles=wrong)
                    )
        deployment.approve(ref)
        deployment.build("roles")
        folder = tmp_path_factory.mktemp("roles") / "out"
        deployment.export("roles", folder)
        text = (folder / "P07_S1.txt").read_text("utf-8")
        assert text.startswith("P07: Did [Person 1] visit?")
        said = [
            one for one in entries(deployment, "roles") if one.name == "release:roles:corrected"
        ]
        assert dict(said[0].attributes) == {"count": "2", "generation": "1"}
        longer = (("S3", "", "Good morning.", 0, 10), *SPOKEN)
        _, second_run = deployment.add_transcript("roles", "P07", spoken=longer)
        answer = deployment.apply_rule(ref, second_run)
        assert (answer.carried_corrections, answer.lost_corrections) == (2, 0)
        found = deployment.read(ref).corrections.roles
        assert {one: (is_.role, is_.carried_from) for one, is_ in found.items()} == {
            one: (role, run_key) for one, role in swapped.items()
        }

    def test_corrections_go_on_to_the_next_run(self, deployment: ReleaseDeployment) -> None:
        """The rule carries them over, and names those that have no place."""
        deployment.create_study("carried")
        ref, run_key = deployment.add_transcript("carried", "P07", spoken=SPOKEN)
        with deployment.reviewing() as stub:
            stub.AddCorrection(
                review_pb2.AddCorrectionRequest(
                    ref=ref,
                    run_key=run_key,
                    kind=stored_pb2.CORRECTION_KIND_RESTORE,
                    segment=0,
                    start=4,
                    end=14,
                    text="your sister",
                )
            )
        longer = (("S1", "interviewer", "Good morning.", 0, 10), *SPOKEN)
        _, second_run = deployment.add_transcript("carried", "P07", spoken=longer)
        answer = deployment.apply_rule(ref, second_run)
        assert (answer.carried_corrections, answer.lost_corrections) == (1, 0)
        [one] = deployment.read(ref).corrections.corrections
        assert (one.segment, one.carried_from) == (1, run_key)
        other = (("S1", "interviewer", "Something else.", 0, 10),)
        _, third_run = deployment.add_transcript("carried", "P07", spoken=other)
        assert deployment.apply_rule(ref, third_run).lost_corrections == 1
        summary = deployment.read(ref)
        assert [part.text for part in summary.corrections.lost] == ["your sister"]
        assert summary.item.lost_corrections == 1

    def test_a_redaction_needs_the_engine(self, deployment: ReleaseDeployment) -> None:
        """Without it nothing is changed, and the message says what is missing."""
        deployment.create_study("no-engine")
        ref, run_key = deployment.add_transcript("no-engine", "P07", spoken=SPOKEN)
        with deployment.reviewing() as stub, pytest.raises(Unavailable, match="deidentification"):
            stub.AddCorrection(
                review_pb2.AddCorrectionRequest(
                    ref=ref,
                    run_key=run_key,
                    kind=stored_pb2.CORRECTION_KIND_REDACT,
                    segment=1,
                    start=11,
                    end=16,
                    entity_type="PERSON",
                )
            )
        assert deployment.read(ref).corrections.generation == 0
