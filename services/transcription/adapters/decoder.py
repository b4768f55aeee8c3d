# SPDX-License-Identifier: Apache-2.0
"""The process that decodes: it limits itself, then trusts nothing that it reads.

Started by `sandbox`, as `python -m services.transcription.adapters.decoder`. It talks to its
parent over two pipes: it asks for bytes of the recording by offset, and returns samples. Once
ffmpeg is loaded it can open no file and no socket and start no process, and its memory and time are
limited, so that a recording made to break a decoder gains nothing and takes down nothing.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import pkgutil
import resource
import struct
import sys
from typing import TYPE_CHECKING, BinaryIO

from services.transcription.adapters.seekable_reader import SeekableReader

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

READ, BLOCK, DONE, FAILED = b"R", b"B", b"D", b"F"
REQUEST = struct.Struct("!cQQ")
"""Kind; then offset and length of a read, or channels and samples of a block, or length of text."""


class _Parent(SeekableReader):
    """The recording, read through the parent."""

    def __init__(self, answers: BinaryIO, requests: BinaryIO, size: int) -> None:
        super().__init__(size)
        self._answers, self._requests = answers, requests

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        wanted = max(0, min(len(view), self._size - self._at))
        if not wanted:
            return 0
        self._requests.write(REQUEST.pack(READ, self._at, wanted))
        self._requests.flush()
        data = self._answers.read(wanted)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


def main() -> int:
    """Decode the parent's recording; the first line on stdin is the order, as JSON."""
    answers = os.fdopen(0, "rb")
    requests = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    os.dup2(2, 1)  # nothing but messages may reach the parent
    order = json.loads(answers.readline())
    from services.transcription.adapters.decoding import AudioLimits, RecordingReader
    from services.transcription.errors import BadRecording

    _load_everything()
    confine(order["memory_bytes"], order["cpu_seconds"])

    def open_stream() -> BinaryIO:
        raw = _Parent(answers, requests, order["size"])
        return io.BufferedReader(raw, buffer_size=1 << 18)

    recording = RecordingReader(open_stream, AudioLimits(**order["limits"]))
    try:
        for block in recording.blocks():
            requests.write(REQUEST.pack(BLOCK, *block.shape))
            requests.write(block.tobytes())
    except BadRecording as error:
        text = json.dumps([type(error).__name__, error.message]).encode()
        requests.write(REQUEST.pack(FAILED, len(text), 0) + text)
    else:
        requests.write(REQUEST.pack(DONE, recording.bad_packets, 0))
    requests.flush()
    return 0


def _load_everything() -> None:
    """Import what PyAV would import later, when no file can be opened any more."""
    import av

    for module in pkgutil.walk_packages(av.__path__, "av."):
        if not module.name.endswith(("__main__", "datasets")):
            importlib.import_module(module.name)


def confine(memory_bytes: int, cpu_seconds: int) -> None:
    """Limit this process: no new file, socket, pipe or process, so much memory and CPU time."""
    for limit, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        # Each new file, socket, pipe or process needs one of these.
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (value, value))


if __name__ == "__main__":
    sys.exit(main())
