# SPDX-License-Identifier: Apache-2.0
"""Values of a transcript: words, segments, and the evidence for and against each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Role(StrEnum):
    """What a speaker does in the interview."""

    UNKNOWN = ""
    INTERVIEWER = "interviewer"
    PARTICIPANT = "participant"


class Doubt(StrEnum):
    """Why a person should listen to a segment again."""

    LOW_PROBABILITY = "low_probability"
    LIKELY_SILENCE = "likely_silence"
    COMPRESSIBLE = "compressible"
    REPETITION = "repetition"
    TOO_FAST = "too_fast"
    OUTSIDE_SPEECH = "outside_speech"
    STOCK_PHRASE = "stock_phrase"
    LANGUAGE = "language"
    INAUDIBLE = "inaudible"


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its place in the recording; times in milliseconds, probability in [0, 1].

    `doubtful`: it is likely to be wrong, by what is known of the model.
    """

    text: str
    start_ms: int
    end_ms: int
    probability: float
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Numbers by which a reviewer can distinguish speech from hallucination.

    `avg_logprob` is the mean natural log probability of the tokens, `no_speech_prob` the model's
    own opinion that nobody speaks, `compression_ratio` bytes over zlib bytes of the decoded
    piece, `speech_share` the part of the segment that voice detection calls speech,
    `repetition` the part of the words that repeat what has just been said,
    `chars_per_second` the speed of talking, `language_prob` the certainty of the language.
    """

    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    speech_share: float
    repetition: float
    chars_per_second: float
    language_prob: float
    doubts: tuple[Doubt, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether any measure is out of its range."""
        return bool(self.doubts)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech by one speaker.

    `index` counts from 0 over the whole transcript. Times are milliseconds from the start of the
    recording; both are None where a transcript made elsewhere has none. `language` is a
    two-letter code or "" when it was not determined.
    """

    index: int
    speaker: str
    role: Role
    text: str
    start_ms: int | None = None
    end_ms: int | None = None
    words: tuple[Word, ...] = ()
    language: str = ""
    evidence: Evidence | None = None

    @property
    def is_inaudible(self) -> bool:
        """Whether it stands for speech in which no words were understood."""
        return self.evidence is not None and Doubt.INAUDIBLE in self.evidence.doubts

    def numbered(self, index: int) -> Segment:
        """Return the same segment under another index."""
        return replace(self, index=index)
