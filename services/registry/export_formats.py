# SPDX-License-Identifier: Apache-2.0
"""The formats that a release is exported in: the one table that all others are made from.

The renderers (`services/release/domain/render`), the contract (`release.proto`, enum `Format`) and
`docs/release.md` name each format once more; tests hold them to this table. A format that is added
here needs a new number in the contract, a renderer, a row in the page and a higher
`RENDERING_VERSION`, so that a release with files in it can be built beside an old one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class ExportFormat(StrEnum):
    """A format. Its value is its name, and the folder of its files in a stored release.

    `number` is its value in the contract's enum `Format`. `description` is for the researcher who
    opens the folder; its lines are those of the README.
    """

    number: int
    suffix: str
    media_type: str
    description: str

    def __new__(
        cls, name: str, number: int, suffix: str, media_type: str, description: str
    ) -> Self:
        """Make a member that equals its name and carries the rest."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.number = number
        member.suffix = suffix
        member.media_type = media_type
        member.description = description
        return member

    TXT = (
        "txt",
        1,
        ".txt",
        "text/plain; charset=utf-8",
        (
            'plain text: one paragraph a turn, "LABEL: text". Read by NVivo, ATLAS.ti, MAXQDA,\n'
            "QualCoder and others; focus group or speaker imports code the speakers by label.\n"
            "UTF-8 without byte order mark, line feeds only: coding positions stay where they are."
        ),
    )
    DOCX = (
        "docx",
        2,
        ".docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (
            "Word: the same paragraphs, room for notes at the right, line and page numbers that are"
            "\nnot part of the text."
        ),
    )
    VTT = (
        "vtt",
        3,
        ".vtt",
        "text/vtt",
        "WebVTT: the same words with times, for use beside a recording.",
    )
    JSONL = (
        "jsonl",
        4,
        ".jsonl",
        "application/jsonl",
        "JSON Lines: one turn a line with its segments and times, for scripts.",
    )


class Style(StrEnum):
    """How close to what was said words are; `number` is its value in the contract's `Style`."""

    number: int

    def __new__(cls, name: str, number: int) -> Self:
        """Make a member that equals its name and carries the rest."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.number = number
        return member

    VERBATIM = ("verbatim", 1)
    READABLE = ("readable", 2)

    def of(self, file_format: ExportFormat) -> str:
        """Return the name that files of a format have in this style, which is their folder too."""
        return file_format if self is Style.VERBATIM else f"{file_format}-{self}"


BY_NUMBER = {one.number: one for one in ExportFormat}
STYLE_BY_NUMBER = {0: Style.VERBATIM, **{one.number: one for one in Style}}
