# SPDX-License-Identifier: Apache-2.0
"""Cuts a clip out of a recording in the sandbox, as a WAV file."""

from __future__ import annotations

import io
import wave
from dataclasses import asdict
from typing import BinaryIO

import numpy as np

from services.common.sandbox.limits import Limits
from services.common.sandbox.parent import Sandbox, SandboxFailed
from services.transcription.adapters.decoding import AudioLimits
from services.transcription.adapters.sandboxed_recording import TASK, block_of, failed
from services.transcription.domain.audio import SAMPLE_RATE, Samples
from services.transcription.domain.clips import LONGEST_MS, Times
from services.transcription.errors import BadRecording, TruncatedRecording

_MEMORY_BYTES = 1024**3
"""Address space of the decoder, which holds a clip and what a container needs."""

_CPU_SECONDS, _WAIT_SECONDS = 120, 120.0
"""Longest time of a clip: that of a container without an index is read up to it."""


class ClipCutter:
    """Cuts clips; a `Cut`. Raises `BadRecording`, also where a limit of the sandbox is hit."""

    def __init__(self, limits: AudioLimits, *, allow_weak: bool = False) -> None:
        self._limits = limits
        self._sandbox = Sandbox(
            TASK,
            Limits(
                memory_bytes=_MEMORY_BYTES,
                cpu_seconds=_CPU_SECONDS,
                wait_seconds=_WAIT_SECONDS,
                output_bytes=(LONGEST_MS // 1000 + 1) * SAMPLE_RATE * 4,
            ),
            (BadRecording, TruncatedRecording),
            allow_weak,
        )

    def __call__(self, file: BinaryIO, times: Times) -> bytes:
        """Return the clip between two times."""
        stretch = [times.start_ms * SAMPLE_RATE // 1000, times.end_ms * SAMPLE_RATE // 1000]
        order = {"limits": asdict(self._limits), "stretch": stretch}
        try:
            parts = [block_of(*item) for item in self._sandbox.run(file, order)]
        except SandboxFailed as error:
            raise failed(error.limit) from None
        return wav_of(np.concatenate(parts, axis=1)[0])


def wav_of(sound: Samples) -> bytes:
    """Return one channel as a WAV file of 16 bits, PCM."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((sound * 32767.0).astype("<i2").tobytes())
    return target.getvalue()
