# SPDX-License-Identifier: Apache-2.0
"""Reads the rows of a table as turns: what a column holds is told by its name, or found out.

A table of keys and values, as on a cover page, gives lines `Key: value`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from services.registry import role_words
from services.transcription.adapters.importing.column_layout import (
    LONGEST_SPEAKER,
    Layout,
    by_content,
    by_name,
    contents_of,
    label_and_time,
    side_by_side,
    time_of,
)
from services.transcription.adapters.importing.column_names import (
    Column,
    column_of,
    is_header,
    label_of,
)
from services.transcription.adapters.importing.stamps import Stamp
from services.transcription.domain.reading import Findings, Passage

_MOST_COLUMNS = 64
"""Columns that are told apart; what stands to the right of them is text of the last one."""

_HEADER_WITHIN = 10
"""Rows in which the names of the columns are looked for."""

_WORDY = 2.0
"""Words in a cell, on average, from which a column without a name may be speech."""

_NOT_WORD = re.compile(r"[\W_]+")
_WHOLE = re.compile(r"\d{1,9}")
_MOST_SECONDS = 36_000
_LONGEST_SECONDS = 200
"""Seconds of a start, and of a usual turn, from which whole numbers are milliseconds."""

_DAY = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its cells, its place in the source, and passages (notes, boxes) that follow it."""

    cells: Sequence[str]
    place: int = 0
    after: tuple[Passage, ...] = ()


class Tables:
    """Reads the tables of one source, of which a later one may go on without names of columns."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._before: Layout | None = None

    def passages(self, rows: Sequence[Row]) -> Iterator[Passage]:
        """Yield the passages of a table, in its order."""
        rows = [
            _narrow(row) for row in rows if row.after or any(cell.strip() for cell in row.cells)
        ]
        header = _header(rows)
        yield from _lines(rows[: header or 0])
        if header is not None:
            names = rows[header].cells
            self._findings.leave_out("headings", " ".join(names))
            yield from rows[header].after
            rows = rows[header + 1 :]
        layout = self._layout(None if header is None else names, rows)
        if layout is None:
            yield from _lines(rows)
            return
        if layout.first:
            yield from rows[0].after
            rows = rows[1:]
        elif not layout.header and _names_only(rows, layout):
            self._findings.leave_out("headings", " ".join(rows[0].cells))
            yield from rows[0].after
            rows = rows[1:]
        self._before = layout
        if layout.guessed:
            self._findings.warn("columns_guessed", rows[0].place if rows else 0)
        yield from _Rows(layout, rows, self._findings).passages()

    def _layout(self, names: Sequence[str] | None, rows: Sequence[Row]) -> Layout | None:
        cells = [row.cells for row in rows]
        # A cell alone in its row, such as a title, says nothing of its column.
        cells = [row for row in cells if sum(map(bool, row)) > 1] or cells
        contents = contents_of(cells)
        if names is not None:
            return by_name(names, contents)
        before = self._before
        if before is not None and before.header and len(contents) == len(before.kinds):
            return before
        every = [row.cells for row in rows]
        return side_by_side(every, contents_of(every)) or by_content(contents)


def passages(
    rows: Iterable[Sequence[str]], findings: Findings, place: int = 1
) -> Iterator[Passage]:
    """Yield the passages of a table whose first row has this place, in its order."""
    numbered = [Row(cells, at) for at, cells in enumerate(rows, place)]
    return Tables(findings).passages(numbered)


def has_speech(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether some column of a table can be what was said."""
    filled = [_narrow(Row(row)) for row in rows if any(cell.strip() for cell in row)]
    header = _header(filled)
    if header is not None:
        kinds = {column_of(cell) for cell in filled[header].cells}
        if kinds & {Column.SPEECH, Column.LANGUAGE}:
            return True
        filled = filled[header + 1 :]
    return any(
        one.filled and not one.is_time and 2 * one.letters > one.filled
        and one.words >= _WORDY * one.filled
        for one in contents_of(row.cells for row in filled)
    )  # fmt: skip


