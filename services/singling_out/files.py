# SPDX-License-Identifier: Apache-2.0
"""Reads what an intruder has: a released folder or JSON lines, and a table of known people."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from services.common.errors import InvalidInput
from services.registry import ids, role_words
from services.singling_out.linkage import Known, known
from services.singling_out.profiles import KINDS, Interview, Turn

_STEM = re.compile(
    rf"(?P<code>{ids.PARTICIPANT_CODE})_S[0-9]+(?:_invented)?(?:_[0-9]+)?(?:_readable)?"
)
_INTERVIEWER = "Interviewer"  # what a release calls whoever asks
_LABEL = re.compile(r"(?P<label>[^:\n]{1,63}): ")
_MOST_PEOPLE = 100_000


def read_interviews(place: Path) -> list[Interview]:
    """Return the interviews of an exported release (a folder), or of JSON lines as `sotto deid run`
    writes them (a file).

    Raises InvalidInput, with file and line and none of their content.
    """
    if place.is_dir():
        return list(_release(place))
    if not place.is_file():
        raise InvalidInput(f"there is no folder and no file {place}")
    return list(_lines(place))


def _release(folder: Path) -> Iterator[Interview]:
    named = [
        (path, match) for path in sorted(folder.iterdir()) if (match := _STEM.fullmatch(path.stem))
    ]
    for suffix, read in ((".jsonl", _jsonl), (".txt", _txt)):
        found = [(path, match["code"]) for path, match in named if path.suffix == suffix]
        for path, code in found:
            yield Interview(path.stem, code, tuple(read(path)))
        if found:
            return
    raise InvalidInput(
        f"{folder} holds no interviews of a release as jsonl or txt; export it with: sotto release"
        " export --format jsonl"
    )


def _jsonl(path: Path) -> Iterator[Turn]:
    for number, turn in _objects(path):
        text, speaker = turn.get("text"), turn.get("speaker")
        if not isinstance(text, str) or not isinstance(speaker, str):
            raise InvalidInput(f"{path.name}, line {number}: it is no turn of a release")
        yield Turn(number, text, not speaker.startswith(_INTERVIEWER))


def _txt(path: Path) -> Iterator[Turn]:
    try:
        paragraphs = path.read_text("utf-8").split("\n\n")
    except UnicodeDecodeError:
        raise InvalidInput(f"{path.name} is not in UTF-8, as a release is") from None
    for number, paragraph in enumerate(filter(str.strip, paragraphs), 1):
        label = _LABEL.match(paragraph)
        text = paragraph[label.end() :] if label else paragraph
        asks = label is not None and label["label"].startswith(_INTERVIEWER)
        yield Turn(number, text.rstrip("\n"), not asks)


def _lines(path: Path) -> Iterator[Interview]:
    for number, record in _objects(path):
        name = record.get("id")
        name = name if isinstance(name, str) and name else f"line {number}"
        code = record.get("participant")
        code = code if isinstance(code, str) and code else name
        if isinstance(record.get("text"), str) and "turns" not in record:
            yield Interview(name, code, (Turn(1, record["text"], by_participant=True),))
            continue
        turns = record.get("turns")
        if not isinstance(turns, list) or not all(
            isinstance(one, dict) and isinstance(one.get("text"), str) for one in turns
        ):
            raise InvalidInput(f'line {number} has neither "text" nor "turns" with "text" in each')
        yield Interview(
            name,
            code,
            tuple(Turn(at, one["text"], not _asks(one)) for at, one in enumerate(turns, 1)),
        )


def _asks(turn: Mapping[str, Any]) -> bool:
    told = turn.get("role") or turn.get("speaker") or ""
    return isinstance(told, str) and role_words.role_of(told) == "interviewer"


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                found = json.loads(line)
            except (ValueError, RecursionError):
                raise InvalidInput(f"{path.name}, line {number}: it is not JSON in UTF-8") from None
            if not isinstance(found, dict):
                raise InvalidInput(f"{path.name}, line {number}: it is no JSON object")
            yield number, found


def read_known(path: Path) -> list[Known]:
    """Return the people of a table: CSV with a heading, a JSON list of objects, or JSON lines.

    Columns are called as the kinds of attributes; others, such as a name, are not looked at.
    Raises InvalidInput where no column is one, or more than 100,000 people are in it.
    """
    if not path.is_file():
        raise InvalidInput(f"there is no file {path}")
    try:
        rows = list(_table(path))
    except (UnicodeDecodeError, csv.Error):
        raise InvalidInput(f"{path.name} is no table in UTF-8") from None
    if len(rows) > _MOST_PEOPLE:
        raise InvalidInput(f"{path.name} holds more than {_MOST_PEOPLE} people; split it")
    people = [known(number, row) for number, row in enumerate(rows, 1)]
    if not any(one.values for one in people):
        raise InvalidInput(
            f"{path.name} has no column of attributes that can be read; there are"
            f" {', '.join(KINDS)}"
        )
    return people


def _table(path: Path) -> Iterable[Mapping[str, object]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield {str(column): cell for column, cell in row.items()}
        return
    if path.suffix == ".json":
        try:
            found = json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            raise InvalidInput(f"{path.name} is not JSON in UTF-8") from None
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise InvalidInput(f"{path.name} is no JSON list of objects")
        yield from found
        return
    yield from (row for _, row in _objects(path))
