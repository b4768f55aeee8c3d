# SPDX-License-Identifier: Apache-2.0
"""Sizes in the header of a WAV file, which ffmpeg does not compare with the file."""

from __future__ import annotations

from typing import BinaryIO

_UNKNOWN = (0, 0x7FFFFFFF, 0xFFFFFFFF)
"""Recorders write one of these while they do not know the size yet; a crash leaves it there."""

_MAX_CHUNKS = 64
"""Most chunks before that of the sound; recorders write a few."""

_TOLERATED = 4096
"""Bytes that may be missing (an eighth of a second of 16 kHz mono): some writers count wrong."""


def missing_bytes(stream: BinaryIO) -> int:
    """Return how many bytes of sound the header of a RIFF/WAVE stream promises beyond its end.

    0 for complete files, for unknown sizes, for less than 4 KiB and for anything but RIFF/WAVE.
    Leaves the stream at its start.
    """
    end = stream.seek(0, 2)
    stream.seek(0)
    head = stream.read(12)
    missing = 0
    if len(head) == 12 and head[:4] == b"RIFF" and head[8:] == b"WAVE":
        missing = _missing(stream, end)
    stream.seek(0)
    return missing if missing > _TOLERATED else 0


def _missing(stream: BinaryIO, end: int) -> int:
    at = 12
    for _ in range(_MAX_CHUNKS):
        stream.seek(at)
        head = stream.read(8)
        if len(head) < 8:
            return 0
        size = int.from_bytes(head[4:], "little")
        if head[:4] == b"data":
            return 0 if size in _UNKNOWN else max(0, at + 8 + size - end)
        at += 8 + size + size % 2
    return 0