def _names_only(rows: Sequence[Row], layout: Layout) -> bool:
    """Tell whether the first row has names of columns that are not known: no time beside times."""
    kinds = (Column.START, Column.END, Column.SPAN)
    cells = rows[0].cells if len(rows) > 2 else ()
    if not set(kinds) & set(layout.kinds) or len(cells) < len(layout.kinds):
        return False
    if not all(0 < len(cell) <= LONGEST_SPEAKER // 2 for cell in cells):
        return False
    if any(time_of(cell) is not None or cell.isnumeric() for cell in cells):
        return False
    who = layout.find(Column.SPEAKER)
    return who is None or all(row.cells[who : who + 1] != [cells[who]] for row in rows[1:])


def _narrow(row: Row) -> Row:
    cells = [cell.strip() for cell in row.cells]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > _MOST_COLUMNS:
        rest = " ".join(cell for cell in cells[_MOST_COLUMNS - 1 :] if cell)
        cells = [*cells[: _MOST_COLUMNS - 1], rest]
    return replace(row, cells=cells)


def _header(rows: Sequence[Row]) -> int | None:
    """Return the index of the row of names; what stands above it has two cells at most."""
    for at, row in enumerate(rows[:_HEADER_WITHIN]):
        if is_header(list(row.cells), first=at == 0):
            return at
        if sum(bool(cell) for cell in row.cells) > 2:
            return None
    return None


@dataclass(slots=True)
class _Found:
    """What a row says."""

    start: int | None = None
    end: int | None = None
    said: list[str] = field(default_factory=list)
    apart: list[tuple[str, str]] = field(default_factory=list)


class _Rows:
    """Makes passages of rows whose columns are known."""

    def __init__(self, layout: Layout, rows: Sequence[Row], findings: Findings) -> None:
        self._layout = layout
        self._rows = rows
        self._findings = findings
        self._speaker: str | None = None
        self._speakers = self._known_speakers()
        # How often each label was read behind which nothing was said so far.
        self._silent: Counter[str] = Counter()
        self._spoken: set[str] = set()
        self._kept: tuple[int | None, int | None] = (None, None)
        self._zero: int | None = None
        self._in_ms = self._are_milliseconds()

    def passages(self) -> Iterator[Passage]:
        left_out: dict[int, list[str]] = {}
        for row in self._rows:
            if self._layout.header and tuple(row.cells) == tuple(
                self._layout.header[: len(row.cells)]
            ):
                self._findings.leave_out("headings", " ".join(row.cells))
            else:
                yield from self._row(row, left_out)
            yield from row.after
        for label, times in self._silent.items():
            self._findings.leave_out("markup", " ".join([label] * times))
        for at, texts in left_out.items():
            self._findings.leave_out("table_columns", " ".join(texts))
            if self._layout.kinds[at] is not Column.NUMBER and any(
                character.isalpha() for text in texts for character in text
            ):
                self._findings.warn("columns_left_out", self._rows[0].place)

    def _are_milliseconds(self) -> bool:
        """Tell whether plain numbers are milliseconds, as Whisper writes them, and not seconds."""
        kinds = (Column.START, Column.END)
        for kind, name in zip(self._layout.kinds, self._layout.names, strict=False):
            if kind in kinds and {"ms", "msec", "milliseconds"} & set(
                _NOT_WORD.split(name.lower())
            ):
                return True
        columns = [at for kind in kinds if (at := self._layout.find(kind)) is not None]
        rows = [[row.cells[at] for at in columns if at < len(row.cells)] for row in self._rows]
        numbers = [[int(cell) for cell in row if _WHOLE.fullmatch(cell)] for row in rows]
        if len(columns) == 1:
            return max((row[0] for row in numbers if row), default=0) > _MOST_SECONDS
        lengths = sorted(row[1] - row[0] for row in numbers if len(row) == 2)
        return bool(lengths) and lengths[len(lengths) // 2] >= _LONGEST_SECONDS

    def _known_speakers(self) -> frozenset[str]:
        at = self._layout.find(Column.SPEAKER)
        if at is None:
            return frozenset()
        seen = Counter(
            label_and_time(row.cells[at])[0].casefold()
            for row in self._rows
            if at < len(row.cells) and row.cells[at] and sum(bool(cell) for cell in row.cells) > 1
        )
        return frozenset(seen)

    def _row(self, row: Row, left_out: dict[int, list[str]]) -> Iterator[Passage]:
        filled = [(at, cell) for at, cell in enumerate(row.cells) if cell]
        if not filled:
            return
        if len(filled) == 1 and (alone := self._alone(*filled[0])) is not None:
            if alone:
                yield Passage(alone, "", gap=True, place=row.place)
            return
        found = _Found()
        for at, cell in filled:
            kind = self._layout.kinds[at] if at < len(self._layout.kinds) else Column.OTHER
            if kind is Column.SPEAKER:
                self._take_speaker(cell, found)
            elif kind in (Column.START, Column.END, Column.SPAN):
                self._take_time(kind, cell, found)
            elif kind is Column.ONE_SPEAKER:
                found.apart.append((label_of(self._layout.names[at]), cell))
            elif kind in (Column.SPEECH, Column.TEXT):
                found.said.append(cell)
            else:
                left_out.setdefault(at, []).append(cell)
        yield from self._turns(found, row.place)

    def _take_speaker(self, cell: str, found: _Found) -> None:
        label, stamp = label_and_time(cell)
        self._turn_to(label)
        if stamp is not None and found.start is None:
            found.start, found.end = self._offset(stamp), stamp.end_ms

    def _turn_to(self, label: str) -> None:
        if label:
            self._speaker = label
            if label not in self._spoken:
                self._silent[label] += 1

    def _take_time(self, kind: Column, cell: str, found: _Found) -> None:
        stamp = time_of(cell) or self._number(cell)
        if stamp is None:
            found.said.append(cell)
        elif kind is Column.END:
            found.end = self._offset(stamp)
        else:
            found.start = self._offset(stamp)
            if stamp.end_ms is not None:
                found.end = stamp.end_ms

    def _turns(self, found: _Found, place: int) -> Iterator[Passage]:
        """Yield what a row says; the time of a row without words is that of the next one."""
        if found.start is None and found.end is None:
            found.start, found.end = self._kept
        self._kept = (None, None)
        if found.said:
            text = "\n".join(found.said)
            if self._speaker is not None:
                self._spoken.add(self._speaker)
                self._silent.pop(self._speaker, None)
            yield Passage(text, self._speaker, found.start, found.end, gap=True, place=place)
        elif not found.apart:
            self._kept = (found.start, found.end)
        for name, text in found.apart:
            yield Passage(text, name, found.start, found.end, gap=True, place=place)

    def _alone(self, at: int, cell: str) -> str | None:
        """Return what a row with one filled cell says if it is no turn: "" or text of nobody."""
        kind = self._layout.kinds[at] if at < len(self._layout.kinds) else Column.OTHER
        if kind is Column.SPEAKER:
            label, stamp = label_and_time(cell)
            if stamp is not None and not label:
                self._kept = (self._offset(stamp), stamp.end_ms)
                return ""
            if label.casefold() in self._speakers or role_words.role_of(label):
                self._turn_to(label)
                return ""
            return cell
        if kind in (Column.NUMBER, Column.OTHER) and not cell.strip(" .").isdecimal():
            return cell
        if kind in (Column.START, Column.SPAN) and time_of(cell) is None:
            return cell
        return None

    def _number(self, cell: str) -> Stamp | None:
        """Return a plain number as a time: seconds, or milliseconds where the header says so."""
        try:
            number = float(cell.strip(" s").replace(",", "."))
        except ValueError:
            return None
        if not 0 <= number < 1e9:
            return None
        time = round(number) if self._in_ms else round(number * 1000)
        return Stamp(time, None, 0, len(cell), True)

    def _offset(self, stamp: Stamp) -> int:
        """Return a time of the day as milliseconds since the first of them."""
        if not stamp.clock:
            return stamp.start_ms
        if self._zero is None:
            self._zero = stamp.start_ms
        return (stamp.start_ms - self._zero) % _DAY


def _lines(rows: Iterable[Row]) -> Iterator[Passage]:
    """Yield rows as lines; a short cell before another one is a key or a label."""
    for row in rows:
        filled = [cell for cell in row.cells if cell]
        key = filled[0].rstrip(": ：") if row.cells and row.cells[0] else ""
        if len(filled) > 1 and 0 < len(key) <= LONGEST_SPEAKER and "\n" not in key:
            yield Passage(f"{key}: {' '.join(filled[1:])}", gap=True, place=row.place)
        elif filled:
            yield Passage(" ".join(filled), gap=True, place=row.place)
        yield from row.after
