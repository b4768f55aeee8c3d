# SPDX-License-Identifier: Apache-2.0
"""The review of a run, and the rule that may approve one without a person."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.corrections.model import RunCorrections
from services.release.domain.transcript import TranscriptSummary
from services.release.errors import NoSuchTranscript, TranscriptMadeAnew

_RULE = "policy:"


class ReviewMode(enum.Enum):
    """Whether a person approves every transcript of a study, or a rule those below a threshold."""

    REQUIRED = "required"
    AUTOMATIC = "automatic"


class ReviewState(enum.Enum):
    """Where the review of a run stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Review:
    """The newest word on a run.

    `decided_by` is an account name, `policy:<name>` or empty where nobody decided yet.
    `corrections_generation` is that of the corrections that were read, `generation` the record's
    own, 0 where there is none. `with_sound`: the study released sound when it was decided, and so
    whoever decided said it of the sound too.
    """

    run_key: str
    state: ReviewState = ReviewState.PENDING
    decided_by: str = ""
    decided_at: datetime | None = None
    residual_risk: float = 0.0
    threshold: float = 0.0
    reason: str = ""
    corrections_generation: int = 0
    generation: int = 0
    with_sound: bool = False

    @property
    def is_by_rule(self) -> bool:
        """Whether a policy's rule decided, not a person."""
        return self.decided_by.startswith(_RULE)


@dataclass(frozen=True)
class StudyContents:
    """What the research zone holds of a study, or of one recording of it.

    `runs` maps each readable recording id to its finished runs, oldest first; `reviews` maps
    recording id and key of a run to its review, where it has one; `withdrawn` are the codes of
    participants whose data were erased, `audio_deleted` the ids of recordings whose sound was
    deleted from releases, with their content.
    """

    runs: Mapping[str, tuple[TranscriptSummary, ...]]
    reviews: Mapping[tuple[str, str], Review]
    withdrawn: tuple[str, ...]
    audio_deleted: frozenset[str] = frozenset()

    @property
    def newest(self) -> list[TranscriptSummary]:
        """The newest run of each recording that has one."""
        return [runs[-1] for runs in self.runs.values() if runs]

    def review(self, summary: TranscriptSummary) -> Review:
        """Return the review of a run; pending where nobody decided yet."""
        found = self.reviews.get((summary.recording_id, summary.run_key))
        return found or Review(
            summary.run_key, residual_risk=summary.residual_risk, threshold=summary.threshold
        )

    def run(self, recording_id: str, run_key: str = "") -> TranscriptSummary:
        """Return a run of a recording, the newest by default; raises NoSuchTranscript."""
        for summary in reversed(self.runs.get(recording_id, ())):
            if run_key in {"", summary.run_key}:
                return summary
        what = f"of run {run_key}" if run_key else "yet"
        raise NoSuchTranscript(
            f"{recording_id} has no finished de-identified transcript {what};"
            " see: sotto recordings list"
        )

    def newest_run(self, recording_id: str, run_key: str) -> TranscriptSummary:
        """Return a run that is the newest of its recording.

        Raises NoSuchTranscript, and TranscriptMadeAnew when there is a newer one.
        """
        summary = self.run(recording_id, run_key)
        if summary != self.run(recording_id):
            raise TranscriptMadeAnew(
                f"{recording_id} was made anew after run {run_key}; look at the new transcript"
                f" with: sotto review show {recording_id}"
            )
        return summary


def in_force(review: Review, corrections: RunCorrections, mode: ReviewMode) -> Review:
    """Return the review as it counts: an approval holds for the corrections that were read.

    Whoever corrects and whoever approves write two records, and may be interrupted in between. A
    rule's approval holds as long as the study lets rules approve, also before it is applied again.
    """
    overtaken = review.corrections_generation != corrections.generation
    needs_person = review.is_by_rule and mode is ReviewMode.REQUIRED
    if review.state is ReviewState.APPROVED and (overtaken or needs_person):
        return replace(review, state=ReviewState.PENDING)
    return review


def by_rule(
    mode: ReviewMode,
    policy: str,
    summary: TranscriptSummary,
    corrections: RunCorrections,
    runs: Sequence[TranscriptSummary],
    *,
    with_sound: bool = False,
) -> Review:
    """Return what the rule says about a run; `runs` are all of the recording.

    `with_sound`: the study releases sound.

    It approves where the study lets it, the residual risk is below the policy's threshold, and no
    correction of an earlier run, of a place or a role, was lost; everything else waits for a
    person. So do restored words and new wordings: the risk is that of the run without them. So do
    replacements that another policy made.
    """
    restored = any(one.kind.leaves_words for one in corrections.corrections)
    alike = {one.run_key for one in runs if one.policy_version == summary.policy_version}
    made_elsewhere = {one.carried_from for one in corrections.corrections} - {"", *alike}
    approves = (
        mode is ReviewMode.AUTOMATIC
        and summary.residual_risk < summary.threshold
        and not corrections.lost_count
        and not restored
        and not made_elsewhere
    )
    return Review(
        summary.run_key,
        ReviewState.APPROVED if approves else ReviewState.PENDING,
        f"{_RULE}{policy}",
        residual_risk=summary.residual_risk,
        threshold=summary.threshold,
        corrections_generation=corrections.generation,
        with_sound=with_sound,
    )


@dataclass(frozen=True)
class ReviewItem:
    """A transcript and its review, as it is listed.

    `approved_before` is the key of an earlier run of the recording that was approved, or empty.
    `with_sound`: the study releases the sound of what is approved.
    """

    study_id: str
    summary: TranscriptSummary
    review: Review
    corrections: int
    lost_corrections: int
    approved_before: str
    with_sound: bool = False

    @property
    def order(self) -> tuple[int, float, str, str]:
        """Its place in the list: those that wait first, and of them the highest risk."""
        rank = [ReviewState.PENDING, ReviewState.REJECTED, ReviewState.APPROVED]
        return (
            rank.index(self.review.state),
            -self.summary.residual_risk,
            self.study_id,
            self.summary.recording_id,
        )


def approved_before(runs: Sequence[TranscriptSummary], contents: StudyContents) -> str:
    """Return the key of the newest run but the last that was approved, or an empty string."""
    for summary in reversed(runs[:-1]):
        if contents.review(summary).state is ReviewState.APPROVED:
            return summary.run_key
    return ""
