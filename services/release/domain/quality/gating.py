# SPDX-License-Identifier: Apache-2.0
"""What a study's gate lets through to a release."""

from __future__ import annotations

from collections.abc import Sequence

from services.release.domain.approved import ApprovedInput
from services.release.domain.naming import LeftOut
from services.release.domain.quality.gate import Gate
from services.release.domain.quality.judging import stand
from services.release.domain.quality.round import Round
from services.release.domain.quality.statement import QualityStatement, earlier_rounds, stated

REASON = "quality"


def passes(one: Round, gate: Gate) -> bool:
    """Return whether a round is signed and meets a gate as it is now."""
    return one.signed is not None and not stand(one, gate).shortfalls


def covers(one: Round, item: ApprovedInput) -> bool:
    """Return whether an approved run is in the frame of a round, with these very corrections."""
    summary = item.summary
    return one.covers(summary.recording_id, summary.run_key, item.review.corrections_generation)


def through_gate(
    gate: Gate, inputs: Sequence[ApprovedInput], rounds: Sequence[Round]
) -> tuple[list[ApprovedInput], tuple[QualityStatement, ...], list[LeftOut]]:
    """Return the approved runs that passed a gate, what the rounds say of them, and the others."""
    passed = [one for one in rounds if passes(one, gate)]
    through: list[ApprovedInput] = []
    left_out: list[LeftOut] = []
    used: set[int] = set()
    for item in inputs:
        newest = max((one.number for one in passed if covers(one, item)), default=0)
        if newest:
            through.append(item)
            used.add(newest)
        else:
            left_out.append(LeftOut.of(item.summary, REASON))
    statements = tuple(
        stated(one, gate, earlier_rounds(rounds, one.number))
        for one in passed
        if one.number in used
    )
    return through, statements, left_out
