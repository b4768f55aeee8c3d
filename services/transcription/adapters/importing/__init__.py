# SPDX-License-Identifier: Apache-2.0
"""Transcripts made elsewhere: their importers by format, and limits that hold for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.registry.import_formats import format_by_suffix
from services.transcription.adapters.importing import docx, json_turns, srt, text, txt, vtt
from services.transcription.domain.turns import Turn
from services.transcription.errors import BadTranscript, TooLarge


@dataclass(frozen=True, slots=True)
class ImportLimits:
    """What a transcript may be at most: bytes as stored, bytes once unpacked, turns."""

    max_bytes: int = 64 * 1024 * 1024
    max_unpacked_bytes: int = 256 * 1024 * 1024
    max_turns: int = 200_000


_LONGEST_TURN = 10_000_000
"""Characters of the longest turn: 300 hours of speech without a break."""

Importer = Callable[[bytes, ImportLimits], Iterator[Turn]]


def _from_text(parse: Callable[[str], Iterator[Turn]]) -> Importer:
    return lambda data, _limits: parse(text.decode(data))


def _from_docx(data: bytes, limits: ImportLimits) -> Iterator[Turn]:
    return docx.parse(data, limits.max_unpacked_bytes)


def _from_json(data: bytes, limits: ImportLimits) -> Iterator[Turn]:
    document = text.decode(data)
    json_turns.refuse_many(document, limits.max_turns)
    return json_turns.parse(document)


IMPORTERS: dict[str, Importer] = {
    "txt": _from_text(txt.parse),
    "docx": _from_docx,
    "vtt": _from_text(vtt.parse),
    "srt": _from_text(srt.parse),
    "json": _from_json,
}
"""The importer of each format of `services.registry.import_formats`, by its name."""


def parse_transcript(
    data: bytes, file_name: str = "", limits: ImportLimits | None = None
) -> Iterator[Turn]:
    """Yield the turns of a transcript in one of the formats that are imported.

    The suffix of `file_name` decides the format where it is that of a format, else the content
    does. Raises `BadTranscript` where the content does not follow the format, and `TooLarge`
    above a limit; messages name places, never content.
    """
    limits = limits or ImportLimits()
    if len(data) > limits.max_bytes:
        raise TooLarge(
            f"The transcript has {len(data)} bytes and the limit is {limits.max_bytes}; "
            "split it or raise the limit in the settings."
        )
    found = 0
    for turn in _turns(data, file_name, limits):
        if len(turn.text) > _LONGEST_TURN:
            raise TooLarge(
                f"Turn {found + 1} of the transcript has more than {_LONGEST_TURN} characters, so "
                "it is no interview; look at the file."
            )
        if turn.text.strip():
            found += 1
            if found > limits.max_turns:
                raise TooLarge(
                    f"The transcript has more than {limits.max_turns} turns; "
                    "split it or raise the limit in the settings."
                )
            yield turn
    if not found:
        raise BadTranscript("The transcript contains no text.")


def format_of(data: bytes, file_name: str = "") -> str:
    """Return the name of the format by the suffix of the file's name, or by the content."""
    if known := format_by_suffix(file_name):
        return known.name
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "docx"
    head = text.head(data).lstrip()
    if head.startswith("WEBVTT"):
        return "vtt"
    if head.startswith(("{", "[{")):
        return "json"
    return "srt" if srt.looks_like(head) else "txt"


def _turns(data: bytes, file_name: str, limits: ImportLimits) -> Iterator[Turn]:
    if not data.strip():
        raise BadTranscript("The transcript is empty.")
    return IMPORTERS[format_of(data, file_name)](data, limits)
