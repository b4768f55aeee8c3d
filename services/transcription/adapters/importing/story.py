# SPDX-License-Identifier: Apache-2.0
"""Puts passages together from the paragraphs, tables and boxes of a word processor's document.

What a walker of a document's elements meets is told here, in order; nested parts (a box in a
sentence, a table in a cell) are kept apart and come after the paragraph that they stand in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from services.transcription.adapters.importing.columns import Row, Tables
from services.transcription.adapters.importing.stamps import stamp_at
from services.transcription.domain.reading import Findings, Passage, PassageKind

_BLOCKS_OF_A_LAYOUT = 4
"""Paragraphs in a cell, on average, from which a table is taken to lay out a page."""

_MAYBE_LABEL = re.compile(r"[^\n:：\t]{1,60}[:：\t]")


@dataclass(slots=True)
class _Paragraph:
    place: int
    kind: PassageKind = PassageKind.SPEECH
    speaker: str | None = None
    pieces: list[str] = field(default_factory=list)
    emphasised: int = 0
    plain: bool = False
    struck: bool = False
    aside: str = ""
    asides: list[str] = field(default_factory=list)
    after: list[Passage] = field(default_factory=list)
    boxes: list[int] = field(default_factory=list)
    """Which of those that come after it are of text boxes."""


@dataclass(slots=True)
class _Cell:
    passages: list[Passage]
    span: int = 1


@dataclass(slots=True)
class _Table:
    rows: list[tuple[list[_Cell], int]] = field(default_factory=list)
    cells: list[_Cell] = field(default_factory=list)
    place: int = 0


class _Sink:
    """Where passages go: the document, a cell, a box or a note."""

    def __init__(self) -> None:
        self.passages: list[Passage] = []
        self.paragraph: _Paragraph | None = None
        self.joined = False
        self.tables: list[_Table] = []


class Story:
    """Makes passages of what it is told, in order; `take` hands over those that are whole."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._tables = Tables(findings)
        self._sinks = [_Sink()]
        self._place = 0

    def take(self) -> list[Passage]:
        """Return passages of the document that are finished, and forget them."""
        root = self._sinks[0]
        made, root.passages = root.passages, []
        return made

    def end(self) -> list[Passage]:
        """Return the last passages."""
        self._finish()
        return self.take()

    @property
    def place(self) -> int:
        """Number of the paragraph that is being read."""
        return self._place

    # Paragraphs.

    def begin_paragraph(
        self, kind: PassageKind = PassageKind.SPEECH, speaker: str | None = None
    ) -> None:
        """Begin a paragraph, or go on with the one before where its end was deleted."""
        sink = self._sinks[-1]
        if sink.paragraph is not None and sink.joined:
            sink.joined = False
            return
        self._finish()
        self._place += 1
        sink.paragraph = _Paragraph(self._place, kind, speaker)

    def set_kind(self, kind: PassageKind) -> None:
        """State what the paragraph that is open is."""
        self._paragraph().kind = kind

    def end_paragraph(self, joined: bool = False) -> None:
        """End a paragraph; `joined`: the next one goes on in it."""
        sink = self._sinks[-1]
        if sink.paragraph is None:
            return
        self._flush_aside(sink.paragraph)
        if joined:
            sink.joined = True
        else:
            self._finish()

    def write(self, text: str, emphasised: bool = False, struck: bool = False) -> None:
        """Add words of the paragraph that is open."""
        paragraph = self._paragraph()
        if paragraph.aside and text.strip():
            self._flush_aside(paragraph)
        elif paragraph.aside:
            paragraph.asides.append(text)
        if struck and not paragraph.struck and text.strip():
            self._findings.warn("struck_text", paragraph.place)
        if text.strip():
            paragraph.struck = struck
            paragraph.plain = paragraph.plain or not emphasised
        if not paragraph.plain:
            paragraph.emphasised += len(text)
        paragraph.pieces.append(text)

    def leave_out(self, kind: str, text: str) -> None:
        """Count words that are not read; what stands together is counted once."""
        paragraph = self._paragraph()
        if paragraph.aside != kind:
            self._flush_aside(paragraph)
            paragraph.aside = kind
        paragraph.asides.append(text)

    def insert(self, passages: Iterable[Passage]) -> None:
        """Add passages that are made already, behind the paragraph that is open, if one is."""
        sink = self._sinks[-1]
        (sink.paragraph.after if sink.paragraph else sink.passages).extend(passages)

    def _paragraph(self) -> _Paragraph:
        sink = self._sinks[-1]
        if sink.paragraph is None:
            self._place += 1
            sink.paragraph = _Paragraph(self._place)
        return sink.paragraph

    def _flush_aside(self, paragraph: _Paragraph) -> None:
        text = "".join(paragraph.asides)
        if text.strip():
            self._findings.leave_out(paragraph.aside, text)
            if paragraph.aside == "hidden_text":
                self._findings.warn("hidden_text", paragraph.place)
        paragraph.aside = ""
        paragraph.asides.clear()

    def _finish(self) -> None:
        sink = self._sinks[-1]
        paragraph, sink.paragraph, sink.joined = sink.paragraph, None, False
        if paragraph is None:
            return
        self._flush_aside(paragraph)
        raw = "".join(paragraph.pieces)
        text = "\n".join(line.strip() for line in raw.split("\n")).strip()
        if text:
            stamp = stamp_at(text) if paragraph.kind is PassageKind.HEADING else None
            if stamp is not None and stamp.end == len(text):
                # A time is no heading of the talk, in whatever style.
                paragraph.kind = PassageKind.SPEECH
            lead = len(raw) - len(raw.lstrip())
            sink.passages.append(
                Passage(
                    text,
                    paragraph.speaker,
                    kind=paragraph.kind,
                    gap=True,
                    emphasised=min(max(paragraph.emphasised - lead, 0), len(text)),
                    place=paragraph.place,
                )
            )
        if text:
            for at in paragraph.boxes:
                paragraph.after[at : at + 1] = _of_nobody(paragraph.after[at : at + 1])
        sink.passages.extend(paragraph.after)

    # Boxes, notes and other parts that are read apart.

    def begin_part(self) -> None:
        """Begin a part that is read apart, such as a text box."""
        self._sinks.append(_Sink())

    def end_part(self) -> list[Passage]:
        """Return the passages of the part that was begun last."""
        self._finish()
        return self._sinks.pop().passages

    def end_box(self) -> bool:
        """End a text box; its passages follow the paragraph that it stands in.

        Where they stand in talk they are nobody's, but for a box with several labels, which is talk
        itself. Returns whether it had text.
        """
        passages = self.end_part()
        around = self._sinks[-1].paragraph
        lines = [line for one in passages for line in one.text.split("\n")]
        is_talk = sum(_MAYBE_LABEL.match(line) is not None for line in lines) > 1
        if around is not None and "".join(around.pieces).strip() and not is_talk:
            passages = _of_nobody(passages)
        if around is not None and not is_talk:
            # It may stand before the words of its paragraph.
            begin = len(around.after)
            around.boxes.extend(range(begin, begin + len(passages)))
        self.insert(passages)
        return bool(passages)

    # Tables.

    def begin_table(self) -> None:
        """Begin a table, maybe in a cell of another one."""
        self._finish()
        self._sinks[-1].tables.append(_Table())

    def begin_cell(self) -> None:
        """Begin a cell."""
        self._sinks.append(_Sink())

    def end_cell(self, span: int = 1) -> None:
        """End a cell that spans so many columns."""
        passages = self.end_part()
        tables = self._sinks[-1].tables
        if tables:
            tables[-1].cells.append(_Cell(passages, span))
        else:
            self._sinks[-1].passages.extend(passages)

    def skip_columns(self, count: int) -> None:
        """Leave cells of a row empty."""
        if tables := self._sinks[-1].tables:
            tables[-1].cells.append(_Cell([], count))

    def end_row(self) -> None:
        """End a row."""
        if tables := self._sinks[-1].tables:
            table = tables[-1]
            table.rows.append((table.cells, self._place))
            table.cells = []

    def end_table(self) -> None:
        """End a table: its rows become passages, or the passages of its cells come one by one."""
        self._finish()
        sink = self._sinks[-1]
        if not sink.tables:
            return
        table = sink.tables.pop()
        if table.cells:
            table.rows.append((table.cells, self._place))
        if _is_layout(table):
            sink.passages.extend(
                one for cells, _ in table.rows for cell in cells for one in cell.passages
            )
        else:
            sink.passages.extend(self._tables.passages([_row(*row) for row in table.rows]))


def _of_nobody(passages: list[Passage]) -> list[Passage]:
    return [replace(one, speaker="") if one.speaker is None else one for one in passages]


def _is_layout(table: _Table) -> bool:
    columns: set[int] = set()
    filled = blocks = 0
    for cells, _ in table.rows:
        at = 0
        for cell in cells:
            if cell.passages:
                columns.add(at)
                filled += 1
                blocks += len(cell.passages)
            at += cell.span
    return len(columns) < 2 or blocks > _BLOCKS_OF_A_LAYOUT * filled


def _row(cells: list[_Cell], place: int) -> Row:
    texts: list[str] = []
    after: list[Passage] = []
    for cell in cells:
        lines: list[str] = []
        for one in cell.passages:
            if one.kind is PassageKind.NOTE or one.speaker == "":
                after.append(one)
            else:
                lines.append(f"{one.speaker}: {one.text}" if one.speaker else one.text)
        texts.append("\n".join(lines))
        texts.extend([""] * (cell.span - 1))
    first = next((one.place for cell in cells for one in cell.passages), place)
    return Row(texts, first, tuple(after))
