# SPDX-License-Identifier: Apache-2.0
"""Common parts of the importers of WebVTT and SubRip: blocks of lines, timing lines, labels."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from services.transcription.adapters.importing.labels import milliseconds, take_label
from services.transcription.adapters.importing.text import squeeze
from services.transcription.domain.turns import Turn
from services.transcription.errors import BadTranscript

_TIMING = re.compile(
    r"\s{0,8}(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})[.,](\d{1,3})"
    r"\s{1,8}-->\s{1,8}(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})[.,](\d{1,3})"
)


def blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield runs of lines between blank lines, with the number of their first line from 1."""
    block: list[str] = []
    first = 1
    for number, line in enumerate(io.StringIO(text), 1):
        if line.strip():
            if not block:
                first = number
            block.append(line.rstrip("\n"))
        elif block:
            yield first, block
            block = []
    if block:
        yield first, block


def timing(line: str, number: int) -> tuple[int, int]:
    """Return start and end in milliseconds; raises `BadTranscript` naming the line."""
    found = _TIMING.match(line)
    if not found:
        raise BadTranscript(f"The transcript has no valid cue timing in line {number}.")
    start, end = milliseconds(*found.groups()[:4]), milliseconds(*found.groups()[4:])
    if end < start:
        raise BadTranscript(f"The cue in line {number} of the transcript ends before it starts.")
    return start, end


def turn(speaker: str, text: str, start: int, end: int) -> Turn:
    """Make a turn of a cue; a `Name:` at its start is the speaker where no tag named one."""
    said = squeeze(text)
    if not speaker:
        name, rest = take_label(said)
        if name is not None and rest.strip():
            speaker, said = name, rest.strip()
    return Turn(speaker, said, start, end)
