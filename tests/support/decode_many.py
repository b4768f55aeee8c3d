# SPDX-License-Identifier: Apache-2.0
"""A task of the sandbox that decodes many recordings, so that a test need not start as many."""

from __future__ import annotations

import io
from typing import BinaryIO

from services.common.sandbox.task import Order, Work
from services.transcription.adapters import decoder

prepare = decoder.prepare


def work(file: BinaryIO, order: Order) -> Work:
    """Yield for each recording of `sizes` how many samples it has, and what refused it."""
    from services.transcription.adapters.decoding import AudioLimits, RecordingReader
    from services.transcription.errors import BadRecording

    for size in order["sizes"]:
        content = file.read(size)
        samples, refused = 0, b""
        recording = RecordingReader(lambda content=content: io.BytesIO(content), AudioLimits())
        try:
            for block in recording.blocks():
                samples += block.shape[1]
        except BadRecording as error:
            refused = error.message.encode()
        yield samples, refused
    return {}
