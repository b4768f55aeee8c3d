# SPDX-License-Identifier: Apache-2.0
"""The task that parses transcripts made elsewhere, in the sandbox: a file in, turns out."""

from __future__ import annotations

import codecs
import importlib
import json
from typing import BinaryIO

from services.common.sandbox.task import Order, Work
from services.registry import role_words

TURNS = 1
"""Number of an item that is turns: a JSON list of lists of speaker, text, start and end."""

_BATCH_CHARACTERS = 128 * 1024
"""Characters of text from which a batch of turns is full."""

_CODECS = ("utf-8", "utf-16-le", "utf-16-be", "ascii", "latin-1", "cp437")
"""What text and names in zip archives are read by; Python loads them when they are first used."""


def prepare() -> None:
    """Load the importers of all formats, and the words and codecs that they need."""
    importlib.import_module("services.transcription.adapters.importing")
    role_words.role_of("")  # its words come from a file
    for name in _CODECS:
        codecs.lookup(name)


def work(file: BinaryIO, order: Order) -> Work:
    """Yield batches of turns."""
    from services.transcription.adapters.importing import ImportLimits, parse_transcript

    data = file.read()
    batch: list[tuple[str, str, int | None, int | None]] = []
    size = 0
    for turn in parse_transcript(data, order["file_name"], ImportLimits(**order["limits"])):
        batch.append((turn.speaker, turn.text, turn.start_ms, turn.end_ms))
        size += len(turn.speaker) + len(turn.text)
        if size > _BATCH_CHARACTERS or len(batch) > 1000:
            yield TURNS, _encoded(batch)
            batch, size = [], 0
    if batch:
        yield TURNS, _encoded(batch)
    return {}


def _encoded(batch: list[tuple[str, str, int | None, int | None]]) -> bytes:
    return json.dumps(batch, ensure_ascii=False).encode()
