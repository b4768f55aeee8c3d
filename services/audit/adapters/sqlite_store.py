# SPDX-License-Identifier: Apache-2.0
"""The log in one SQLite file: the store of an installation with one audit process."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.audit.adapters import seal
from services.audit.adapters.query_index import QueryIndex
from services.audit.adapters.sqlite_schema import FILE_NAME, SCHEMA_VERSION, schema_script
from services.audit.domain.ports import Head
from services.audit.errors import LogDamaged, LogFull, LogUnavailable, OtherWriter
from services.audit_evidence.frontier import Tile
from services.audit_evidence.keys import SigningKey
from services.audit_evidence.query import Query
from services.common.files import is_disk_full, sync_folder

_PAGE = 1000


class SqliteStore:
    """Store over `<folder>/log.sqlite`, in WAL mode with a sync at every commit.

    A lock file keeps a second process, or a second store in this one, from the same folder.
    Raises LogUnavailable when the folder is in use or cannot be opened.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._lock = _hold(folder)
        self._reading = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._index = QueryIndex(folder / "index.sqlite")
        self._closed = False
        self._sealed = True  # until the first commit
        #: Keys that sign the file when it is closed; none, and it stays without a seal.
        self.seal_keys: Sequence[SigningKey] = ()
        try:
            self.recover()
        except BaseException:
            os.close(self._lock)
            raise
        sync_folder(folder)

    @staticmethod
    def try_lock(folder: Path) -> None:
        """Raise LogUnavailable when a service uses the folder."""
        os.close(_hold(folder))

    def head(self) -> Head | None:
        """Return the stored head."""
        with _faults(self._path):
            row = self._write().execute("SELECT size, note FROM head").fetchone()
            count = self._write().execute("SELECT coalesce(max(idx) + 1, 0) FROM entries")
            stored = count.fetchone()[0]
        if stored != (row[0] if row else 0):
            raise LogDamaged(
                f"the database holds {stored} entries, its head says {row[0] if row else 0}"
            )
        return Head(*row) if row else None

    def commit(self, first: int, leaves: Sequence[bytes], tiles: Sequence[Tile], note: str) -> None:
        """Append in one transaction; the sync of the WAL at its end makes it durable."""
        db = self._write()
        size = first + len(leaves)
        if self._sealed:
            seal.break_seal(self._path)
            self._sealed = False
        with _faults(self._path), _transaction(db):
            row = db.execute("SELECT size FROM head").fetchone()
            if (row[0] if row else 0) != first:
                raise OtherWriter("another process appended to this log")
            db.executemany("INSERT INTO entries VALUES (?, ?)", enumerate(leaves, first))
            if tiles:
                rows = [(tile.level, tile.index, tile.hashes) for tile in tiles]
                db.executemany("INSERT INTO tiles VALUES (?, ?, ?)", rows)
            db.execute(
                "INSERT INTO head VALUES (1, ?1, ?2) "
                "ON CONFLICT (one) DO UPDATE SET size = ?1, note = ?2",
                (size, note),
            )

    def recover(self) -> None:
        """Open the database again and move the WAL into the main file, synced.

        After a failed sync the WAL may be readable from memory and yet not be on the disk, and
        later commits would come after the gap. Writing it all again closes the gap or fails.
        """
        with self._reading:
            self._drop_connections()
            with _faults(self._path):
                db = self._open()
                try:
                    _prepare(db)
                    _empty_wal(db)
                except BaseException:
                    db.close()
                    raise
                self._writer = db
                self._reader = self._open()

    def entries(self, start: int, stop: int) -> Iterator[bytes]:
        """Return leaves in order, a page of rows in memory at a time."""
        for low in range(start, stop, _PAGE):
            high = min(low + _PAGE, stop)
            rows = self._read(
                "SELECT idx, leaf FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx", low, high
            )
            for expected, (idx, leaf) in enumerate(rows, low):
                if idx != expected:
                    raise LogDamaged(f"entry {expected} is missing from the database")
                yield leaf
            if len(rows) != high - low:
                raise LogDamaged(f"entry {low + len(rows)} is missing from the database")

    def tile(self, level: int, index: int) -> bytes:
        """Return a full tile."""
        rows = self._read("SELECT hashes FROM tiles WHERE level = ? AND idx = ?", level, index)
        if not rows:
            raise LogDamaged(f"tile {index} of level {level} is missing from the database")
        return bytes(rows[0][0])

    def select(
        self, query: Query, start: int, stop: int, limit: int, *, newest_first: bool = False
    ) -> list[bytes]:
        """Answer from a side index, which is brought up to date first and never trusted alone."""
        if query.is_empty() and newest_first:
            return list(self.entries(max(start, stop - limit), stop))[::-1]
        if query.is_empty():
            return list(self.entries(start, min(stop, start + limit)))
        with _faults(self._path):
            numbers = self._index.select(
                query, start, stop, limit, self.entries, newest_first=newest_first
            )
        return [leaf for number in numbers for leaf in self.entries(number, number + 1)]

    def distinct(self, column: str, stop: int) -> list[str]:
        """Answer from the side index too."""
        with _faults(self._path):
            return self._index.distinct(column, stop, self.entries)

    def close(self) -> None:
        """Move the WAL into the main file, seal it and release the folder."""
        with self._reading:
            if self._closed:
                return
            self._closed = True
            self._index.close()
            if self._reader is not None:
                self._reader.close()
            if self._writer is not None:
                with contextlib.suppress(sqlite3.Error):
                    self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._writer.close()  # the last connection removes the empty WAL
            self._reader = self._writer = None
            if self.seal_keys and not self._path.with_name(FILE_NAME + "-wal").exists():
                seal.seal(self._path, self.seal_keys)
            os.close(self._lock)

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=5, isolation_level=None, check_same_thread=False)
        self._path.chmod(0o600)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA cell_size_check = ON")
        return db

    def _drop_connections(self) -> None:
        for db in (self._reader, self._writer):
            if db is not None:
                with contextlib.suppress(sqlite3.Error):
                    db.close()
        self._reader = self._writer = None

    def _write(self) -> sqlite3.Connection:
        if self._writer is None:
            raise LogUnavailable("the audit log's database is closed")
        return self._writer

    def _read(self, sql: str, *values: int) -> list[tuple[int, bytes]]:
        with self._reading, _faults(self._path):
            if self._reader is None:
                raise LogUnavailable("the audit log's database is closed")
            return self._reader.execute(sql, values).fetchall()


