# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest

from services.corrections.model import (
    RunCorrections,
)
from services.release.domain.deciding import ReviewDecider
from services.release.domain.ports import AudioMode
from services.release.domain.reviews import Review, ReviewMode, ReviewState, StudyContents
from services.release.domain.transcript import TranscriptSummary
from services.release.errors import (
    NoSuchTranscript,
    ReasonMissing,
    ReviewChanged,
    TranscriptMadeAnew,
)
from tests.support.deciding import NAME, ONE, RULE, again, decision, summary
from tests.support.memory_zone import MemoryZone
from tests.support.release_builders import NOON, STUDY, recording_id, transcript


class TestDecide:
    """A person decides on what was read."""

    @pytest.mark.parametrize(
        ("read", "now"), [(AudioMode.NONE, AudioMode.BLEEPED), (AudioMode.BLEEPED, AudioMode.NONE)]
    )
    def test_not_when_sound_was_turned_on_or_off_since(
        self, read: AudioMode, now: AudioMode
    ) -> None:
        """Nobody approves sound that was not said to go with the run, nor the other way round; a
        rejection keeps it in all the same.
        """
        zone = MemoryZone([transcript()], audio=read)
        seen = replace(decision(zone), with_sound=read is not AudioMode.NONE)
        zone.audio = now
        with pytest.raises(ReviewChanged, match="turned the sound of its releases"):
            ReviewDecider(zone, zone).decide(NAME, seen)
        rejected = replace(seen, state=ReviewState.REJECTED, reason="a name is left")
        assert not ReviewDecider(zone, zone).decide(NAME, rejected)[1]

    def test_keeps_who_decided_with_the_numbers(self) -> None:
        """An approval names person, run, corrections, risk and threshold."""
        zone = MemoryZone([transcript()])
        found, existed = ReviewDecider(zone, zone).decide(NAME, decision(zone))
        assert not existed
        assert found == Review(
            *(summary(zone).run_key, ReviewState.APPROVED, "dr.lim", NOON, 0.03, 0.05),
            generation=1,
        )

    def test_a_rejection_says_why(self) -> None:
        """Without a reason nothing is rejected; with one it is kept."""
        zone = MemoryZone([transcript()])
        decider = ReviewDecider(zone, zone)
        for empty in ("", "  "):
            with pytest.raises(ReasonMissing):
                decider.decide(NAME, decision(zone, ReviewState.REJECTED, reason=empty))
        assert not zone.reviews
        decider.decide(NAME, decision(zone, ReviewState.REJECTED, reason="a name is left"))
        found = zone.review(STUDY, summary(zone))
        assert found is not None
        assert (found.state, found.reason) == (ReviewState.REJECTED, "a name is left")

    def test_the_same_decision_again_is_told(self) -> None:
        """Who repeats a decision, because its answer was lost, changes nothing."""
        zone = MemoryZone([transcript()])
        decider, first = ReviewDecider(zone, zone), decision(zone)
        stored, _ = decider.decide(NAME, first)
        assert decider.decide(NAME, first) == (stored, True)
        assert decider.decide(NAME, decision(zone)) == (stored, True)

    def test_of_two_who_decide_at_once_one_is_told(self) -> None:
        """The second one read another state than there is now, and has to look again."""
        zone = MemoryZone([transcript()])
        decider = ReviewDecider(zone, zone)
        late = decision(zone, person="dr.tan")
        decider.decide(NAME, decision(zone, ReviewState.REJECTED, reason="a name is left"))
        with pytest.raises(ReviewChanged, match=f"sotto review show {recording_id(0)}"):
            decider.decide(NAME, late)
        kept, _ = decider.decide(NAME, decision(zone, person="dr.tan"))
        assert (kept.state, kept.decided_by) == (ReviewState.APPROVED, "dr.tan")

    def test_a_correction_since_the_reading_is_told(self) -> None:
        """Nobody approves a text that was corrected after it was read."""
        zone = MemoryZone([transcript()])
        early = decision(zone)
        zone.put_corrections(STUDY, summary(zone), RunCorrections((ONE,)))
        with pytest.raises(ReviewChanged, match="corrected"):
            ReviewDecider(zone, zone).decide(NAME, early)
        assert not zone.reviews

    def test_a_correction_at_the_same_moment_takes_the_approval_back(self) -> None:
        """A correction between the look and the record leaves nothing approved."""

        class CorrectedMeanwhile(MemoryZone):
            def put_review(
                self, study_id: str, summary: TranscriptSummary, review: Review
            ) -> Review:
                """Store, and let a correction in before."""
                if review.state is ReviewState.APPROVED:
                    self.put_corrections(study_id, summary, RunCorrections((ONE,)))
                return super().put_review(study_id, summary, review)

        zone = CorrectedMeanwhile([transcript()])
        with pytest.raises(ReviewChanged):
            ReviewDecider(zone, zone).decide(NAME, decision(zone))
        assert zone.reviews[summary(zone).run_key].state is ReviewState.PENDING

    def test_only_the_newest_run(self) -> None:
        """A run that was replaced meanwhile, and one that never was, are refused apart."""
        zone = MemoryZone([transcript()])
        early = decision(zone)
        again(zone)
        decider = ReviewDecider(zone, zone)
        with pytest.raises(TranscriptMadeAnew):
            decider.decide(NAME, early)
        with pytest.raises(NoSuchTranscript):
            decider.decide(NAME, replace(early, run_key="f" * 32))
        assert not zone.reviews


