# SPDX-License-Identifier: Apache-2.0
"""Importer of WebVTT (W3C): cues with voice tags `<v Name>`; other tags are dropped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from services.transcription.adapters.importing import cues
from services.transcription.domain.turns import Turn
from services.transcription.errors import BadTranscript

_TAG = re.compile(r"<([^<>]{0,400})>")
_VOICE = re.compile(r"v(?:\.[^\s]{0,200})?\s+(.{1,200})", re.DOTALL)
_ESCAPES = re.compile(r"&(?:amp|lt|gt|nbsp|lrm|rlm);")
_SKIPPED = ("NOTE", "STYLE", "REGION")


def parse(text: str) -> Iterator[Turn]:
    """Yield a turn for each voice of each cue."""
    found = cues.blocks(text)
    _, header = next(found, (1, [""]))
    if not header[0].startswith("WEBVTT"):
        raise BadTranscript("The transcript is not WebVTT: its first line must begin with WEBVTT.")
    # A header without a blank line behind it is sloppy but unambiguous.
    rest = [(n, line) for n, line in enumerate(header, 1) if n > 1]
    if any("-->" in line for _, line in rest):
        at = next(i for i, (_, line) in enumerate(rest) if "-->" in line)
        yield from _cue(rest[at][0], [line for _, line in rest[at:]])
    for number, block in found:
        if block[0].split(" ", 1)[0] in _SKIPPED and "-->" not in block[0]:
            continue
        offset = 0 if "-->" in block[0] else 1
        if offset >= len(block) or "-->" not in block[offset]:
            raise BadTranscript(f"The transcript has no valid cue timing in line {number}.")
        yield from _cue(number + offset, block[offset:])


def _cue(number: int, lines: list[str]) -> Iterator[Turn]:
    start, end = cues.timing(lines[0], number)
    payload = "\n".join(lines[1:])
    speaker, at, words = "", 0, list[str]()
    for tag in _TAG.finditer(payload):
        words.append(payload[at : tag.start()])
        at = tag.end()
        voice = _VOICE.fullmatch(tag[1])
        if voice or tag[1].strip() == "/v":
            if "".join(words).strip():
                yield cues.turn(speaker, _plain("".join(words)), start, end)
            words, speaker = [], _plain(voice[1]).strip() if voice else ""
    words.append(payload[at:])
    if "".join(words).strip():
        yield cues.turn(speaker, _plain("".join(words)), start, end)


def _plain(text: str) -> str:
    return _ESCAPES.sub(lambda found: html.unescape(found[0]), text).replace("\u00a0", " ")
