# SPDX-License-Identifier: Apache-2.0
"""A task of the sandbox that reads many transcripts, so that a test need not start as many."""

from __future__ import annotations

from typing import BinaryIO

from services.common.sandbox.task import Order, Work
from services.transcription.adapters import turn_parser

FAULT = 1
"""Number of an item that names an error which no reader may raise."""

prepare = turn_parser.prepare


def work(file: BinaryIO, order: Order) -> Work:
    """Yield for each transcript of `files`, names and sizes, what refused it or nothing."""
    from services.transcription.adapters.importing import read
    from services.transcription.adapters.importing.source import Source
    from services.transcription.errors import BadTranscript, TooLarge

    for name, size in order["files"]:
        try:
            for _ in read(Source(file.read(size), name)):
                pass
            yield 0, b""
        except (BadTranscript, TooLarge) as error:
            yield 0, error.message.encode()
        except Exception as error:  # noqa: BLE001 - any other is what is looked for
            yield FAULT, type(error).__name__.encode()
    return {}
