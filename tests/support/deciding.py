# SPDX-License-Identifier: Apache-2.0
"""One transcript under review: its newest run, decisions on it, and a run that is made anew."""

from __future__ import annotations

from dataclasses import replace

from services.corrections.model import Correction, CorrectionKind
from services.release.domain.deciding import Decision
from services.release.domain.reviews import ReviewState
from services.release.domain.transcript import RecordingName, Segment, Transcript, TranscriptSummary
from tests.support.memory_zone import MemoryZone
from tests.support.release_builders import NOON, STUDY, recording_id

NAME = RecordingName(STUDY, "P07", recording_id(0))
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


RULE = "policy:research-default"
