# SPDX-License-Identifier: Apache-2.0
"""A report as plain values, before it becomes a page: facts, and sections with tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

_UNNAMED = "not named; see the setting hospital"


@dataclass(frozen=True)
class Section:
    """A heading, a sentence, and a table that may be empty."""

    title: str
    words: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Letterhead:
    """Whose report it is: the hospital, who had it written, when (UTC), and over which log."""

    hospital: str = ""
    author: str = ""
    written: datetime | None = None
    state: str = ""

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return the facts that a report begins with."""
        written = f"{self.written:%Y-%m-%d %H:%M} UTC" if self.written else ""
        by = f"by {self.author}" if self.author else ""
        return (
            ("Hospital", self.hospital or _UNNAMED),
            ("Written", " ".join(part for part in (written, by) if part) or "not said"),
            *((("State of the log", self.state),) if self.state else ()),
        )


@dataclass(frozen=True)
class Frame:
    """What stands around a report, in its language."""

    language: str = "en"
    signatures: str = "Signatures"
    read: str = "I have read this report."
    name: str = "Name"
    signature: str = "Signature"
    dated: str = "Place and date"
    page: str = "Page {page} of {pages}"
    digest: str = "SHA-256 of the contents"


@dataclass(frozen=True)
class ReportDocument:
    """A title, facts about the whole, sections in order, and who signs at the end."""

    title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    signatures: tuple[str, ...] = ()
    frame: Frame = Frame()

    def plain(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {key: value for key, value in asdict(self).items() if key != "frame"}

    def content(self) -> bytes:
        """Return what the digest is of: the contents as JSON, without what stands around them."""
        return json.dumps(self.plain(), ensure_ascii=False, sort_keys=True, indent=1).encode()

    @property
    def digest(self) -> str:
        """The SHA-256 of the contents, which ties a signed print to the file of them."""
        return hashlib.sha256(self.content()).hexdigest()


def table(
    title: str, words: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> Section:
    """Make a section with a table of anything that has a text; says so where there are no rows."""
    body = tuple(tuple(str(cell) for cell in row) for row in rows)
    return Section(title, words if body else f"{words} None.".strip(), tuple(columns), body)
