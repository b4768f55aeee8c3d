# SPDX-License-Identifier: Apache-2.0
"""Approval of transcripts for release."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.release.domain.transcript import TranscriptSummary
from services.release.errors import NotApproved

_NAMED_AT_MOST = 20


class ReviewMode(enum.Enum):
    """Whether a person approves a study's transcripts, or its policy does."""

    REQUIRED = "required"
    AUTOMATIC = "automatic"


@dataclass(frozen=True)
class Approval:
    """One approval of one run; `approver` is an account name or `policy:<name>`."""

    run_key: str
    approver: str
    time: datetime


def approved(summary: TranscriptSummary, approvals: Sequence[Approval]) -> Approval | None:
    """Return the first approval of exactly this run, if any: a new run needs a new approval."""
    return next((one for one in approvals if one.run_key == summary.run_key), None)


def refuse_unapproved(study_id: str, recording_ids: Sequence[str]) -> None:
    """Raise NotApproved when any recording is pending; the message says which and what to do."""
    if not recording_ids:
        return
    named = ", ".join(recording_ids[:_NAMED_AT_MOST])
    more = len(recording_ids) - _NAMED_AT_MOST
    rest = f" and {more} more" if more > 0 else ""
    raise NotApproved(
        f"transcripts of {study_id} that wait for approval: {named}{rest};"
        " approve them after reading, or all at once with: sotto release build --approve"
    )
