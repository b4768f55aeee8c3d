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
from services.release.domain.deciding import ReviewDecider
from services.release.domain.ports import RedactedPlace
from services.release.domain.reviews import ReviewMode, ReviewState
from services.release.domain.transcript import Segment, Transcript
from services.release.errors import (
    ReviewChanged,
)
from tests.support.deciding import NAME, ONE, again, decision, summary
from tests.support.memory_zone import Died, MemoryZone
from tests.support.release_builders import NOON, STUDY, transcript

PLACE = RedactedPlace(0, 0, 4, "[x]")


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
