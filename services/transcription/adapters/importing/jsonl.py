# SPDX-License-Identifier: Apache-2.0
"""Importer of JSON Lines: a turn, a segment or a whole answer of a recogniser in each line."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.transcription.adapters.importing.json_forms import passages_of_lines
from services.transcription.adapters.importing.json_text import parse, refuse_many
from services.transcription.domain.reading import Passage

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source


def looks_like(head: str, alone: bool = False) -> bool:
    """Return whether a text begins with lines that are objects: two, or one where it is `alone`."""
    lines = [line.strip() for line in head.lstrip("\ufeff").split("\n", 40)]
    lines = [line for line in lines if line]
    first = bool(lines) and lines[0].startswith("{") and lines[0].endswith("}")
    return first and (lines[1].startswith("{") if len(lines) > 1 else alone)


def read(source: Source) -> Iterator[Passage]:
    """Yield the passages of each line; raises `BadTranscript` naming the line."""
    text = source.text()
    refuse_many(text, source.limits.max_turns)
    lines = {
        number: parse(line, source.findings, f" in line {number}")
        for number, line in enumerate(io.StringIO(text), 1)
        if line.strip()
    }
    return passages_of_lines(lines, source.findings)
