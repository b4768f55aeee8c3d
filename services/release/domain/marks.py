# SPDX-License-Identifier: Apache-2.0
"""What is known of places of a segment beside its words; offsets are code points of its text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of text."""

    start: int
    end: int

    def touches(self, start: int, end: int) -> bool:
        """Return whether it shares a code point with a stretch."""
        return self.start < end and start < self.end


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text; `doubtful` where it is a word that may be misheard."""

    text: str
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """A silence before a code point, in milliseconds."""

    at: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """A stretch that was said while another speaker spoke; `comes_in` where the other one spoke
    before.
    """

    start: int
    end: int
    comes_in: bool
