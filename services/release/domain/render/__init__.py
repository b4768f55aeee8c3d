# SPDX-License-Identifier: Apache-2.0
"""The file formats of a release; each is a pure function from a transcript to bytes."""

from __future__ import annotations

from collections.abc import Callable

from services.release.domain.render.docx import render_docx
from services.release.domain.render.jsonl import render_jsonl
from services.release.domain.render.plain import render_txt
from services.release.domain.render.webvtt import render_vtt
from services.release.domain.transcript import Transcript

Renderer = Callable[[Transcript, str], bytes]

#: Format name, which is also the file name's ending, to its renderer.
FORMATS: dict[str, Renderer] = {
    "docx": render_docx,
    "jsonl": render_jsonl,
    "txt": render_txt,
    "vtt": render_vtt,
}
