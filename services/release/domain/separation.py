# SPDX-License-Identifier: Apache-2.0
"""Keeps apart who writes a study's policy and who decides what it let through."""

from __future__ import annotations

from services.release.domain.ports import Study
from services.release.domain.transcript import TranscriptSummary
from services.release.errors import ChangedThePolicy


def refuse_changers(study: Study, summary: TranscriptSummary, person: str) -> None:
    """Refuse whoever changed the policy or the review of a study, as either zone has noted it.

    The study's own list is that of the research zone; a run names those whom the clinical zone knew
    when it was made, so that a policy which was written there alone passes nobody by. Raises
    ChangedThePolicy.
    """
    if person in study.policy_changed_by or person in summary.policy_changed_by:
        raise ChangedThePolicy(
            f"{person} changed the policy or the review of {study.study_id}, and neither corrects"
            " nor approves in that study; another reviewer of the study does, with: sotto review"
            f" show {summary.recording_id} --study {study.study_id}"
        )


def refuse_changer(study: Study, person: str) -> None:
    """Refuse whoever changed the policy, the review or the gate of a study; raises as above."""
    if person in study.policy_changed_by:
        raise ChangedThePolicy(
            f"{person} changed the policy, the review or the gate of {study.study_id}, and vouches"
            " for nothing in that study; another reviewer of the study does"
        )
