# SPDX-License-Identifier: Apache-2.0
"""Tells the form of a transcript by its content."""

from __future__ import annotations

from services.registry.import_formats import format_by_suffix
from services.transcription.adapters.importing import srt, text


def form_of(data: bytes, file_name: str = "") -> str:
    """Return the name of the form by the suffix of the file's name, or by the content."""
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
