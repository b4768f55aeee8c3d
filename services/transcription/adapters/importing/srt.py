# SPDX-License-Identifier: Apache-2.0
"""Importer of SubRip: numbered cues with times; formatting tags are dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.transcription.adapters.importing import cues
from services.transcription.domain.turns import Turn
from services.transcription.errors import BadTranscript

_FORMATTING = re.compile(
    r"</?(?:i|b|u|s|font)(?:\s[^<>]{0,200})?>|\{\\[^{}]{0,100}\}", re.IGNORECASE
)


def looks_like(head: str) -> bool:
    """Return whether a text begins as SubRip does: a number, then a timing line."""
    lines = head.split("\n", 2)
    return len(lines) > 1 and lines[0].strip().isdigit() and "-->" in lines[1]


def parse(text: str) -> Iterator[Turn]:
    """Yield a turn for each cue. A block without timing continues the cue before it."""
    times: tuple[int, int] | None = None
    parts: list[str] = []
    for number, block in cues.blocks(text):
        at = next((i for i, line in enumerate(block[:2]) if "-->" in line), -1)
        if at < 0:
            if times is None:
                raise BadTranscript(f"The transcript has no valid cue timing in line {number}.")
            parts.append(_plain(block))
            continue
        if times is not None:
            yield _turn(parts, times)
        times = cues.timing(block[at], number + at)
        parts = [_plain(block[at + 1 :])]
    if times is not None:
        yield _turn(parts, times)


def _turn(parts: list[str], times: tuple[int, int]) -> Turn:
    """Join what a cue says and what continues it; the speaker stands in the cue itself."""
    first = cues.turn("", parts[0], *times)
    if len(parts) == 1:
        return first
    said = " ".join(part for part in (first.text, *parts[1:]) if part)
    return Turn(first.speaker, said, *times)


def _plain(lines: list[str]) -> str:
    return " ".join(_FORMATTING.sub("", " ".join(lines)).split())
