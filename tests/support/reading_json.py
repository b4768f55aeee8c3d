# SPDX-License-Identifier: Apache-2.0
"""Reads JSON of transcripts in the process of the tests, and what of it tests compare."""

from __future__ import annotations

import json
from typing import Any

from services.transcription.adapters.importing import json_forms
from services.transcription.adapters.importing.source import Source
from services.transcription.domain.reading import Findings

Row = tuple[str | None, int | None, int | None, str]
"""Speaker, times in milliseconds, and text of a passage."""


def read(document: Any) -> tuple[list[Row], Findings]:
    """Speaker, times and text of the passages of a document, and what is noted beside them."""
    source = Source(json.dumps(document).encode())
    found = [(one.speaker, one.start_ms, one.end_ms, one.text) for one in json_forms.read(source)]
    return found, source.findings


def rows(document: Any) -> list[Row]:
    """Speaker, times and text of the passages of a document."""
    return read(document)[0]


def said(document: Any) -> list[tuple[str | None, str]]:
    """Speaker and text of the passages of a document."""
    return [(who, text) for who, _, _, text in rows(document)]


def kinds(findings: Findings) -> list[str]:
    """Kinds of the warnings."""
    return [one.kind for one in findings.warnings]


def word(text: str, start: float, who: Any = None, **more: Any) -> dict[str, Any]:
    """A word as whisperX writes it."""
    return {"word": text, "start": start, "end": start + 0.5, "speaker": who, **more}
