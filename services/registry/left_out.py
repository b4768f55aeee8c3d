# SPDX-License-Identifier: Apache-2.0
"""What a reader of transcripts may leave out of the turns, each kind with its name for people."""

from __future__ import annotations

from collections.abc import Mapping

#: Kinds, in the order in which they are told, and how several of them are called.
LEFT_OUT: Mapping[str, str] = {
    "cover_lines": "cover lines",
    "headings": "headings",
    "footnotes": "footnotes",
    "endnotes": "endnotes",
    "comments": "comments",
    "deleted_text": "deleted passages",
    "hidden_text": "hidden passages",
    "text_boxes": "text boxes",
    "headers_footers": "headers and footers",
    "pictures": "pictures",
    "embedded_objects": "embedded objects",
    "table_columns": "table columns",
    "tiers": "annotation tiers",
    "cues": "unreadable cues",
    "repeated_lines": "lines that captions repeat as they roll",
    "notes": "notes of the file",
    "markup": "pieces of markup",
    "fields": "fields that are not read",
}


def told(counts: Mapping[str, int]) -> str:
    """Return what was left out for people, such as "footnotes (3), comments (1)"."""
    known = [kind for kind in LEFT_OUT if counts.get(kind)]
    others = sorted(kind for kind in counts if kind not in LEFT_OUT and counts[kind])
    return ", ".join(
        f"{LEFT_OUT.get(kind, kind.replace('_', ' '))} ({counts[kind]})"
        for kind in [*known, *others]
    )
