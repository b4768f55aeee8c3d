# SPDX-License-Identifier: Apache-2.0
"""Formats in which transcripts made elsewhere are brought in.

A format needs an importer of the same name in `services/transcription/adapters/importing`; a test
holds the two together, and the table in docs/transcription.md to this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class ImportFormat:
    """A format, the suffixes of its files in lower case, and its media type."""

    name: str
    suffixes: tuple[str, ...]
    media_type: str


IMPORT_FORMATS = (
    ImportFormat("txt", (".txt",), "text/plain"),
    ImportFormat("md", (".md", ".markdown"), "text/markdown"),
    ImportFormat(
        "docx",
        (".docx", ".docm", ".dotx", ".dotm"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ImportFormat("odt", (".odt", ".ott", ".fodt"), "application/vnd.oasis.opendocument.text"),
    ImportFormat("vtt", (".vtt",), "text/vtt"),
    ImportFormat("srt", (".srt",), "application/x-subrip"),
    ImportFormat("sbv", (".sbv",), "text/x-subviewer"),
    ImportFormat("ttml", (".ttml", ".dfxp"), "application/ttml+xml"),
    ImportFormat("json", (".json",), "application/json"),
    ImportFormat("jsonl", (".jsonl", ".ndjson"), "application/jsonl"),
    ImportFormat("eaf", (".eaf",), "text/x-eaf+xml"),
    ImportFormat("exb", (".exb",), "application/xml;format-variant=exmaralda-exb"),
    ImportFormat("textgrid", (".textgrid",), "text/praat-textgrid"),
    ImportFormat("csv", (".csv",), "text/csv"),
    ImportFormat("tsv", (".tsv", ".tab"), "text/tab-separated-values"),
    ImportFormat("cha", (".cha",), "text/x-chat"),
    ImportFormat("rtf", (".rtf",), "application/rtf"),
    ImportFormat("html", (".html", ".htm", ".xhtml"), "text/html"),
    ImportFormat("otr", (".otr",), "application/x-otranscribe+json"),
)

_BY_SUFFIX = {suffix: one for one in IMPORT_FORMATS for suffix in one.suffixes}


def format_by_suffix(file_name: str) -> ImportFormat | None:
    """Return the format that the suffix of a file's name stands for, or None."""
    return _BY_SUFFIX.get(PurePath(file_name).suffix.lower())
