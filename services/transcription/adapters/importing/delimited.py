# SPDX-License-Identifier: Apache-2.0
"""Importer of tables in text: CSV (RFC 4180), with tabs, semicolons or bars too."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.transcription.adapters.importing.column_names import is_header
from services.transcription.adapters.importing.columns import Row, Tables, has_speech
from services.transcription.domain.reading import Passage
from services.transcription.errors import BadTranscript, TooLarge

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source

_DELIMITERS = (",", "\t", ";", "|")
_SAMPLE_LINES = 50
_SAMPLE_CHARACTERS = 16 * 1024
_MOST_COLUMNS = 1000
_MOST_LINES_OF_A_CELL = 200
"""Lines of a cell from which a quotation mark is taken for one that is never closed."""

# Excel says what it separates cells by in a line of its own.
_SEPARATOR = re.compile(r"\s{0,8}sep=(.)\s{0,8}\n", re.IGNORECASE)


def read(source: Source) -> Iterator[Passage]:
    """Yield the passages of a table, in order; raises `BadTranscript` where it holds no speech."""
    text = source.text()
    stated = _SEPARATOR.match(text)
    if stated:
        text = text[stated.end() :]
    delimiter = stated[1] if stated else delimiter_of(text[:_SAMPLE_CHARACTERS])
    rows = list(_rows(text, delimiter, source.limits.max_turns))
    if not has_speech([row.cells for row in rows]):
        raise BadTranscript(
            "The transcript is a table without speech: no column holds text of several words; name "
            "the column of what was said Text, and that of who said it Speaker."
        )
    yield from Tables(source.findings).passages(rows)


def delimiter_of(sample: str) -> str:
    """Return what separates the cells: it gives the same number of them in most rows."""
    best, most = ",", 0.0
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in _sample(sample, delimiter)]
        usual = max(set(widths), key=widths.count) if widths else 1
        if usual > 1:
            # Commas in speech make rows uneven; names of columns are sure.
            named = any(is_header(row) for row in _sample(sample, delimiter)[:10])
            score = widths.count(usual) / len(widths) + named
            if score > most:
                best, most = delimiter, score
    return best


def looks_like(head: str) -> str:
    """Return what separates the cells of a text that is a table, or "" for another text.

    One of its first rows has names of columns, and most that follow have as many cells.
    """
    for delimiter in _DELIMITERS:
        rows = _sample(head[:_SAMPLE_CHARACTERS], delimiter)
        # Names of speakers alone may as well be talk.
        names = (at for at, row in enumerate(rows[:10]) if is_header(row, first=False))
        at = next(names, None)
        if at is not None:
            same = sum(len(row) == len(rows[at]) for row in rows[at + 1 :])
            if same and 2 * same >= len(rows) - at - 1:
                return delimiter
    return ""


def _sample(text: str, delimiter: str) -> list[list[str]]:
    lines = text.split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES]
    try:
        rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return []
    return [row for row in rows if any(cell.strip() for cell in row)]


def _rows(text: str, delimiter: str, most: int) -> Iterator[Row]:
    """Yield the rows that are not empty; their place is the line that they begin in."""
    before = count = 0
    lines = _lines(text, delimiter)
    if _runs_away(text, delimiter):
        reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                count += 1
                if count > most:
                    raise TooLarge(
                        f"The transcript has more than {most} rows; split it or raise the limit in "
                        "the settings."
                    )
                yield Row(cells, before + 1)
            before = reader.line_num
    except csv.Error:
        raise BadTranscript(
            f"The transcript is a table that cannot be read at line {reader.line_num}; save it "
            "again as CSV in UTF-8."
        ) from None


def _runs_away(text: str, delimiter: str) -> bool:
    """Tell whether some cell goes on over so many lines that its quotation mark is no such mark."""
    before = 0
    reader = csv.reader(_lines(text, delimiter), delimiter=delimiter)
    try:
        for _ in reader:
            if reader.line_num - before > _MOST_LINES_OF_A_CELL:
                return True
            before = reader.line_num
    except csv.Error:
        return True
    return False


def _lines(text: str, delimiter: str) -> Iterator[str]:
    at = number = 0
    while at < len(text):
        end = text.find("\n", at) + 1 or len(text)
        number += 1
        if text.count(delimiter, at, end) > _MOST_COLUMNS:
            raise BadTranscript(
                f"The transcript has more than {_MOST_COLUMNS} columns in line {number}, so it is "
                "no table of speech."
            )
        yield text[at:end]
        at = end
