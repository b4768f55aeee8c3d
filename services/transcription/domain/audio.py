# SPDX-License-Identifier: Apache-2.0
"""Units of sound: one sample rate, fixed frames, ranges in samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16_000
"""Samples a second of all audio behind the decoder; what Whisper and Silero are trained on."""

FRAME = 512
"""Samples in one voice detection frame (32 ms at 16 kHz), fixed by the Silero model."""

Samples: TypeAlias = npt.NDArray[np.float32]
"""Mono audio, shape (samples,), or a block of channels, shape (channels, samples), in [-1, 1]."""


@dataclass(frozen=True, slots=True, order=True)
class SampleRange:
    """A half-open range [start, end) in samples at `SAMPLE_RATE`."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    @property
    def start_ms(self) -> int:
        """Start in whole milliseconds."""
        return milliseconds(self.start)

    @property
    def end_ms(self) -> int:
        """End in whole milliseconds."""
        return milliseconds(self.end)

    def overlap(self, other: SampleRange) -> int:
        """Return how many samples both spans share, 0 if none."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))


def milliseconds(samples: int) -> int:
    """Whole milliseconds of a number of samples, rounded down."""
    return samples * 1000 // SAMPLE_RATE


def samples(seconds: float) -> int:
    """Return how many samples are in a number of seconds, rounded to the nearest."""
    return round(seconds * SAMPLE_RATE)
