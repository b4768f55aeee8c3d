# SPDX-License-Identifier: Apache-2.0
"""Importer of WebVTT (W3C): cues with voice tags `<v Name>`, as players and programs write them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.transcription.adapters.importing import captions, stated_names
from services.transcription.adapters.importing.cues import WEBVTT, Splitter
from services.transcription.domain.reading import Passage

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source


def looks_like(head: str) -> bool:
    """Return whether a text begins as WebVTT does."""
    first = head.lstrip("\ufeff \t\n").split("\n", 1)[0]
    return first.startswith("WEBVTT") and (len(first) == 6 or not first[6].isalnum())


def read(source: Source) -> Iterator[Passage]:
    """Yield a passage for each voice of each cue; raises `BadTranscript` where there is no cue."""
    splitter = Splitter(WEBVTT, source.findings)
    text = source.text()
    yield from captions.read(source, splitter, text)
    title = text[:200].split("\n", 1)[0].removeprefix("WEBVTT").strip()
    if len(title.split()) == 1:
        stated_names.know_file_name(title, source.findings)
    for note in splitter.notes:
        stated_names.know_names(note, source.findings)
