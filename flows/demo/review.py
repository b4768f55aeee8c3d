# SPDX-License-Identifier: Apache-2.0
"""The person of the demonstration, who looks at what waits for review, corrects it and decides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flows.demo.checks import Check
from services.common import context
from services.common.client import Peers
from services.registry import identities
from services.release_client.review_places import find_words
from services.release_client.reviewing import Reading, Reviewing
from sotto.release.v1 import review_pb2
from sotto.storage.v1 import review_pb2 as stored_pb2

_RULE = "policy:"


@dataclass(frozen=True, slots=True)
class DemoReview:
    """How a transcript came to be approved.

    `was_read` is whether it waited for a person, who read it; `redactions` counts the places that
    the person had redacted, `spread` those among them that were found by coreference.
    """

    recording_id: str
    decided_by: str
    residual_risk: float
    threshold: float
    was_read: bool
    redactions: int
    spread: int

    @property
    def how(self) -> str:
        """What people read in the report."""
        if self.was_read:
            added = f", {self.redactions} places redacted" if self.redactions else ""
            return f"{self.decided_by}, who read it{added}"
        return f"{self.decided_by}, risk below {self.threshold:g}"


def review(reviewer: Peers, study: str, missed: Collection[str]) -> list[DemoReview]:
    """Read each transcript that waits, redact what the engine missed in it, and approve it.

    Returns how each transcript of the study was approved, also those that the rule did.
    """
    read: dict[str, Reading] = {}
    with context.acting(role=identities.REVIEWER, purpose="review"):
        reviewing = Reviewing(reviewer)
        for item in list(reviewing.items(study, stored_pb2.REVIEW_STATE_PENDING)):
            reading = reviewing.read(item.ref)
            redacted = [_redact(reviewing, reading, words) for words in missed]
            if any(redacted):
                # A decision names what was seen, so it is looked at again.
                reading = reviewing.read(item.ref)
            reviewing.decide(item.ref, reading.seen, review_pb2.DECISION_APPROVE, "")
            read[item.ref.recording_id] = reading
        return [_result(item, read.get(item.ref.recording_id)) for item in reviewing.items(study)]


def check_approvals(reviews: Sequence[DemoReview]) -> Check:
    """Check that the rule approved below its threshold alone, and a person read all the rest."""
    by_rule = [one for one in reviews if one.decided_by.startswith(_RULE)]
    by_person = [one for one in reviews if one.was_read]
    is_right = all(one.residual_risk < one.threshold for one in by_rule) and len(reviews) == len(
        by_rule
    ) + len(by_person)
    return Check(
        "approvals",
        bool(by_rule) and bool(by_person) and is_right,
        f"{len(by_rule)} by the rule of the policy, {len(by_person)} by a person who read them",
    )


def check_corrections(reviews: Sequence[DemoReview]) -> Check:
    """Check that a redaction which the person added was found elsewhere as well."""
    redactions = sum(one.redactions for one in reviews)
    spread = sum(one.spread for one in reviews)
    return Check(
        "a name that the engine missed",
        redactions > spread > 0,
        f"redacted in {redactions} places, in {spread} of them by coreference",
    )


def _redact(reviewing: Reviewing, reading: Reading, words: str) -> bool:
    """Redact words in the first segment that has them; return whether one has."""
    for segment in reading.segments:
        if words in segment.text.text:
            start, end = find_words(segment, words, 0)
            reviewing.add(
                review_pb2.AddCorrectionRequest(
                    ref=reading.item.ref,
                    run_key=reading.item.run_key,
                    kind=stored_pb2.CORRECTION_KIND_REDACT,
                    segment=segment.index,
                    start=start,
                    end=end,
                    entity_type="PERSON",
                )
            )
            return True
    return False


def _result(item: review_pb2.ReviewItem, reading: Reading | None) -> DemoReview:
    corrections = reading.corrections.corrections if reading else ()
    return DemoReview(
        recording_id=item.ref.recording_id,
        decided_by=item.review.decided_by,
        residual_risk=item.residual_risk,
        threshold=item.threshold,
        was_read=reading is not None,
        redactions=len(corrections),
        spread=sum(one.spread for one in corrections),
    )
