# SPDX-License-Identifier: Apache-2.0
"""Values that pass through the engine: turns, findings, and one text made of many turns."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AsrWord:
    """A word of the speech recogniser: code points of its turn, probability from 0 to 1, times in
    ms of the recording; `doubtful` where it is likely to be wrong, by what is known of the model.
    """

    start: int
    end: int
    probability: float
    doubtful: bool = False
    start_ms: int = 0
    end_ms: int = 0

    def below(self, probability: float) -> bool:
        """Return whether its probability is lower than that."""
        return self.probability < probability


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of talk; `role` is interviewer, participant, or empty when not known. `asr_words`
    are the words of a speech recogniser, in order; none for transcripts made elsewhere.
    """

    text: str
    speaker: str = ""
    role: str = ""
    asr_words: tuple[AsrWord, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """A whole interview; `participant` is the code that its pseudonyms are made from (may be
    empty).
    """

    turns: tuple[Turn, ...]
    participant: str = ""

    @property
    def words(self) -> int:
        """Words by white space, the unit of the figures that are reported."""
        return sum(len(turn.text.split()) for turn in self.turns)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """An identifier in one turn; offsets are code points of that turn's text, end exclusive. `cut`
    where it goes on in another turn, so that it is not the whole of what was said.
    """

    turn: int
    start: int
    end: int
    entity_type: str
    score: float
    source: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Redaction:
    """A replacement: code points of the ORIGINAL turn, and the text that is there now. `doubtful`
    where its score is so low that a reviewer may restore what it stands for.
    """

    turn: int
    start: int
    end: int
    entity_type: str
    replacement: str
    score: float
    source: str
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """An identifier in a joined text; offsets are code points, end exclusive, newlines may lie
    inside.
    """

    start: int
    end: int
    entity_type: str
    score: float
    source: str = ""


@dataclass(frozen=True)
class Joined:
    """Turns joined by newlines into one text, with the way back to turn offsets."""

    text: str
    starts: tuple[int, ...]
    lengths: tuple[int, ...]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Joined:
        """Return texts joined by newlines; a text may have several lines."""
        starts: list[int] = []
        at = 0
        for text in texts:
            starts.append(at)
            at += len(text) + 1
        return cls("\n".join(texts), tuple(starts), tuple(len(t) for t in texts))

    def findings(self, spans: Iterable[Span]) -> Iterator[Finding]:
        """Yield spans cut at the borders of turns; a piece of white space alone is left out."""
        for span in spans:
            first = max(bisect_right(self.starts, span.start) - 1, 0)
            cut = span.end > self.starts[first] + self.lengths[first]
            for turn in range(first, len(self.starts)):
                base = self.starts[turn]
                if base >= span.end:
                    break
                start = max(span.start - base, 0)
                end = min(span.end - base, self.lengths[turn])
                piece = self.text[base + start : base + end]
                start += len(piece) - len(piece.lstrip())
                end -= len(piece) - len(piece.rstrip())
                if start < end:
                    yield Finding(turn, start, end, span.entity_type, span.score, span.source, cut)
