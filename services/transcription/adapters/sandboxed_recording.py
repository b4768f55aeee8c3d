# SPDX-License-Identifier: Apache-2.0
"""A recording that is decoded in the sandbox.

ffmpeg is large, written in C, and reads untrusted files. In this process it would share memory
with credentials for the clinical zone.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import asdict
from typing import BinaryIO

import numpy as np

from services.common.sandbox.limits import Limits
from services.common.sandbox.parent import Ending, Items, Sandbox, SandboxFailed
from services.transcription.adapters.decoding import AudioLimits
from services.transcription.domain.audio import SAMPLE_RATE, Samples
from services.transcription.errors import BadRecording, TruncatedRecording

_MEMORY_BYTES = 2 * 1024**3
"""Address space of the decoder: far more than it needs, and less than a machine has."""

_CPU_SECONDS, _WAIT_SECONDS = 3600, 7200.0
"""Longest time of one pass: twelve hours of stereo take minutes."""

TASK = "services.transcription.adapters.decoder"
"""What decodes, in the sandbox."""


class SandboxedRecording:
    """A recording behind a seekable stream; implements `AudioReader` as `RecordingReader` does.

    Raises `BadRecording` as that does, and where a limit of the sandbox is hit, which it names.
    """

    def __init__(
        self,
        open_stream: Callable[[], BinaryIO],
        limits: AudioLimits,
        *,
        memory_bytes: int = _MEMORY_BYTES,
        cpu_seconds: int = _CPU_SECONDS,
        allow_weak: bool = False,
    ) -> None:
        self._open_stream = open_stream
        self._limits = limits
        self._sandbox = Sandbox(
            TASK,
            Limits(
                memory_bytes=memory_bytes,
                cpu_seconds=cpu_seconds,
                wait_seconds=_WAIT_SECONDS,
                # Two channels of four bytes a sample; what is over is rounding of the resampler.
                output_bytes=int(limits.max_seconds + 60) * SAMPLE_RATE * 8,
            ),
            (BadRecording, TruncatedRecording),
            allow_weak,
        )
        self.bad_packets, self.cut_short = 0, False

    def blocks(self) -> Generator[Samples]:
        """Decode from the start; shape (1 or 2, n), values in [-1, 1]."""
        with self._open_stream() as stream:
            decoded = self._sandbox.run(stream, {"limits": asdict(self._limits)})
            try:
                ending = yield from _blocks(decoded)
            except SandboxFailed as error:
                raise failed(error.limit) from None
            finally:
                decoded.close()
        self.bad_packets = int(ending.result.get("bad_packets", 0))
        self.cut_short = bool(ending.result.get("cut_short", False))


def _blocks(decoded: Items) -> Generator[Samples, None, Ending]:
    while True:
        try:
            channels, data = next(decoded)
        except StopIteration as end:
            ending: Ending = end.value
            return ending
        yield block_of(channels, data)


def block_of(channels: int, data: bytes) -> Samples:
    """Return a block that came from the decoder; raises SandboxFailed where it is none."""
    if channels not in (1, 2) or len(data) % (4 * channels):
        raise SandboxFailed
    # Checked again, since a decoder that was taken over is trusted no more than its input.
    block: Samples = np.frombuffer(data, np.float32).reshape(channels, -1)
    if not np.all(np.abs(block) <= 1.0):
        raise SandboxFailed
    return block


def failed(limit: str) -> BadRecording:
    """Return what is said where the decoder did not get to its end, by the limit that it hit."""
    if limit:
        return BadRecording(
            f"Decoding this recording takes more than the limit of {limit}, so it is damaged or "
            "made to do so; convert it with a program that you trust and bring it in again."
        )
    return BadRecording(
        "The decoder broke on this recording, which is damaged or made to do so; "
        "convert it with a program that you trust and bring it in again."
    )
