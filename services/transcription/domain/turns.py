# SPDX-License-Identifier: Apache-2.0
"""Turns of a transcript made elsewhere, and how they become segments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from services.transcription.domain.reading import SpeakerShare
from services.transcription.domain.transcript import Role, Segment
from services.transcription.domain.words import count_words

_LONGEST_TEXT = 4000
"""Characters in one segment; longer turns are split, so that any transcript fits in messages."""

_MOST_SHARES = 100
"""Speakers whose shares are told."""

_WINDOW_SEGMENTS, _WINDOW_CHARACTERS = 500, 500_000
"""Most segments of a window, and the characters from which it is full: four bytes each, and what
comes with a segment, stay below the 4 MiB of a message."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one person said until another person spoke.

    `speaker` is as written in the source and "" when the source has none. Times are milliseconds
    or None. `role`: the speaker's, as far as the labels of the whole source say.
    """

    speaker: str
    text: str
    start_ms: int | None = None
    end_ms: int | None = None
    role: Role = Role.UNKNOWN


class SpeakerLabels:
    """Gives labels S1, S2 … to speakers as they appear.

    `roles` go before what the source says, by the label that is given.
    """

    def __init__(self, roles: Mapping[str, str] | None = None) -> None:
        self._roles = roles or {}
        self._labels: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._labels)

    def label(self, turn: Turn) -> tuple[str, Role]:
        """Return label and role of the speaker of a turn."""
        key = " ".join(turn.speaker.split()).casefold()
        label = self._labels.setdefault(key, f"S{len(self._labels) + 1}")
        return label, Role(self._roles[label]) if label in self._roles else turn.role


class SpeakerTally:
    """Counts turns, words and times, in all and by speaker."""

    def __init__(self, roles: Mapping[str, str] | None = None) -> None:
        self.turns = self.timed_turns = self.words = 0
        self._labels = SpeakerLabels(roles)
        self._counts: dict[str, tuple[Role, int, int]] = {}

    @property
    def speakers(self) -> int:
        """Number of speakers."""
        return len(self._labels)

    def add(self, turn: Turn) -> None:
        """Count a turn."""
        label, role = self._labels.label(turn)
        words = count_words(turn.text)
        self.turns += 1
        self.timed_turns += turn.start_ms is not None or turn.end_ms is not None
        self.words += words
        if label in self._counts or len(self._counts) < _MOST_SHARES:
            _, turns, before = self._counts.get(label, (role, 0, 0))
            self._counts[label] = (role, turns + 1, before + words)

    def shares(self) -> tuple[SpeakerShare, ...]:
        """Return how much each speaker says, in order of appearance; the first 100 of them."""
        return tuple(
            SpeakerShare(
                label=label, role=role.value, turns=turns, share=1000 * words // (self.words or 1)
            )
            for label, (role, turns, words) in self._counts.items()
        )


def to_segments(turns: Iterable[Turn], roles: Mapping[str, str] | None = None) -> Iterator[Segment]:
    """Assign segment numbers to turns, and labels S1, S2 … to speakers as they appear.

    A speaker's name identifies a person, so it does not survive as a label; its role does.
    """
    labels = SpeakerLabels(roles)
    index = 0
    for turn in turns:
        label, role = labels.label(turn)
        for text in split_text(turn.text):
            yield Segment(index, label, role, text, turn.start_ms, turn.end_ms)
            index += 1


def in_windows(segments: Iterable[Segment]) -> Iterator[list[Segment]]:
    """Group segments into windows small enough to be stored by one message."""
    window: list[Segment] = []
    size = 0
    for segment in segments:
        if window and (len(window) == _WINDOW_SEGMENTS or size > _WINDOW_CHARACTERS):
            yield window
            window, size = [], 0
        window.append(segment)
        size += len(segment.text)
    if window:
        yield window


def split_text(text: str, longest: int = _LONGEST_TEXT) -> Iterator[str]:
    """Cut a text into parts of at most `longest` characters, after a sentence or at white space."""
    start = 0
    while len(text) - start > longest:
        end = start + longest
        # Looking back over the last half keeps parts long and the search bounded.
        half = start + longest // 2
        cut = max(text.rfind(mark, half, end) + 1 for mark in (". ", "? ", "! ", "。"))
        if cut <= half:
            cut = text.rfind(" ", half, end) + 1
        if cut <= half:
            cut = end
        if part := text[start:cut].strip():
            yield part
        start = cut
    if part := text[start:].strip():
        yield part
