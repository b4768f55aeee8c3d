# SPDX-License-Identifier: Apache-2.0
"""Importer of SubViewer as YouTube writes it (.sbv): `0:00:01.000,0:00:02.000`, then the text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.transcription.adapters.importing import captions
from services.transcription.adapters.importing.cues import SUBVIEWER, Splitter, comma_timing
from services.transcription.domain.reading import Passage

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source


def looks_like(head: str) -> bool:
    """Return whether a text begins with a timing line of SubViewer."""
    return comma_timing(head.lstrip("\ufeff \t\n").split("\n", 1)[0]) is not None


def read(source: Source) -> Iterator[Passage]:
    """Yield a passage for each cue; raises `BadTranscript` where no timing can be read."""
    yield from captions.read(
        source, Splitter(SUBVIEWER, source.findings), source.text().replace("[br]", "\n")
    )
