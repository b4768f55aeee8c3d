# SPDX-License-Identifier: Apache-2.0
"""An index for queries, derived from the log; it may be deleted and is then made again.

It is a file of its own, so that an append writes nothing but the log, and so that nothing but
the log needs to be trusted.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from services.audit.adapters.query_columns import (
    COLUMN_KEYS,
    COLUMNS,
    conditions,
    distinct_values,
)
from services.audit_evidence.entry import format_time, to_microseconds
from services.audit_evidence.errors import InvalidFormat
from services.audit_evidence.query import Query

_VERSION = 1
_SCHEMA = f"""
CREATE TABLE found (idx INTEGER PRIMARY KEY, time TEXT NOT NULL,
    {", ".join(f"{column} TEXT" for column in COLUMNS)}) STRICT;
{"".join(f"CREATE INDEX by_{c} ON found ({c}, idx) WHERE {c} IS NOT NULL;" for c in COLUMNS)}
CREATE INDEX by_time ON found (time, idx);
PRAGMA user_version = {_VERSION};
"""
_STEP = 10_000

Entries = Callable[[int, int], Iterator[bytes]]


class QueryIndex:
    """An index that finds entries that meet a query. Not durable, not evidence."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None

    def select(
        self,
        query: Query,
        start: int,
        stop: int,
        limit: int,
        entries: Entries,
        *,
        newest_first: bool = False,
    ) -> list[int]:
        """Return at most `limit` indices in [start, stop) that meet the query, in order.

        With `newest_first` the last ones, in the opposite order.
        """
        with self._lock:
            try:
                return self._select(query, start, stop, limit, entries, newest_first)
            except sqlite3.Error:
                self._discard()
                return self._select(query, start, stop, limit, entries, newest_first)

    def distinct(self, column: str, stop: int, entries: Entries) -> list[str]:
        """Return the values of one of `COLUMNS` among the entries before `stop`, each once."""
        with self._lock:
            db = self._current(stop, entries)
            return [row[0] for row in db.execute(distinct_values(column, "found", "?"), (stop,))]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def _select(
        self,
        query: Query,
        start: int,
        stop: int,
        limit: int,
        entries: Entries,
        newest_first: bool,
    ) -> list[int]:
        db = self._current(stop, entries)
        sql, values = conditions(query, "?", _stored)
        order = "idx DESC" if newest_first else "idx"
        rows = db.execute(
            # The conditions are made of fixed column names; all values are bound.
            f"SELECT idx FROM found WHERE idx >= ? AND idx < ?{sql} ORDER BY {order} LIMIT ?",  # noqa: S608 - fixed column names
            (start, stop, *values, limit),
        )
        return [row[0] for row in rows]

    def _current(self, stop: int, entries: Entries) -> sqlite3.Connection:
        """Open the index, and bring it up to `stop`."""
        db = self._open()
        if not self._fits(db, stop, entries):
            self._discard()
            db = self._open()
        self._catch_up(db, stop, entries)
        return db

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = OFF")
            if db.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                db.executescript(_SCHEMA)
            self._path.chmod(0o600)
            self._db = db
        return self._db

    def _discard(self) -> None:
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
            self._db = None
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _fits(self, db: sqlite3.Connection, stop: int, entries: Entries) -> bool:
        """Return whether the index was made from this very log, by its newest row."""
        last = db.execute("SELECT * FROM found ORDER BY idx DESC LIMIT 1").fetchone()
        if last is None:
            return True
        # A reader of an older state may ask while another has indexed further.
        return bool(last[0] >= stop or last == _row(next(entries(last[0], last[0] + 1))))

    def _catch_up(self, db: sqlite3.Connection, stop: int, entries: Entries) -> None:
        done = db.execute("SELECT coalesce(max(idx) + 1, 0) FROM found").fetchone()[0]
        while done < stop:
            step = min(done + _STEP, stop)
            db.execute("BEGIN")
            marks = ", ".join("?" * (len(COLUMNS) + 2))
            db.executemany(
                f"INSERT INTO found VALUES ({marks})",  # noqa: S608 - only question marks
                (_row(leaf) for leaf in entries(done, step)),
            )
            db.execute("COMMIT")
            done = step


def _row(leaf: bytes) -> tuple[int | str | None, ...]:
    # The log wrote this form itself, and what is found is read and checked again: decoding in full
    # takes ten times as long, which a first question over a large log would wait for.
    try:
        fields = json.loads(leaf)
        return (fields["index"], fields["time"], *(fields.get(key) for key in COLUMN_KEYS))
    except (ValueError, KeyError, AttributeError, TypeError):
        raise InvalidFormat("an entry is not in the form that the log writes") from None


def _stored(time: datetime) -> str:
    return format_time(to_microseconds(time))
