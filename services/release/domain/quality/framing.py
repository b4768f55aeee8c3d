# SPDX-License-Identifier: Apache-2.0
"""What a round is drawn from, and the draw: nobody chooses either."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.release.domain.approved import ApprovedInput
from services.release.domain.ports import ResearchZone
from services.release.domain.quality.bounds import sample_for
from services.release.domain.quality.drawing import Position, drawn_until, frame_digest, order
from services.release.domain.quality.gate import Gate
from services.release.domain.quality.passages import ApprovedRun
from services.release.domain.quality.round import FramedRun, Passage

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Frame:
    """The frame of a round before it is drawn from.

    `doubts` are the weights of the segments with doubtful places, which are the census; `risks` the
    residual risk of each recording.
    """

    study_id: str
    number: int
    gate: Gate
    runs: tuple[FramedRun, ...]
    doubts: Mapping[Position, float]
    risks: Mapping[str, float]

    @property
    def sha256(self) -> str:
        """The digest that the audit log has before the draw."""
        return frame_digest(one.drawn_from for one in self.runs)


def framed(
    zone: ResearchZone, study_id: str, number: int, gate: Gate, inputs: Sequence[ApprovedInput]
) -> Frame:
    """Read the approved runs, and return the frame over them; their words are let go."""
    runs: list[FramedRun] = []
    doubts: dict[Position, float] = {}
    for one in sorted(inputs, key=lambda item: item.summary.recording_id):
        summary = one.summary
        text = ApprovedRun(one, zone.segments(study_id, summary))
        runs.append(
            FramedRun(
                recording_id=summary.recording_id,
                participant=summary.participant,
                session=summary.session,
                run_key=summary.run_key,
                corrections_generation=one.review.corrections_generation,
                segments=text.count,
                text_sha256=text.sha256,
            )
        )
        doubts |= {(summary.recording_id, at): weight for at, weight in text.doubts().items()}
    risks = {one.summary.recording_id: one.summary.residual_risk for one in inputs}
    return Frame(study_id, number, gate, tuple(runs), doubts, risks)


def drawn(frame: Frame, seed: str) -> tuple[int, tuple[Passage, ...]]:
    """Draw from a frame; return how many segments the draw took, and all passages to read.

    The passages stand in the order of the draw, the census among them, so that their order tells
    nobody which they are.
    """
    ordered = order([one.drawn_from for one in frame.runs], seed)
    census = set(frame.doubts)
    gate = frame.gate
    rest = len(ordered) - len(census)
    if gate.bound is not None:
        wanted = sample_for(rest, math.floor(gate.bound * len(ordered) + _ROUNDING), gate.alpha)
    else:
        wanted = min(gate.sample or 0, rest)
    count = drawn_until(ordered, census, wanted)
    sample = set(ordered[:count])
    taken = [one for one in ordered if one in sample or one in census]
    second = set(_riskiest(frame, taken))
    places = {one.recording_id: at for at, one in enumerate(frame.runs)}
    return count, tuple(
        Passage(
            recording=places[one[0]], segment=one[1], census=one in census, second=one in second
        )
        for one in taken
    )


def _riskiest(frame: Frame, taken: Sequence[Position]) -> list[Position]:
    """Return the passages for a second reader: those of the highest risk.

    That is the weight of a passage's doubtful places and then the risk of its transcript; among
    equals the draw decides.
    """
    count = math.ceil(frame.gate.second_reader * len(taken) - _ROUNDING)
    by_risk = sorted(taken, key=lambda one: (-frame.doubts.get(one, 0.0), -frame.risks[one[0]]))
    return by_risk[:count]
