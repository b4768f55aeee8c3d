# SPDX-License-Identifier: Apache-2.0
"""Which runs of a study are approved as they are now, and why the others are not."""

from __future__ import annotations

from dataclasses import replace

from services.release.domain.approved import ApprovedInput
from services.release.domain.carrying import CorrectionCarrier
from services.release.domain.naming import LeftOut
from services.release.domain.ports import ResearchZone, ReviewStore, Study
from services.release.domain.reviews import ReviewState, StudyContents, in_force


def approved_runs(
    zone: ResearchZone, store: ReviewStore, study: Study, contents: StudyContents
) -> tuple[list[ApprovedInput], list[LeftOut]]:
    """Return the newest runs that are approved with the corrections that they have, and the others.

    An approval does not count while corrections of another run are still to come to it.
    """
    carrier = CorrectionCarrier(zone, store)
    inputs: list[ApprovedInput] = []
    left_out: list[LeftOut] = []
    for summary in contents.newest:
        review = contents.review(summary)
        if review.state is ReviewState.APPROVED:
            corrections = store.corrections(study.study_id, summary)
            review = in_force(review, corrections, study.review)
            if carrier.are_left(study.study_id, summary, review, contents):
                review = replace(review, state=ReviewState.PENDING)
            if review.state is ReviewState.APPROVED:
                inputs.append(
                    ApprovedInput(summary, review, corrections.corrections, corrections.roles)
                )
                continue
        left_out.append(LeftOut.of(summary, review.state.value))
    return inputs, left_out
