# SPDX-License-Identifier: Apache-2.0
"""Entries as rows of a table: CSV (RFC 4180) for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator

from services.audit.domain.entry import Entry, format_time, to_microseconds

COLUMNS = (
    "index", "time", "service", "event", "phase", "outcome", "reason", "intent_index", "person",
    "role", "purpose", "caller", "object", "study_id", "participant", "zone", "request_id",
    "attributes",
)  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def row(entry: Entry) -> list[str]:
    """Give an entry as texts in the order of COLUMNS; attributes as a JSON object."""
    event = entry.event
    attributes = dict(event.attributes)
    return [
        str(entry.index), format_time(to_microseconds(entry.time)), entry.service, event.name,
        str(event.phase), str(event.outcome), event.reason,
        "" if event.intent_index is None else str(event.intent_index), event.person, event.role,
        event.purpose, event.caller, event.object, event.study_id, event.participant, event.zone,
        event.request_id, json.dumps(attributes, sort_keys=True) if attributes else "",
    ]  # fmt: skip


def csv_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """Give a head line and a line an entry, each ended by CRLF; no cell can act as a formula."""
    for cells in _rows(entries):
        line = io.StringIO()
        csv.writer(line, lineterminator="\r\n").writerow(
            "'" + cell if cell.startswith(_FORMULA) else cell for cell in cells
        )
        yield line.getvalue()


def _rows(entries: Iterable[Entry]) -> Iterator[Iterable[str]]:
    yield COLUMNS
    yield from map(row, entries)
