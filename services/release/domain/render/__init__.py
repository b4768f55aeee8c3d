# SPDX-License-Identifier: Apache-2.0
"""The file formats of a release; each is a pure function from a transcript to bytes."""

from __future__ import annotations

from collections.abc import Callable

from services.registry.export_formats import ExportFormat
from services.release.domain.render.docx import render_docx
from services.release.domain.render.jsonl import render_jsonl
from services.release.domain.render.plain import render_txt
from services.release.domain.render.webvtt import render_vtt
from services.release.domain.transcript import Transcript

Renderer = Callable[[Transcript, str], bytes]

#: A renderer for each of the registry's export formats, in the order in which files are stored.
RENDERERS: dict[ExportFormat, Renderer] = {
    ExportFormat.DOCX: render_docx,
    ExportFormat.JSONL: render_jsonl,
    ExportFormat.TXT: render_txt,
    ExportFormat.VTT: render_vtt,
}
