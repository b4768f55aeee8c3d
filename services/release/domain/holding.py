# SPDX-License-Identifier: Apache-2.0
"""Taking back what was decided on a run, because somebody changed something in it."""

from __future__ import annotations

from dataclasses import replace

from services.release.domain.ports import ReviewStore
from services.release.domain.reviews import Review, ReviewState
from services.release.domain.transcript import TranscriptSummary
from services.release.errors import ReviewChanged

_TRIES = 5  # others may decide meanwhile; none of them decides that often


def hold(
    store: ReviewStore, study_id: str, summary: TranscriptSummary, generation: int, person: str
) -> None:
    """Have a run wait for review, with the generation of its corrections and who changed them.

    Raises ReviewChanged when others decided again and again.
    """
    review = Review(
        summary.run_key,
        ReviewState.PENDING,
        person,
        residual_risk=summary.residual_risk,
        threshold=summary.threshold,
        corrections_generation=generation,
    )
    for tries_left in reversed(range(_TRIES)):
        before = store.review(study_id, summary) or Review(summary.run_key)
        try:
            store.put_review(study_id, summary, replace(review, generation=before.generation))
        except ReviewChanged:
            if not tries_left:
                raise
        else:
            return
