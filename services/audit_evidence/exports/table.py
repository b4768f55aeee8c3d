# SPDX-License-Identifier: Apache-2.0
"""Entries as rows of a table: CSV (RFC 4180) for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator

from services.audit_evidence.entry import Entry, format_time, to_microseconds
from services.audit_evidence.entry_fields import TEXT_NAMES

# Of the texts, the event's name and reason come with its phase and outcome.
_OTHER_TEXTS = tuple(name for name in TEXT_NAMES if name not in {"name", "reason"})
COLUMNS = (
    "index", "time", "service", "event", "phase", "outcome", "reason", "intent_index",
    *_OTHER_TEXTS, "attributes",
)  # fmt: skip
# A spreadsheet reads a cell that begins so as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def row(entry: Entry) -> list[str]:
    """Return an entry as texts in the order of COLUMNS; attributes as a JSON object."""
    event = entry.event
    attributes = dict(event.attributes)
    return [
        str(entry.index), format_time(to_microseconds(entry.time)), entry.service, event.name,
        str(event.phase), str(event.outcome), event.reason,
        "" if event.intent_index is None else str(event.intent_index),
        *(getattr(event, name) for name in _OTHER_TEXTS),
        json.dumps(attributes, sort_keys=True) if attributes else "",
    ]  # fmt: skip


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def csv_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """Return a head line and a line for each entry, ended by CRLF; no cell acts as a formula."""
    for cells in _rows(entries):
        line = io.StringIO()
        csv.writer(line, lineterminator="\r\n").writerow(map(safe_cell, cells))
        yield line.getvalue()


def _rows(entries: Iterable[Entry]) -> Iterator[Iterable[str]]:
    yield COLUMNS
    yield from map(row, entries)
