# SPDX-License-Identifier: Apache-2.0
"""Lists of interviews, as people write them in a spreadsheet: a file and who it is of, a row each.

CSV (RFC 4180) as Excel, LibreOffice and Numbers save it: with commas, semicolons or tabs, in UTF-8,
UTF-16 or windows-1252.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.common.errors import InvalidInput
from services.common.wording import nearest
from services.intake.days import interview_day
from services.intake.reading_options import MOST_SPEAKERS, reading_options
from services.registry import ids
from sotto.transcript.v1 import reading_pb2

COLUMNS = ("file", "participant", "session", "date", "speakers", "encoding", "notes")
"""Columns that a list may have, in the order of the template."""

_MOST_BYTES = 4 * 1024 * 1024
_MOST_ROWS = 10_000
_MOST_FAULTS = 10
_MOST_SESSION = 999
_HEAD = 512
_YES = {"yes", "y", "true", "1", "x", "ya"}
_NO = {"", "no", "n", "false", "0", "tidak"}
# How xlsx, ods and xls begin: ZIP, and the compound files of Microsoft.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True, slots=True)
class ListedInterview:
    """A row: what it leaves empty is "" or 0. `line` is its line in the list, from 1."""

    line: int
    path: Path
    participant: str
    session: int
    date: str
    reading: reading_pb2.ReadingOptions
    speakers: int = 0


def read_list(path: Path) -> list[ListedInterview]:
    """Return the rows of a list; files are sought from the folder of the list.

    Raises InvalidInput that names the lines that cannot be used, and why.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"the list {path} cannot be read ({error.strerror})") from error
    if len(data) > _MOST_BYTES:
        raise InvalidInput(f"the list {path} is larger than {_MOST_BYTES // 2**20} MiB")
    if data.startswith(_WORKBOOKS):
        raise InvalidInput(
            f"the list {path} is a workbook of a spreadsheet: save it there as CSV (UTF-8), and"
            " give that file"
        )
    try:
        return parse_list(_decode(data), path.parent)
    except InvalidInput as error:
        raise InvalidInput(f"the list {path}: {error.message}; nothing was sealed") from None


def parse_list(text: str, folder: Path) -> list[ListedInterview]:
    """Return the rows of a list's text; raises InvalidInput as `read_list` does."""
    rows = _rows(text)
    first = next(rows, None)
    if first is None:
        raise InvalidInput("it is empty; see: sotto ingest --template FOLDER")
    columns = _columns(first[1])
    found: list[ListedInterview] = []
    faults: list[str] = []
    seen: dict[Path, int] = {}
    for line, cells in rows:
        if not any(cells):
            continue
        try:
            one = _interview(line, columns, cells, folder)
            if (before := seen.setdefault(one.path, line)) != line:
                raise InvalidInput(f"the file of line {before} once more")
            found.append(one)
        except InvalidInput as error:
            faults.append(f"line {line}: {error.message}")
        if len(found) + len(faults) > _MOST_ROWS:
            raise InvalidInput(f"it has more than {_MOST_ROWS} rows; split it")
    if faults:
        more = len(faults) - _MOST_FAULTS
        told = faults[:_MOST_FAULTS] + ([f"and {more} more"] if more > 0 else [])
        raise InvalidInput("; ".join(told))
    if not found:
        raise InvalidInput("it names no file")
    return found


def template(files: Iterable[Path]) -> str:
    """Return the text of a list of files in which the rest is left for people to fill in."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for file in files:
        writer.writerow([_text_of(file), *[""] * (len(COLUMNS) - 1)])
    return out.getvalue()


def is_list(path: Path) -> bool:
    """Return whether a file begins as a list does: it is no interview."""
    if path.suffix.lower() not in {".csv", ".tsv", ".txt"}:
        return False
    try:
        with path.open("rb") as file:
            start = _decode(file.read(_HEAD))
        columns = [cell.strip().lower() for cell in next(_rows(start.splitlines()[0]))[1]]
    except (OSError, InvalidInput, IndexError, StopIteration):
        return False
    return columns[:3] == list(COLUMNS[:3])


def _text_of(file: Path) -> str:
    # A name of odd bytes cannot stand in a list; whoever reads the list sees where.
    return str(file).encode("utf-8", "replace").decode()


def _decode(data: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("windows-1252", "replace")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line that each row begins at, and its cells without blanks around them."""
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise InvalidInput(f"line {line}: it is no CSV; a quotation mark has no end") from None
        yield line, [cell.strip() for cell in cells]


def _columns(cells: Sequence[str]) -> list[str]:
    names = [cell.lower() for cell in cells]
    while names and not names[-1]:
        names.pop()  # spreadsheets write empty columns at the end
    if "file" not in names:
        raise InvalidInput(
            f"line 1: it names the columns, and 'file' is not among them; they are"
            f" {', '.join(COLUMNS)}"
        )
    for name in names:
        if name not in COLUMNS:
            near = nearest(name, COLUMNS)
            hint = f"is {near} meant?" if near else f"they are {', '.join(COLUMNS)}"
            told = name if re.fullmatch(r"[a-z_ -]{1,24}", name) else "of that name"
            raise InvalidInput(f"line 1: there is no column {told}; {hint}")
        if names.count(name) > 1:
            raise InvalidInput(f"line 1: the column {name} stands there twice")
    return names


def _interview(
    line: int, columns: Sequence[str], cells: Sequence[str], folder: Path
) -> ListedInterview:
    if any(cells[len(columns) :]):
        raise InvalidInput("it has more cells than there are columns")
    row: Mapping[str, str] = dict(zip(columns, cells, strict=False))
    if not row.get("file"):
        raise InvalidInput("it names no file")
    if "\0" in row["file"]:
        raise InvalidInput("its file is no name of a file")
    code = row.get("participant", "")
    if code and not re.fullmatch(ids.PARTICIPANT_CODE, code):
        raise InvalidInput(f"participant: {ids.ADVICE[ids.PARTICIPANT_CODE]}")
    count, roles = _speakers(row.get("speakers", ""))
    return ListedInterview(
        line,
        folder / row["file"],
        code,
        _session(row.get("session", "")),
        _date(row.get("date", "")),
        reading_options(row.get("encoding", ""), _switch(row.get("notes", "")), roles),
        count,
    )


def _speakers(text: str) -> tuple[int, Sequence[str]]:
    """Return how many people speak, 0 where that is not said, and what is said of who they are."""
    said = [one for one in re.split(r"[;,|\s]+", re.sub(r"\s*=\s*", "=", text)) if one]
    counts = [one for one in said if one.isascii() and one.isdigit()]
    if not counts:
        return 0, said
    if len(counts) > 1 or not 1 <= int(counts[0][:9]) <= MOST_SPEAKERS:
        raise InvalidInput(f"speakers: how many speak is one number from 1 to {MOST_SPEAKERS}")
    return int(counts[0]), [one for one in said if one not in counts]


def _session(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _MOST_SESSION):
        raise InvalidInput(f"session: a number from 1 to {_MOST_SESSION} is needed")
    return int(text)


def _date(text: str) -> str:
    if not text:
        return ""
    try:
        return interview_day(text)
    except InvalidInput as error:
        raise InvalidInput(
            f"date: {error.message} (a spreadsheet may have rewritten it: make it a column of text)"
        ) from None


def _switch(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() not in _NO:
        raise InvalidInput("notes: it is yes or no")
    return False
