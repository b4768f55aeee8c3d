# SPDX-License-Identifier: Apache-2.0
"""The log in PostgreSQL: the store of an installation with several audit processes."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence

import psycopg
from psycopg import sql

from services.audit.adapters.query_columns import (
    COLUMNS,
    column_values,
    conditions,
    distinct_values,
)
from services.audit.domain.ports import Head
from services.audit.errors import LogDamaged, LogFull, LogUnavailable, OtherWriter
from services.audit_evidence.entry import decode
from services.audit_evidence.frontier import Tile
from services.audit_evidence.query import Query

SCHEMA_VERSION = 1
_PAGE = 1000
_LOCK = 0x534F5454  # one number for all processes of this log's schema
_TABLES = [
    "CREATE TABLE IF NOT EXISTS entries (idx bigint PRIMARY KEY, leaf bytea NOT NULL, "
    "time timestamptz NOT NULL, "
    + ", ".join(f'{column} text COLLATE "C"' for column in COLUMNS)
    + ")",
    (
        "CREATE TABLE IF NOT EXISTS tiles (level int, idx bigint, hashes bytea NOT NULL, "
        "PRIMARY KEY (level, idx))"
    ),
    (
        "CREATE TABLE IF NOT EXISTS head (one int PRIMARY KEY CHECK (one = 1), "
        "version int NOT NULL, size bigint NOT NULL, note text NOT NULL)"
    ),
    "CREATE INDEX IF NOT EXISTS entries_by_time ON entries (time, idx)",
    *(
        f"CREATE INDEX IF NOT EXISTS entries_by_{c} ON entries ({c}, idx) WHERE {c} IS NOT NULL"
        for c in COLUMNS
    ),
    (
        "CREATE OR REPLACE FUNCTION entries_stay() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'entries are never changed or removed'; END $$"
    ),
    (
        "CREATE OR REPLACE TRIGGER entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON entries "
        "FOR EACH STATEMENT EXECUTE FUNCTION entries_stay()"
    ),
]


class PostgresStore:
    """Store over one schema of a PostgreSQL database (15 or newer), shared by several processes.

    `address` is a connection string; the first schema of its search path holds the tables. Raises
    LogUnavailable when the database cannot be reached.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._reading = threading.Lock()
        self._writer: psycopg.Connection | None = None
        self._reader: psycopg.Connection | None = None
        self._closed = False
        with _faults():
            writer = self._write()
            with writer.transaction():
                writer.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
                for statement in _TABLES:
                    writer.execute(statement.encode())

    def head(self) -> Head | None:
        """Return the stored head."""
        with _faults():
            row = self._write().execute("SELECT size, note, version FROM head").fetchone()
        if row is None:
            return None
        if row[2] != SCHEMA_VERSION:
            raise LogUnavailable(
                f"the audit log's database has version {row[2]}, this program knows "
                f"{SCHEMA_VERSION}; use the program that wrote it"
            )
        return Head(row[0], row[1])

    def commit(self, first: int, leaves: Sequence[bytes], tiles: Sequence[Tile], note: str) -> None:
        """Append in one transaction that no other process can be in at the same time."""
        size = first + len(leaves)
        with _faults():
            db = self._write()
            with db.transaction(), db.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
                row = cursor.execute("SELECT size FROM head").fetchone()
                if (row[0] if row else 0) != first:
                    raise OtherWriter("another process appended to this log")
                names = ("idx", "leaf", "time", *COLUMNS)
                with cursor.copy(f"COPY entries ({', '.join(names)}) FROM STDIN".encode()) as copy:
                    for index, leaf in enumerate(leaves, first):
                        copy.write_row(_row(index, leaf))
                for tile in tiles:
                    cursor.execute(
                        "INSERT INTO tiles VALUES (%s, %s, %s)",
                        (tile.level, tile.index, tile.hashes),
                    )
                cursor.execute(
                    "INSERT INTO head VALUES (1, %s, %s, %s) "
                    "ON CONFLICT (one) DO UPDATE SET size = excluded.size, note = excluded.note",
                    (SCHEMA_VERSION, size, note),
                )

    def recover(self) -> None:
        """Connect again; the server shows only what it has made durable."""
        with self._reading:
            self._disconnect()
        with _faults():
            self._write().execute("SELECT 1")

    def entries(self, start: int, stop: int) -> Iterator[bytes]:
        """Return leaves in order, a page of rows in memory at a time."""
        for low in range(start, stop, _PAGE):
            high = min(low + _PAGE, stop)
            rows = self._read(
                "SELECT idx, leaf FROM entries WHERE idx >= %s AND idx < %s ORDER BY idx",
                (low, high),
            )
            for expected, (index, leaf) in enumerate(rows, low):
                if index != expected:
                    raise LogDamaged(f"entry {expected} is missing from the database")
                yield bytes(leaf)
            if len(rows) != high - low:
                raise LogDamaged(f"entry {low + len(rows)} is missing from the database")

    def tile(self, level: int, index: int) -> bytes:
        """Return a full tile."""
        rows = self._read(
            "SELECT idx, hashes FROM tiles WHERE level = %s AND idx = %s", (level, index)
        )
        if not rows:
            raise LogDamaged(f"tile {index} of level {level} is missing from the database")
        return bytes(rows[0][1])

    def select(
        self, query: Query, start: int, stop: int, limit: int, *, newest_first: bool = False
    ) -> list[bytes]:
        """Answer from the columns beside the leaves."""
        where, values = conditions(query, "%s", lambda time: time)
        order = "idx DESC" if newest_first else "idx"
        rows = self._read(
            f"SELECT idx, leaf FROM entries WHERE idx >= %s AND idx < %s{where} "  # noqa: S608 - fixed column names
            f"ORDER BY {order} LIMIT %s",
            (start, stop, *values, limit),
        )
        return [bytes(leaf) for _, leaf in rows]

    def distinct(self, column: str, stop: int) -> list[str]:
        """Answer from the columns beside the leaves too."""
        statement = distinct_values(column, "entries", "%s").encode()
        with self._reading, _faults():
            rows = self._open_reader().execute(statement, (stop,)).fetchall()
            return [str(row[0]) for row in rows]

    def close(self) -> None:
        """Disconnect."""
        with self._reading:
            self._closed = True
            self._disconnect()

    def _write(self) -> psycopg.Connection:
        if self._closed:
            raise LogUnavailable("the audit log's database is closed")
        if self._writer is None or self._writer.closed:
            self._writer = self._connect()
        return self._writer

    def _read(self, statement: str, values: Sequence[object]) -> list[tuple[int, bytes]]:
        with self._reading, _faults():
            reader = self._open_reader()
            return reader.execute(statement.encode(), values, binary=True).fetchall()

    def _open_reader(self) -> psycopg.Connection:
        if self._closed:
            raise LogUnavailable("the audit log's database is closed")
        if self._reader is None or self._reader.closed:
            self._reader = self._connect()
        return self._reader

    def _connect(self) -> psycopg.Connection:
        db = psycopg.connect(self._address, autocommit=True, connect_timeout=5)
        # Whatever the server's own settings say: acknowledged means on its disk.
        db.execute(sql.SQL("SET synchronous_commit = on"))
        db.execute(sql.SQL("SET statement_timeout = '8s'"))
        return db

    def _disconnect(self) -> None:
        for db in (self._reader, self._writer):
            if db is not None:
                with contextlib.suppress(psycopg.Error):
                    db.close()
        self._reader = self._writer = None


def _row(index: int, leaf: bytes) -> tuple[object, ...]:
    entry = decode(leaf)
    return (index, leaf, entry.time, *column_values(entry))


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    """Raise the database's errors as those of the log."""
    try:
        yield
    except psycopg.errors.DiskFull as error:
        raise LogFull(
            "the disk of the audit log's database is full; free space and work resumes by itself"
        ) from error
    except psycopg.errors.DataCorrupted as error:
        raise LogDamaged("the audit log's database is damaged; keep it as it is") from error
    except psycopg.Error as error:
        code = error.sqlstate or "no answer"
        raise LogUnavailable(
            f"the audit log's database cannot be used ({code}); see that its server runs"
        ) from error