class TestRule:
    """What is approved without a person."""

    @pytest.mark.parametrize(
        ("mode", "risk", "threshold", "state"),
        [
            (ReviewMode.AUTOMATIC, 0.0499, 0.05, ReviewState.APPROVED),
            (ReviewMode.AUTOMATIC, 0.05, 0.05, ReviewState.PENDING),
            (ReviewMode.AUTOMATIC, 0.9, 0.05, ReviewState.PENDING),
            (ReviewMode.AUTOMATIC, 0.0, 0.0, ReviewState.PENDING),
            (ReviewMode.REQUIRED, 0.0, 0.05, ReviewState.PENDING),
            (ReviewMode.REQUIRED, 0.9, 0.05, ReviewState.PENDING),
        ],
    )
    def test_only_below_the_threshold(
        self, mode: ReviewMode, risk: float, threshold: float, state: ReviewState
    ) -> None:
        """An automatic study's rule approves below, not at nor above; a required one's never."""
        zone = MemoryZone([transcript(risk=risk, threshold=threshold)], mode=mode)
        decider = ReviewDecider(zone, zone)
        found = decider.apply_rule(NAME, summary(zone).run_key).review
        assert (found.state, found.decided_by) == (state, RULE)
        assert (found.residual_risk, found.threshold) == (risk, threshold)
        assert decider.apply_rule(NAME, summary(zone).run_key).review == found
        assert found.generation == 1

    def test_follows_the_study(self) -> None:
        """A study that asks for persons from now on has its rule's word taken back."""
        zone = MemoryZone([transcript()], mode=ReviewMode.AUTOMATIC)
        decider, key = ReviewDecider(zone, zone), summary(zone).run_key
        assert decider.apply_rule(NAME, key).review.state is ReviewState.APPROVED
        zone.mode = ReviewMode.REQUIRED
        assert decider.apply_rule(NAME, key).review.state is ReviewState.PENDING

    @pytest.mark.parametrize("state", ReviewState)
    def test_what_a_person_decided_stays(self, state: ReviewState) -> None:
        """Neither a rejection, nor an approval, nor a correction's word gives way to the rule."""
        zone = MemoryZone([transcript()], mode=ReviewMode.AUTOMATIC)
        key = summary(zone).run_key
        zone.put_review(STUDY, summary(zone), Review(key, state, "dr.lim"))
        assert ReviewDecider(zone, zone).apply_rule(NAME, key).review.state is state
        assert zone.reviews[key].generation == 1

    def test_a_person_of_version_0_1_stays(self) -> None:
        """An approval by a person from before reviews had generations counts."""
        zone = MemoryZone([transcript(risk=0.9)], mode=ReviewMode.AUTOMATIC)
        key = summary(zone).run_key
        zone.reviews[key] = Review(key, ReviewState.APPROVED, "dr.lim", NOON)
        found = ReviewDecider(zone, zone).apply_rule(NAME, key).review
        assert (found.state, found.decided_by) == (ReviewState.APPROVED, "dr.lim")

    def test_an_approval_does_not_pass_to_the_next_run(self) -> None:
        """A new run of an approved recording waits."""
        zone = MemoryZone([transcript()])
        zone.approve_all()
        again(zone)
        found = ReviewDecider(zone, zone).apply_rule(NAME, "0" * 32).review
        assert found.state is ReviewState.PENDING

    def test_an_unknown_run(self) -> None:
        """A rule is applied to a finished run only."""
        zone = MemoryZone([transcript()])
        with pytest.raises(NoSuchTranscript):
            ReviewDecider(zone, zone).apply_rule(NAME, "f" * 32)


class TestContents:
    """What is read of the store."""

    def test_a_review_that_nobody_wrote_is_pending(self) -> None:
        """With the numbers of its run."""
        run = transcript(risk=0.2, threshold=0.1).summary
        found = StudyContents({run.recording_id: (run,)}, {}, ()).review(run)
        assert (found.state, found.decided_by) == (ReviewState.PENDING, "")
        assert (found.residual_risk, found.threshold) == (0.2, 0.1)
