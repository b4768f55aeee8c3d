# SPDX-License-Identifier: Apache-2.0
"""Reads transcripts made elsewhere in the process of the tests."""

from __future__ import annotations

import io
from typing import Any

from services.transcription.adapters.importing import read
from services.transcription.adapters.importing.source import ImportLimits, Source
from services.transcription.adapters.sandboxed_transcript import read_confined
from services.transcription.domain.reading import Reading, ReadingOptions
from services.transcription.domain.turns import Turn


def read_all(
    data: bytes,
    file_name: str = "",
    limits: ImportLimits | None = None,
    options: ReadingOptions | None = None,
) -> tuple[list[Turn], Reading]:
    """Return the turns of a transcript and what was found in it."""
    source = Source(data, file_name, limits or ImportLimits(), options or ReadingOptions())
    turns: list[Turn] = []
    for one in read(source):
        if isinstance(one, Reading):
            return turns, one
        turns.append(one)
    raise AssertionError("no reading came")


def turns_of(data: bytes, file_name: str = "", limits: ImportLimits | None = None) -> list[Turn]:
    """Return the turns of a transcript."""
    return read_all(data, file_name, limits)[0]


def confined_turns(data: bytes, file_name: str = "", **options: Any) -> list[Turn]:
    """Return the turns of a transcript as the sandboxed reader gives them."""
    found = read_confined(io.BytesIO(data), file_name, **options)
    return [one for one in found if isinstance(one, Turn)]
