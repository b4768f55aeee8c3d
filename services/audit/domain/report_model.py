# SPDX-License-Identifier: Apache-2.0
"""A report as plain values, before it becomes a page: facts, and sections with tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Section:
    """A heading, a sentence, and a table that may be empty."""

    title: str
    words: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class ReportDocument:
    """A title, facts about the whole, and sections in order."""

    title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


def table(
    title: str, words: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> Section:
    """Make a section with a table of anything that has a text."""
    body = tuple(tuple(str(cell) for cell in row) for row in rows)
    return Section(title, words, tuple(columns), body)
