# SPDX-License-Identifier: Apache-2.0
"""What the domain needs from outside, as protocols that adapters implement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from services.transcription.domain.audio import SampleRange, Samples
from services.transcription.domain.spoken import Language


class AudioReader(Protocol):
    """A recording that can be read from the start as often as needed."""

    @property
    def bad_packets(self) -> int:
        """Places where the last reading lost sound to damage; known once it is through."""
        ...

    @property
    def cut_short(self) -> bool:
        """Whether it ended before its header says, where that is accepted; known as the above."""
        ...

    def blocks(self) -> Iterator[Samples]:
        """Yield blocks of shape (channels, n) at 16 kHz; the channel count never changes."""
        ...


class VoiceDetector(Protocol):
    """Voice activity detection for one channel, fed in order; keeps state between calls."""

    def feed(self, frames: Samples) -> npt.NDArray[np.float32]:
        """Return one speech probability for each whole 512-sample frame in `frames`."""
        ...


@dataclass(frozen=True, slots=True)
class LabelledSpan:
    """A stretch of speech by one speaker; speakers are numbered from 0 as they appear."""

    span: SampleRange
    speaker: int


class Diarizer(Protocol):
    """Speaker diarization of one recording, with any number of speakers."""

    def diarize(
        self, mix: Iterable[Samples], regions: Sequence[SampleRange], speakers: int
    ) -> Sequence[LabelledSpan]:
        """Return who speaks in the regions of speech of a recording.

        `mix` is its sound as blocks of one channel, in order; `speakers` is how many people speak,
        0 where nobody knows. The spans are in order, do not overlap, lie inside the regions and
        together cover them. All belong to speaker 0 where the speakers cannot be separated.
        """
        ...


@dataclass(frozen=True, slots=True)
class AsrWord:
    """A word as the engine recognised it; seconds from the start of the piece."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True, slots=True)
class AsrSegment:
    """A segment as the engine recognised it; seconds from the start of the piece."""

    text: str
    start: float
    end: float
    words: tuple[AsrWord, ...]
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float


@dataclass(frozen=True, slots=True)
class AsrResult:
    """What the engine recognised in one piece of audio."""

    language: str
    language_prob: float
    segments: tuple[AsrSegment, ...]


class SpeechEngine(Protocol):
    """Speech recognition (ASR) of one bounded piece of mono audio; no state between calls."""

    @property
    def at_once(self) -> int:
        """How many threads may call at a time; what is written depends on it in nothing."""
        ...

    def language(self, audio: Samples, usual: Mapping[str, float]) -> Language:
        """Return the language of a region of speech; `usual` are shares of the words so far."""
        ...

    def transcribe(self, audio: Samples, language: Language, *, split: bool = False) -> AsrResult:
        """Transcribe one piece, all of which is in one language.

        `split`: it is one of several that a piece was split into by language, so that it may cost
        no more than its share.
        """
        ...
