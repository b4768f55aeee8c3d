# SPDX-License-Identifier: Apache-2.0
"""What the domain needs from outside, as protocols that adapters fulfil."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from services.transcription.domain.audio import Samples


class AudioReader(Protocol):
    """A recording that can be read from the start as often as needed."""

    def blocks(self) -> Iterator[Samples]:
        """Yield blocks of shape (channels, n) at 16 kHz; the channel count never changes."""
        ...


class VoiceDetector(Protocol):
    """Voice activity of one channel, fed in order; keeps state between calls."""

    def feed(self, frames: Samples) -> npt.NDArray[np.float32]:
        """Return one speech probability for each whole 512-sample frame in `frames`."""
        ...


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word as the engine heard it; seconds from the start of the piece."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """A segment as the engine heard it; seconds from the start of the piece."""

    text: str
    start: float
    end: float
    words: tuple[SpokenWord, ...]
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What the engine made of one piece of audio."""

    language: str
    language_prob: float
    utterances: tuple[Utterance, ...]


class SpeechEngine(Protocol):
    """Speech to text for one bounded piece of mono audio; keeps no state between calls."""

    @property
    def piece_seconds(self) -> float:
        """The longest piece that the model hears at once."""
        ...

    def hear(self, audio: Samples) -> Heard:
        """Transcribe one piece."""
        ...
