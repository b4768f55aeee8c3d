# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from services.corrections.model import (
    Correction,
    CorrectionKind,
    Replacement,
    RoleCorrection,
    RunCorrections,
)
from services.release.domain.carrying import CorrectionCarrier
from services.release.domain.deciding import Decision, ReviewDecider
from services.release.domain.ports import AudioMode, RedactedPlace
from services.release.domain.reviews import Review, ReviewMode, ReviewState, StudyContents
from services.release.domain.transcript import RecordingName, Segment, Transcript, TranscriptSummary
from services.release.errors import (
    NoSuchTranscript,
    ReasonMissing,
    ReviewChanged,
    TranscriptMadeAnew,
)
from tests.support.memory_zone import Died, MemoryZone
from tests.support.release_builders import NOON, STUDY, recording_id, transcript

NAME = RecordingName(STUDY, "P07", recording_id(0))
PLACE = RedactedPlace(0, 0, 4, "[x]")
ONE = Correction(CorrectionKind.REDACT, 0, 0, 4, "PERSON", "[x]", "dr.lim", NOON)


def summary(zone: MemoryZone) -> TranscriptSummary:
    """The newest run of the recording under test."""
    return zone.contents_of(NAME).newest[0]


def decision(
    zone: MemoryZone,
    state: ReviewState = ReviewState.APPROVED,
    *,
    person: str = "dr.lim",
    reason: str = "",
) -> Decision:
    """A decision of somebody who reads the newest run now."""
    run = summary(zone)
    review = zone.review(STUDY, run)
    return Decision(
        run.run_key,
        state,
        person,
        reason,
        zone.corrections(STUDY, run).generation,
        review.generation if review else 0,
    )


def again(zone: MemoryZone, segments: tuple[Segment, ...] | None = None, key: str = "0") -> None:
    """Make the recording's transcript anew."""
    first = zone.transcripts[0]
    run = replace(first.summary, run_key=key * 32, content_sha256=key * 64)
    zone.transcripts.append(Transcript(run, segments or first.segments))


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


RULE = "policy:research-default"


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


def redacting(words: str) -> Callable[[Transcript], Correction]:
    """A redaction of words in the first segment."""

    def make(one: Transcript) -> Correction:
        start = one.segments[0].text.index(words)
        return replace(ONE, start=start, end=start + len(words))

    return make


