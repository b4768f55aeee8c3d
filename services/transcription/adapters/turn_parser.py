# SPDX-License-Identifier: Apache-2.0
"""The task that reads transcripts made elsewhere, in the sandbox: turns and a reading come out."""

from __future__ import annotations

import codecs
import importlib
import json
from typing import BinaryIO

from services.common.sandbox.task import Order, Work
from services.registry import role_words

TURNS = 1
"""Number of an item that is turns: a JSON list of lists of speaker, text, start, end and role."""

READING = 2
"""Number of the last item, what was found: JSON of a `Reading`."""

_BATCH_CHARACTERS = 128 * 1024
"""Characters of text from which a batch of turns is full."""

_CODECS = ("ascii", "latin-1", "cp437")
"""What names in zip archives are read by; Python loads codecs when they are first used."""


def prepare() -> None:
    """Load the importers of all formats, and the words and codecs that they need."""
    importlib.import_module("services.transcription.adapters.importing")
    from services.transcription.adapters.importing import labels
    from services.transcription.adapters.importing.text import ENCODINGS, decode

    role_words.role_of("")  # their words come from files
    labels.words_of("")
    for name in (*_CODECS, *ENCODINGS.values()):
        codecs.lookup(name)
    decode("I: na\u00efve\n".encode("mac-roman"))  # what statistics need is loaded by and by


def work(file: BinaryIO, order: Order) -> Work:
    """Yield batches of turns, and last what was found."""
    from services.transcription.adapters.importing import read
    from services.transcription.adapters.importing.source import ImportLimits, Source
    from services.transcription.domain.reading import Reading, ReadingOptions

    source = Source(
        file.read(),
        order["file_name"],
        ImportLimits(**order["limits"]),
        ReadingOptions(**order["options"]),
    )
    batch: list[tuple[str, str, int | None, int | None, str]] = []
    size = 0
    for turn in read(source):
        if isinstance(turn, Reading):
            yield TURNS, _encoded(batch)
            yield READING, turn.model_dump_json().encode()
            break
        batch.append((turn.speaker, turn.text, turn.start_ms, turn.end_ms, turn.role))
        size += len(turn.speaker) + len(turn.text)
        if size > _BATCH_CHARACTERS or len(batch) > 1000:
            yield TURNS, _encoded(batch)
            batch, size = [], 0
    return {}


def _encoded(batch: list[tuple[str, str, int | None, int | None, str]]) -> bytes:
    return json.dumps(batch, ensure_ascii=False).encode()
