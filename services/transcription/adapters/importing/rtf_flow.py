# SPDX-License-Identifier: Apache-2.0
"""Paragraphs and tables of Rich Text, which are states of a stream there, and no elements."""

from __future__ import annotations

from dataclasses import dataclass

from services.transcription.adapters.importing.story import Story
from services.transcription.domain.reading import Passage, PassageKind


@dataclass(slots=True)
class _State:
    """State of the document, or of a part of it that is read apart."""

    fresh: bool = True
    """Whether the next text begins a paragraph."""
    kind: PassageKind = PassageKind.SPEECH
    in_row: bool = False
    defined_row: bool = False
    table: bool = False
    cell: bool = False


class Flow:
    """Tells a story of the paragraphs, rows and parts that control words begin and end."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._now = _State()
        self._around: list[_State] = []

    def prepare(self) -> None:
        """Make ready for text: begin the cell or paragraph that it is in, or end a table."""
        now = self._now
        if now.in_row or now.defined_row:
            if not now.table:
                self._story.begin_table()
                now.table = True
            if not now.cell:
                self._story.begin_cell()
                now.cell = now.fresh = True
        else:
            self.end_table()
        if now.fresh:
            self._story.begin_paragraph(now.kind)
            now.fresh = False

    def end_paragraph(self, joined: bool = False) -> None:
        """End a paragraph; `joined`: its end was deleted, so that the next one goes on in it."""
        self.prepare()
        self._story.end_paragraph(joined)
        self._now.fresh = not joined

    def reset_paragraph(self) -> None:
        """Take back what was said of paragraphs."""
        self._now.in_row, self._now.kind = False, PassageKind.SPEECH

    def is_heading(self) -> None:
        """State that paragraphs are headings."""
        self._now.kind = PassageKind.HEADING

    def is_in_row(self) -> None:
        """State that paragraphs are in a table."""
        self._now.in_row = True

    def define_row(self) -> None:
        """Begin to define a row, which may be before its cells or behind them."""
        self._now.defined_row = True

    def end_cell(self) -> None:
        """End a cell, which may be empty."""
        self._now.in_row = True
        self.prepare()
        self._story.end_cell()
        self._now.cell, self._now.fresh = False, True

    def end_row(self) -> None:
        """End a row."""
        now = self._now
        if now.cell:
            self._story.end_cell()
            now.cell, now.fresh = False, True
        if now.table:
            self._story.end_row()
        now.defined_row = False

    def end_table(self) -> None:
        """End a table, if one is open."""
        now = self._now
        if now.cell:
            self.end_row()
        if now.table:
            self._story.end_table()
            now.table, now.fresh = False, True

    def begin_part(self) -> None:
        """Begin a part with paragraphs of its own, such as a note."""
        self.prepare()
        self._story.begin_part()
        self._around.append(self._now)
        self._now = _State()

    def end_box(self) -> None:
        """End a part that is a text box."""
        self.end_table()
        self._story.end_box()
        self._now = self._around.pop()

    def end_part(self) -> list[Passage]:
        """End another part, and return its passages."""
        self.end_table()
        found = self._story.end_part()
        self._now = self._around.pop()
        return found
