# SPDX-License-Identifier: Apache-2.0
"""Deciding on a run that was read, and the rule that may decide without a person."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.release.domain.carrying import CorrectionCarrier
from services.release.domain.ports import ResearchZone, ReviewStore
from services.release.domain.reviews import (
    Review,
    ReviewState,
    by_rule,
    in_force,
)
from services.release.domain.separation import refuse_changers
from services.release.domain.transcript import RecordingName, TranscriptSummary
from services.release.errors import ReasonMissing, ReviewChanged


@dataclass(frozen=True)
class Decision:
    """A person's decision, and what was read before it.

    `corrections_generation` and `review_generation` are those that were shown with the run, and
    `with_sound` is whether its sound was said to be released with it; None where that was not said.
    """

    run_key: str
    state: ReviewState
    person: str
    reason: str
    corrections_generation: int
    review_generation: int
    with_sound: bool | None = None


@dataclass(frozen=True)
class RuleOutcome:
    """What the rule left: the review, and how corrections of an earlier run fared."""

    review: Review
    carried: int
    lost: int


class ReviewDecider:
    """Approves and rejects runs."""

    def __init__(self, zone: ResearchZone, store: ReviewStore) -> None:
        self._zone = zone
        self._store = store
        self._carrier = CorrectionCarrier(zone, store)

    def decide(self, name: RecordingName, decision: Decision) -> tuple[Review, bool]:
        """Keep a person's decision; True when the same person had decided the same before.

        Raises ReasonMissing, NoSuchTranscript, TranscriptMadeAnew, ChangedThePolicy, and
        ReviewChanged when somebody decided or corrected since the run was read, or the study
        releases sound since, or no more, of what is approved.
        """
        if decision.state is ReviewState.REJECTED and not decision.reason.strip():
            raise ReasonMissing("a rejection needs a reason, for whoever looks at it next")
        contents = self._zone.contents_of(name)
        summary = contents.newest_run(name.recording_id, decision.run_key)
        study = self._zone.study(name.study_id)
        if decision.state is ReviewState.APPROVED:
            refuse_changers(study, summary, decision.person)
            if decision.with_sound not in (None, study.has_sound):
                turned = "on" if study.has_sound else "off"
                raise _changed(name.recording_id, f"turned the sound of its releases {turned}")
        before = self._store.review(name.study_id, summary) or contents.review(summary)
        there = self._carrier.corrections(name, summary, contents)
        if there.generation != decision.corrections_generation:
            raise _changed(name.recording_id, "corrected it or an earlier run")
        if _same(before, decision) and before.with_sound is study.has_sound:
            return before, True
        if before.generation != decision.review_generation:
            raise _changed(name.recording_id, "decided on it")
        review = Review(
            summary.run_key,
            decision.state,
            decision.person,
            residual_risk=summary.residual_risk,
            threshold=summary.threshold,
            reason=decision.reason,
            corrections_generation=decision.corrections_generation,
            generation=before.generation,
            with_sound=study.has_sound,
        )
        stored = self._store.put_review(name.study_id, summary, review)
        if self._corrected_since(name, summary, decision):
            # Whoever corrected meanwhile may have looked before this decision was there.
            self._store.put_review(
                name.study_id, summary, replace(stored, state=ReviewState.PENDING)
            )
            raise _changed(name.recording_id, "corrected it")
        return stored, False

    def apply_rule(self, name: RecordingName, run_key: str) -> RuleOutcome:
        """Apply the rule of the study to a run, and take over what was corrected in the run before.

        May be repeated. What a person decided stays. Raises NoSuchTranscript.
        """
        study = self._zone.study(name.study_id)
        contents = self._zone.contents_of(name)
        summary = contents.run(name.recording_id, run_key)
        before = contents.review(summary)
        corrections = self._carrier.corrections(name, summary, contents)
        review = in_force(before, corrections, study.review)
        if not before.decided_by or before.is_by_rule:
            policy, runs = summary.policy or study.policy, contents.runs[name.recording_id]
            said = by_rule(
                study.review, policy, summary, corrections, runs, with_sound=study.has_sound
            )
            if replace(said, decided_at=before.decided_at, generation=before.generation) != before:
                said = replace(said, generation=before.generation)
                review = self._store.put_review(name.study_id, summary, said)
        elif review.state is not before.state:
            # A person approved it without corrections that came since.
            waits = replace(review, corrections_generation=corrections.generation)
            review = self._store.put_review(name.study_id, summary, waits)
        return RuleOutcome(review, corrections.carried_count, corrections.lost_count)

    def _corrected_since(
        self, name: RecordingName, summary: TranscriptSummary, decision: Decision
    ) -> bool:
        now = self._store.corrections(name.study_id, summary).generation
        return now != decision.corrections_generation


def _same(review: Review, decision: Decision) -> bool:
    """Return whether a review is this very decision, whose answer may have been lost."""
    return (
        review.state,
        review.decided_by,
        review.reason,
        review.corrections_generation,
    ) == (
        decision.state,
        decision.person,
        decision.reason,
        decision.corrections_generation,
    )


def _changed(recording_id: str, what: str) -> ReviewChanged:
    return ReviewChanged(
        f"somebody {what} since {recording_id} was read; look at it again with:"
        f" sotto review show {recording_id}"
    )
