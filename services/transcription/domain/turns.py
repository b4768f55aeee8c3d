# SPDX-License-Identifier: Apache-2.0
"""Turns of a transcript made elsewhere, and how they become segments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.registry import role_words
from services.transcription.domain.transcript import Role, Segment

_LONGEST_TEXT = 4000
"""Characters in one segment; longer turns are split, so that any transcript fits in messages."""

_WINDOW_SEGMENTS, _WINDOW_CHARACTERS = 500, 500_000
"""Most segments of a window, and the characters from which it is full: four bytes each, and what
comes with a segment, stay below the 4 MiB of a message."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one person said until another person spoke.

    `speaker` is as written in the source and "" when the source has none. Times are milliseconds
    or None.
    """

    speaker: str
    text: str
    start_ms: int | None = None
    end_ms: int | None = None


def role_of(speaker: str) -> Role:
    """Return the role that a speaker label names, such as "I" or "Participant 2"."""
    return Role(role_words.role_of(speaker))


def to_segments(turns: Iterable[Turn]) -> Iterator[Segment]:
    """Assign segment numbers to turns, and labels S1, S2 … to speakers as they appear.

    A speaker's name identifies a person, so it does not survive as a label; its role does.
    """
    labels: dict[str, str] = {}
    index = 0
    for turn in turns:
        key = " ".join(turn.speaker.split()).casefold()
        label = labels.setdefault(key, f"S{len(labels) + 1}")
        for text in split_text(turn.text):
            yield Segment(index, label, role_of(turn.speaker), text, turn.start_ms, turn.end_ms)
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
