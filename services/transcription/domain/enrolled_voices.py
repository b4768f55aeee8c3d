# SPDX-License-Identifier: Apache-2.0
"""Interviewers known by their voices: who of a recording's speakers is one of them.

One clip does not tell one voice from all others, so that a likeness counts only where it is high
and clearly higher than that of everybody else in the recording. Otherwise nobody is taken for the
interviewer, which is a doubt of the recording, and other rules decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.transcription.domain.audio import SampleRange, Samples
from services.transcription.domain.transcript import Role

COMPARED_BY = "1"
"""To be counted up whenever the same clips and recording would give other roles: what is compared,
and both limits."""

LIKENESS = 0.86
"""Cosine of the embeddings of clip and speaker from which it may be one voice. From 0.82 on, with
the margin, no speaker was taken for the other one on the half of the voices that
`benchmarks/enrolled_voices.py` picks limits on, and strangers in less than 2 % of the interviews;
two voices of the demonstration, which are two people, have 0.84."""

MARGIN = 0.15
"""How much more alike it is than every other speaker of the recording."""

Likeness = npt.NDArray[np.float32]

Compare = Callable[[Iterable[Samples], Sequence[Sequence[SampleRange]]], Likeness]
"""Returns the likeness of each enrolled voice and each speaker, shape (voices, speakers). It gets
blocks with a row for each speaker, and where each of them speaks."""


@dataclass(frozen=True, slots=True)
class EnrolledVoice:
    """A voice of the study's staff; `clip_sha256`, in hexadecimal, tells its clip from others."""

    person: str
    clip_sha256: str


@dataclass(frozen=True, slots=True)
class VoiceMatch:
    """Which of a recording's speakers, numbered from 0, have the voice of an interviewer."""

    interviewers: frozenset[int] = frozenset()

    @classmethod
    def of(cls, likeness: Likeness) -> VoiceMatch:
        """Return who is matched; `likeness` has the shape (voices, speakers)."""
        found = set()
        for voice in likeness:
            best = int(np.argmax(voice))
            others = np.delete(voice, best)
            next_best = float(others.max()) if len(others) else -1.0
            if voice[best] >= LIKENESS and voice[best] - next_best >= MARGIN:
                found.add(best)
        return cls(frozenset(found))

    def roles(self, count: int) -> tuple[Role, ...]:
        """Return the roles of so many speakers; of two, the one who is not matched takes part."""
        other = Role.PARTICIPANT if count == 2 else Role.UNKNOWN
        return tuple(
            Role.INTERVIEWER if index in self.interviewers else other for index in range(count)
        )
