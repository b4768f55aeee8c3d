# SPDX-License-Identifier: Apache-2.0
"""Who spoke when: the diarization error rate and its parts, by stretch; pyannote.metrics counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate
from pyannote.metrics.identification import IdentificationErrorRate

from services.transcription.evaluation.utterances import Utterance

_STRETCH = 30.0
"""Seconds that are counted together: errors of neighbours hang together."""


@dataclass(frozen=True, slots=True)
class SpeakerTimes:
    """Seconds of a stretch: of speech in the reference, by speaker; missed, added, confused."""

    speech: float
    missed: float
    false_alarm: float
    confusion: float


def speaker_times(
    reference: Sequence[Utterance], heard: Sequence[Utterance], collar: float
) -> list[SpeakerTimes]:
    """Return the parts of the diarization error rate of each stretch of 30 s.

    Speakers are mapped once, over the whole recording, as to err least. Overlapping speech counts.
    `collar`: seconds at each side of a boundary of the reference that are not scored.
    """
    end = max(one.end or 0.0 for one in (*reference, *heard))
    whole = Timeline([Segment(0.0, max(end, 1.0))])
    said, got = _annotation(reference), _annotation(heard)
    # pyannote's collar is the whole of both sides.
    mapping = DiarizationErrorRate(collar=2 * collar).optimal_mapping(said, got, uem=whole)
    # Speakers of the transcript without a counterpart must not be taken for ones of the reference.
    names = {label: mapping.get(label, f"\0{label}") for label in got.labels()}
    mapped = got.rename_labels(mapping=names)
    measure = IdentificationErrorRate(collar=2 * collar)
    found = []
    for index in range(max(1, math.ceil(end / _STRETCH))):
        stretch = Segment(index * _STRETCH, min((index + 1) * _STRETCH, max(end, 1.0)))
        parts = measure(said, mapped, uem=Timeline([stretch]), detailed=True)
        found.append(
            SpeakerTimes(
                float(parts["total"]),
                float(parts["missed detection"]),
                float(parts["false alarm"]),
                float(parts["confusion"]),
            )
        )
    return found


def _annotation(utterances: Sequence[Utterance]) -> Annotation:
    made = Annotation()
    for track, one in enumerate(utterances):
        span = Segment(one.start or 0.0, one.end or 0.0)
        if span:
            made[span, track] = one.speaker or "?"
    return made.support()
