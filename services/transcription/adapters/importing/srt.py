# SPDX-License-Identifier: Apache-2.0
"""Importer of SubRip: cues with times and mostly with numbers; formatting tags are dropped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.transcription.adapters.importing import captions
from services.transcription.adapters.importing.cues import SUBRIP, Splitter, arrow_timing
from services.transcription.domain.reading import Passage

if TYPE_CHECKING:
    from services.transcription.adapters.importing import Source


def looks_like(head: str) -> bool:
    """Return whether a text begins as SubRip does: a number, which may be missing, and a timing."""
    lines = [line.strip() for line in head.lstrip("\ufeff \t\n").split("\n", 4)[:4]]
    lines = [line for line in lines if line]
    if lines and "-->" in lines[0]:
        return arrow_timing(lines[0]) is not None and not lines[0].startswith("[")
    return len(lines) > 1 and lines[0].isdigit() and arrow_timing(lines[1]) is not None


def read(source: Source) -> Iterator[Passage]:
    """Yield a passage for each cue; raises `BadTranscript` where no timing can be read."""
    yield from captions.read(source, Splitter(SUBRIP, source.findings), source.text())