def _hold(folder: Path) -> int:
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise LogUnavailable(
            f"{folder} is in use by an audit service, and a log in SQLite has one writer; stop"
            " that one first, or keep the log in PostgreSQL (setting audit_database)"
        ) from None
    return handle


def _prepare(db: sqlite3.Connection) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        db.executescript(schema_script())
    elif version != SCHEMA_VERSION:
        raise LogUnavailable(
            f"the audit log's database has version {version}, this program knows "
            f"{SCHEMA_VERSION}; use the program that wrote it"
        )


def _empty_wal(db: sqlite3.Connection) -> None:
    busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise LogUnavailable("another program is reading the audit log's database; close that one")


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def _faults(path: Path) -> Iterator[None]:
    """Raise errors of the database at a path as those of the log."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        name = getattr(error, "sqlite_errorname", "unknown error")
        # Where its shared memory has no room, it tells of an error of input and output.
        elsewise = code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
        if code == sqlite3.SQLITE_FULL or (elsewise and is_disk_full(path.parent)):
            raise LogFull(
                "the disk of the audit log is full; free space and work resumes by itself"
            ) from error
        if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            raise LogDamaged(
                "the audit log's database is damaged; run `sotto audit verify` on a copy of it"
            ) from error
        raise LogUnavailable(
            f"the audit log's database cannot be used ({name}); check its disk and permissions"
        ) from error
