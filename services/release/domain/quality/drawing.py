# SPDX-License-Identifier: Apache-2.0
"""The draw of a sample that nobody chooses and that anybody can make again.

The frame (which runs, how many segments) is fixed and its digest stands in the audit log before the
log signs the checkpoint whose text seeds the draw. All of it is plain SHA-256 over text:

    frame_sha256  of sorted lines "<recording id> <run key> <corrections' generation> <segments>\\n"
    seed          SHA-256 of "sotto quality seed 1\\n<round>\\n<frame_sha256>\\n<checkpoint>"
    rank          of a segment: SHA-256 of "<seed> <recording id> <segment>"

The sample is the segments of the lowest ranks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_SEED = "sotto quality seed 1"

Position = tuple[str, int]
"""Recording id and index of a segment."""


@dataclass(frozen=True, order=True)
class FrameRun:
    """A run that a sample is drawn from, as it was approved: with corrections of a generation."""

    recording_id: str
    run_key: str
    corrections_generation: int
    segments: int

    @property
    def line(self) -> str:
        """Its line in the frame."""
        parts = (self.recording_id, self.run_key, self.corrections_generation, self.segments)
        return " ".join(map(str, parts)) + "\n"


def frame_digest(frame: Iterable[FrameRun]) -> str:
    """Return the digest of a frame, hexadecimal."""
    return hashlib.sha256("".join(sorted(one.line for one in frame)).encode()).hexdigest()


def seed_of(round_number: int, frame_sha256: str, checkpoint: str) -> str:
    """Return the seed that a checkpoint gives a round, hexadecimal.

    Of the checkpoint its body counts, which is what is signed: origin, size and root. Signatures
    are added as witnesses answer.
    """
    body = checkpoint.partition("\n\n")[0]
    text = f"{_SEED}\n{round_number}\n{frame_sha256}\n{body}\n"
    return hashlib.sha256(text.encode()).hexdigest()


def order(frame: Iterable[FrameRun], seed: str) -> list[Position]:
    """Return all segments of a frame in the order of the draw."""
    positions = ((one.recording_id, index) for one in frame for index in range(one.segments))
    return sorted(positions, key=lambda one: rank(seed, *one))


def rank(seed: str, recording_id: str, segment: int) -> str:
    """Return what a segment is drawn by, hexadecimal."""
    return hashlib.sha256(f"{seed} {recording_id} {segment}".encode()).hexdigest()


def sample_digest(sample: Iterable[Position]) -> str:
    """Return the digest of a sample, hexadecimal, over lines in order."""
    lines = (f"{recording_id} {segment}\n" for recording_id, segment in sorted(sample))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def drawn_until(ordered: Sequence[Position], census: set[Position], wanted: int) -> int:
    """Return how many are to be drawn in order until `wanted` of them are outside of the census.

    What the draw meets of the census is read anyway. Among the rest every set of that size is as
    likely as every other. All are drawn where the rest is too small.
    """
    outside = 0
    for number, one in enumerate(ordered):
        if outside == wanted:
            return number
        outside += one not in census
    return len(ordered)
