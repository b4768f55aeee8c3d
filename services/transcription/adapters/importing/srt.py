# SPDX-License-Identifier: Apache-2.0
"""Importer of SubRip: cues with times and mostly with numbers; formatting tags are dropped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.transcription.adapters.importing import captions
from services.transcription.adapters.importing.cues import SUBRIP, Splitter, arrow_timing
from services.transcription.domain.reading import Passage

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source

_MOST_LINES_A_CUE = 6
"""Lines that cues have at most on the average, with their number and times."""


def looks_like(head: str) -> bool:
    """Return whether a text is SubRip: a timing line at its start, or many of them further on.

    A number may go before the first one, or whatever a person wrote above the cues.
    """
    lines = [line.strip() for line in head.lstrip("\ufeff \t\n").split("\n")]
    lines = [line for line in lines if line]
    # Whisper prints times in brackets before each line: that is no cue.
    timings = [not line.startswith("[") and arrow_timing(line) is not None for line in lines]
    if timings[:1] == [True]:
        return True
    if lines[:1] and lines[0].isdigit() and timings[1:2] == [True]:
        return True
    return sum(timings) > 1 and sum(timings) * _MOST_LINES_A_CUE >= len(lines)


def read(source: Source) -> Iterator[Passage]:
    """Yield a passage for each cue; raises `BadTranscript` where no timing can be read."""
    yield from captions.read(source, Splitter(SUBRIP, source.findings), source.text())
