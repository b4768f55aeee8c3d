# SPDX-License-Identifier: Apache-2.0
"""Decoding in a process of its own (a sandbox), which has no credentials and can open nothing.

ffmpeg is large, written in C, and reads untrusted files. In this process it would share
memory with credentials for the clinical zone; see `decoder` for what the other one may do.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, BinaryIO

import numpy as np

from services.transcription.adapters.decoder import BLOCK, DONE, FAILED, READ, REQUEST
from services.transcription.adapters.decoding import AudioLimits
from services.transcription.domain.audio import Samples
from services.transcription.errors import BadRecording, TruncatedRecording

_ROOT = Path(__file__).parents[3]
MEMORY_BYTES = 2 * 1024**3
"""Address space of the decoder: far more than it needs, and less than a machine has."""

_CPU_SECONDS = 3 * 3600
"""Longest CPU time of one pass: twelve hours of stereo take minutes."""

_LARGEST_BLOCK = 64 * 1024 * 1024
"""Bytes of the largest message that is read from the decoder."""

_ERRORS = {kind.__name__: kind for kind in (BadRecording, TruncatedRecording)}


class SandboxedRecording:
    """A recording behind a seekable stream; implements `AudioReader` as `Recording` does."""

    def __init__(
        self,
        open_stream: Callable[[], BinaryIO],
        limits: AudioLimits,
        *,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._open_stream = open_stream
        self._limits = limits
        self._memory_bytes = memory_bytes
        self.bad_packets = 0

    def blocks(self) -> Iterator[Samples]:
        """Decode from the start; shape (1 or 2, n), values in [-1, 1]."""
        with self._open_stream() as stream, _decoder() as process:
            assert process.stdin is not None  # noqa: S101 - both are pipes
            assert process.stdout is not None  # noqa: S101 - as above
            order = {
                "size": stream.seek(0, 2),
                "limits": asdict(self._limits),
                "memory_bytes": self._memory_bytes,
                "cpu_seconds": _CPU_SECONDS,
            }
            try:
                process.stdin.write(json.dumps(order).encode() + b"\n")
                process.stdin.flush()
                yield from self._converse(stream, process.stdin, process.stdout)
            except BrokenPipeError as error:
                raise _decoder_failed() from error

    def _converse(
        self, stream: BinaryIO, answers: IO[bytes], requests: IO[bytes]
    ) -> Iterator[Samples]:
        while True:
            kind, first, second = REQUEST.unpack(_exactly(requests, REQUEST.size))
            if kind == READ:
                stream.seek(first)
                answers.write(stream.read(second))
                answers.flush()
            elif kind == BLOCK:
                yield _block(_exactly(requests, 4 * first * second), first)
            elif kind == FAILED:
                name, message = json.loads(_exactly(requests, first))
                raise _ERRORS.get(name, BadRecording)(str(message)[:500])
            elif kind == DONE:
                self.bad_packets = first
                return
            else:
                raise _decoder_failed()


def _block(data: bytes, channels: int) -> Samples:
    if channels not in (1, 2):
        raise _decoder_failed()
    # Checked again, since a decoder that was taken over is trusted no more than its input.
    block: Samples = np.frombuffer(data, np.float32).reshape(channels, -1)
    if not np.all(np.abs(block) <= 1.0):
        raise _decoder_failed()
    return block


def _exactly(stream: IO[bytes], size: int) -> bytes:
    if size > _LARGEST_BLOCK:
        raise _decoder_failed()
    data = stream.read(size)
    if len(data) < size:
        raise _decoder_failed()
    return data


def _decoder_failed() -> BadRecording:
    return BadRecording(
        "The decoder broke on this recording, which is damaged or made to do so; "
        "convert it with a program that you trust and bring it in again."
    )


@contextmanager
def _decoder() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "services.transcription.adapters.decoder"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # Nothing of this process's environment, which may hold secrets.
        env={"PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'protos'}", "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                _close(pipe)
        process.wait()


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return
