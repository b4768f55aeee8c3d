# SPDX-License-Identifier: Apache-2.0
"""What the domain needs from outside, as protocols that adapters implement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from services.transcription.domain.audio import SampleRange, Samples
from services.transcription.domain.enrolled_voices import EnrolledVoice
from services.transcription.domain.hotwords import StudyContext
from services.transcription.domain.reading import Reading, ReadingOptions
from services.transcription.domain.spoken import Language
from services.transcription.domain.transcript import Segment


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


class LoadedEngine(SpeechEngine, Protocol):
    """A speech engine that can be adapted to a study."""

    def for_study(self, languages: Sequence[str], hotwords: str = "") -> LoadedEngine:
        """Return the same model for these languages and names."""
        ...


@dataclass(frozen=True, slots=True)
class RecordingIdentity:
    """What decides the run of a recording besides study and engine."""

    recording_id: str
    is_transcript: bool
    content_sha256: bytes
    reading: ReadingOptions = field(default_factory=ReadingOptions)


@dataclass(frozen=True, slots=True)
class RecordingContent:
    """A recording as the store sends it; `chunks` raises unless every byte was verified."""

    file_name: str
    chunks: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class ManifestFields:
    """Fields of the manifest besides the hashes and counts that the adapter keeps itself."""

    duration_ms: int
    provenance: dict[str, str]
    words: int
    speakers: int
    doubtful_segments: int
    doubtful_words: int
    doubts: dict[str, int]
    """Number of segments by the reason of a doubt; and, of the recording itself, the kinds of
    `RECORDING_DOUBTS`.
    """
    invented: bool = False
    """Whether a demo model wrote it, from a recording that it does not know."""
    reading: Reading | None = None
    """What was found in a transcript made elsewhere."""


class Run(Protocol):
    """One run in the store; windows are read or written in order, each exactly once."""

    def finished(self) -> int | None:
        """Return the number of segments of a run that was finished before, else None."""
        ...

    def select(self) -> None:
        """Make a run that was finished before the newest one."""
        ...

    def stored(self) -> int:
        """Return how many windows, from the first on, are stored already."""
        ...

    def read(self, index: int) -> Sequence[Segment]:
        """Return a stored window."""
        ...

    def write(self, index: int, segments: Sequence[Segment]) -> None:
        """Store a window."""
        ...

    def commit(self, fields: ManifestFields) -> None:
        """Write the manifest."""
        ...


class SourceRecording(Protocol):
    """A sealed recording, with its study and the place of its runs."""

    @property
    def identity(self) -> RecordingIdentity:
        """What decides its run besides study and engine."""
        ...

    @property
    def study(self) -> StudyContext:
        """What the speech model needs to know of the study."""
        ...

    def open(self) -> AbstractContextManager[RecordingContent]:
        """Begin to read it; leaving the context ends the download."""
        ...

    def voice(self, voice: EnrolledVoice) -> bytes:
        """Return the clip of one of the study's voices; raises NotFound and Conflict where it was
        deleted or replaced since the study was read.
        """
        ...

    def run_key(self, digest: bytes) -> str:
        """Return the key of the run whose inputs have this digest (32 bytes)."""
        ...

    def run(self, key: str) -> Run:
        """Open a run by its key."""
        ...