class TestCarryOver:
    """Corrections go on to the next run."""

    def corrected(self, *words: str, mode: ReviewMode = ReviewMode.AUTOMATIC) -> MemoryZone:
        """A zone whose first run has corrections, and a second run without any."""
        zone = MemoryZone([transcript()], mode=mode)
        made = tuple(redacting(one)(zone.transcripts[0]) for one in words)
        zone.put_corrections(STUDY, summary(zone), RunCorrections(made))
        return zone

    def test_what_has_a_place_is_carried_and_approved_with_it(self) -> None:
        """The new run has the corrections, names the old run, and the rule knows of them."""
        zone = self.corrected("recovery")
        before = summary(zone).run_key
        again(zone)
        decider = ReviewDecider(zone, zone)
        outcome = decider.apply_rule(NAME, "0" * 32)
        assert (outcome.carried, outcome.lost) == (1, 0)
        assert (outcome.review.state, outcome.review.corrections_generation) == (
            ReviewState.APPROVED,
            1,
        )
        [one] = zone.corrected["0" * 32].corrections
        assert (one.carried_from, one.corrected_by) == (before, "dr.lim")
        assert decider.apply_rule(NAME, "0" * 32) == outcome

    def test_what_another_policy_wrote_needs_a_person(self) -> None:
        """A carried replacement is the old policy's, which may say more than the new one allows."""
        zone = self.corrected("recovery")
        again(zone)
        stricter = {"deidentification.policy": "safe-harbor/2/0123"}
        made = zone.transcripts[-1]
        zone.transcripts[-1] = replace(made, summary=replace(made.summary, versions=stricter))
        outcome = ReviewDecider(zone, zone).apply_rule(NAME, "0" * 32)
        assert (outcome.carried, outcome.review.state) == (1, ReviewState.PENDING)

    def test_what_is_lost_needs_a_person(self) -> None:
        """However low the risk: a reviewer's correction that has no place is looked for first."""
        zone = self.corrected("recovery")
        again(zone, (Segment("S1", "interviewer", "Something else."),))
        outcome = ReviewDecider(zone, zone).apply_rule(NAME, "0" * 32)
        assert (outcome.carried, outcome.lost) == (0, 1)
        assert outcome.review.state is ReviewState.PENDING
        again(zone, (Segment("S1", "interviewer", "Third words."),), "1")
        assert ReviewDecider(zone, zone).apply_rule(NAME, "1" * 32).lost == 1

    def test_what_a_person_saw_lost_is_not_lost_again(self) -> None:
        """Who approved a run without a correction's place has decided that it may go."""
        zone = self.corrected("recovery")
        again(zone, (Segment("S1", "interviewer", "Something else."),))
        decider = ReviewDecider(zone, zone)
        decider.apply_rule(NAME, "0" * 32)
        decider.decide(NAME, decision(zone))
        again(zone, (Segment("S1", "interviewer", "Third words."),), "1")
        assert decider.apply_rule(NAME, "1" * 32).lost == 0

    def test_roles_go_on_to_who_says_the_same(self) -> None:
        """Where nobody does the role is lost, and a person looks, until one has decided."""
        zone = self.corrected()
        role = RoleCorrection("participant", "dr.lim", NOON)
        zone.put_corrections(STUDY, summary(zone), RunCorrections((), (), 1, {"S1": role}))
        again(zone)
        decider = ReviewDecider(zone, zone)
        outcome = decider.apply_rule(NAME, "0" * 32)
        assert (outcome.carried, outcome.lost, outcome.review.state) == (1, 0, ReviewState.APPROVED)
        first = zone.transcripts[0].summary.run_key
        assert zone.corrected["0" * 32].roles == {"S1": replace(role, carried_from=first)}
        assert decider.apply_rule(NAME, "0" * 32) == outcome
        again(zone, (Segment("S1", "interviewer", "Something else."),), "1")
        outcome = decider.apply_rule(NAME, "1" * 32)
        assert (outcome.carried, outcome.lost, outcome.review.state) == (0, 1, ReviewState.PENDING)
        assert set(zone.corrected["1" * 32].lost_roles) == {"S1"}
        decider.decide(NAME, decision(zone))
        again(zone, (Segment("S1", "interviewer", "Third words."),), "2")
        assert decider.apply_rule(NAME, "2" * 32).lost == 0

    def test_a_role_that_was_given_meanwhile_comes_to_a_run_that_is_wanted_again(self) -> None:
        """Once; where a reviewer had said otherwise there, that stays and the other is told."""
        for own in ({}, {"S1": RoleCorrection("participant", "dr.tan", NOON)}):
            zone = self.corrected()
            first = zone.transcripts[0]
            key = first.summary.run_key
            zone.put_corrections(STUDY, summary(zone), RunCorrections((), (), 1, own))
            decider = ReviewDecider(zone, zone)
            decider.decide(NAME, decision(zone))
            again(zone)
            later = RoleCorrection("interviewer", "dr.lim", NOON + timedelta(hours=1))
            later = later if own else replace(later, role="participant")
            zone.put_corrections(STUDY, summary(zone), RunCorrections((), (), 0, {"S1": later}))
            zone.transcripts[0] = replace(
                first, segments=tuple(replace(one, role="") for one in first.segments)
            )
            zone.transcripts.reverse()  # a study that goes back to its policy of before
            outcome = decider.apply_rule(NAME, key)
            assert outcome.review.state is ReviewState.PENDING
            assert (outcome.carried, outcome.lost) == ((0, 1) if own else (1, 0))
            assert zone.corrected[key].roles["S1"].role == "participant"
            assert decider.apply_rule(NAME, key) == outcome

    def test_what_a_person_takes_back_stays_away(self) -> None:
        """A rule that is applied again does not bring it back."""
        zone = self.corrected("recovery")
        again(zone)
        decider = ReviewDecider(zone, zone)
        decider.apply_rule(NAME, "0" * 32)
        zone.corrected["0" * 32] = RunCorrections((), (), 2)
        assert decider.apply_rule(NAME, "0" * 32).carried == 0

    def test_from_the_newest_run_that_has_some(self) -> None:
        """A run without corrections in between does not end them."""
        zone = self.corrected("recovery")
        again(zone)
        again(zone, key="1")
        assert ReviewDecider(zone, zone).apply_rule(NAME, "1" * 32).carried == 1

    def test_who_decides_before_the_rule_is_shown_them_first(self) -> None:
        """A person who read the new run before it had the corrections has to look again."""
        zone = self.corrected("recovery")
        again(zone)
        decider = ReviewDecider(zone, zone)
        with pytest.raises(ReviewChanged, match="an earlier run"):
            decider.decide(NAME, decision(zone))
        kept, _ = decider.decide(NAME, decision(zone))
        assert (kept.state, kept.corrections_generation) == (ReviewState.APPROVED, 1)
        assert len(zone.corrected["0" * 32].corrections) == 1

    def test_what_was_corrected_meanwhile_comes_to_a_run_that_is_wanted_again(self) -> None:
        """A correction of the run in between is carried back, once, and the approval waits."""
        zone = self.corrected("recovery")
        first = zone.transcripts[0]
        del zone.corrected[first.summary.run_key]
        decider = ReviewDecider(zone, zone)
        decider.decide(NAME, decision(zone))
        again(zone)
        later = replace(redacting("recovery")(first), corrected_at=NOON + timedelta(hours=1))
        zone.put_corrections(STUDY, summary(zone), RunCorrections((later,)))
        zone.transcripts.reverse()  # a study that goes back to its policy of before
        key = summary(zone).run_key
        assert key == first.summary.run_key
        outcome = decider.apply_rule(NAME, key)
        assert (outcome.carried, outcome.review.state) == (1, ReviewState.PENDING)
        assert (outcome.review.decided_by, zone.reviews[key].state) == (
            "dr.lim",
            ReviewState.PENDING,
        )
        assert decider.apply_rule(NAME, key) == outcome
        assert len(zone.corrected[key].corrections) == 1

    def test_words_that_were_taken_back_meanwhile_do_not_come_again(self) -> None:
        """Restored and approved, taken back on the run in between: they go, the approval waits."""
        segment = Segment(
            *("S1", "interviewer", "Was [Person 1] there?"),
            replacements=(Replacement(4, 14, "PERSON"),),
        )
        zone = MemoryZone([transcript(segments=(segment,))])
        first = summary(zone)
        restored = Correction(
            CorrectionKind.RESTORE, 0, 4, 14, "", "Ahmad", "dr.lim", NOON - timedelta(hours=1)
        )
        zone.put_corrections(STUDY, first, RunCorrections((restored,)))
        decider = ReviewDecider(zone, zone)
        decider.decide(NAME, decision(zone))
        again(zone)
        other = summary(zone)
        assert decider.apply_rule(NAME, other.run_key).carried == 1
        zone.corrected[other.run_key] = RunCorrections((), (), 2)
        zone.transcripts.reverse()  # a study that goes back to its policy of before
        carrier, contents = CorrectionCarrier(zone, zone), zone.contents_of(NAME)
        assert carrier.are_left(STUDY, first, contents.review(first), contents)

        outcome = decider.apply_rule(NAME, first.run_key)

        assert outcome.review.state is ReviewState.PENDING
        assert zone.corrected[first.run_key].corrections == ()
        later = replace(restored, corrected_at=NOON + timedelta(hours=1))
        zone.corrected[first.run_key] = RunCorrections((later,), (), 3)
        decider.decide(NAME, decision(zone))  # a person who restores them anew has the last word
        assert decider.apply_rule(NAME, first.run_key).review.state is ReviewState.APPROVED
        assert zone.corrected[first.run_key].corrections == (later,)

    def test_restored_words_need_a_person(self) -> None:
        """However low the risk, which was measured without them, no rule lets them out."""
        segment = Segment(
            *("S1", "interviewer", "Was [Person 1] there?"),
            replacements=(Replacement(4, 14, "PERSON"),),
        )
        zone = MemoryZone([transcript(segments=(segment,))], mode=ReviewMode.AUTOMATIC)
        restored = Correction(CorrectionKind.RESTORE, 0, 4, 14, "", "Ahmad", "dr.lim", NOON)
        zone.put_corrections(STUDY, summary(zone), RunCorrections((restored,)))
        again(zone)
        outcome = ReviewDecider(zone, zone).apply_rule(NAME, "0" * 32)
        assert (outcome.carried, outcome.review.state) == (1, ReviewState.PENDING)

    def test_may_die_at_any_write(self) -> None:
        """Whatever write is the last, applying the rule again ends the same."""
        whole = self.corrected("recovery")
        again(whole)
        expected = ReviewDecider(whole, whole).apply_rule(NAME, "0" * 32)
        for writes in (0, 1):
            zone = self.corrected("recovery")
            again(zone)
            zone.dies_after = writes
            with pytest.raises(Died):
                ReviewDecider(zone, zone).apply_rule(NAME, "0" * 32)
            zone.dies_after = None
            assert ReviewDecider(zone, zone).apply_rule(NAME, "0" * 32) == expected


class TestContents:
    """What is read of the store."""

    def test_a_review_that_nobody_wrote_is_pending(self) -> None:
        """With the numbers of its run."""
        run = transcript(risk=0.2, threshold=0.1).summary
        found = StudyContents({run.recording_id: (run,)}, {}, ()).review(run)
        assert (found.state, found.decided_by) == (ReviewState.PENDING, "")
        assert (found.residual_risk, found.threshold) == (0.2, 0.1)
