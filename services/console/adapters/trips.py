# SPDX-License-Identifier: Apache-2.0
"""Sign-ins under way at the identity provider, in an SQLite file of the home."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from services.common.errors import Unavailable
from services.console.domain.federation import Trip

#: Name of the file, beside that of the accounts.
FILE = "provider.sqlite"
_BUSY_SECONDS = 10.0
_TABLES = """
CREATE TABLE IF NOT EXISTS trips (
    state BLOB PRIMARY KEY, browser BLOB NOT NULL, nonce TEXT NOT NULL, verifier TEXT NOT NULL,
    leads_to TEXT NOT NULL, handle TEXT NOT NULL, began REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS subjects (person TEXT PRIMARY KEY, subject TEXT NOT NULL) STRICT;
"""


class SqliteTrips:
    """Trips and subjects in one file (0600), which several consoles of a home may open."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._db = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        with self._changing():
            for statement in filter(str.strip, _TABLES.split(";")):
                self._db.execute(statement)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def keep(self, trip: Trip, since: float) -> None:
        """Keep a trip, and forget those that began before."""
        values = (
            trip.state, trip.browser, trip.nonce, trip.verifier, trip.to, trip.handle, trip.began
        )  # fmt: skip
        with self._changing():
            self._db.execute("DELETE FROM trips WHERE began < ?", (since,))
            self._db.execute("INSERT INTO trips VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def take(self, state: bytes) -> Trip | None:
        """Return a trip and forget it, so that it ends once."""
        with self._changing():
            row = self._db.execute(
                "DELETE FROM trips WHERE state = ? RETURNING *", (state,)
            ).fetchone()
        return Trip(*row) if row else None

    def bind(self, person: str, subject: str) -> bool:
        """Bind an account name to a subject; False where it is bound to another one."""
        with self._changing():
            self._db.execute("INSERT OR IGNORE INTO subjects VALUES (?, ?)", (person, subject))
            [bound] = self._db.execute(
                "SELECT subject FROM subjects WHERE person = ?", (person,)
            ).fetchone()
        return bool(bound == subject)

    def unbind(self, person: str) -> bool:
        """Forget to whom an account name is bound; returns whether it was."""
        with self._changing():
            return self._db.execute("DELETE FROM subjects WHERE person = ?", (person,)).rowcount > 0

    def person_of(self, subject: str) -> str:
        """Return the account name that is bound to a subject, empty for none."""
        with self._changing():
            row = self._db.execute(
                "SELECT person FROM subjects WHERE subject = ?", (subject,)
            ).fetchone()
        return str(row[0]) if row else ""

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                raise Unavailable(
                    "sign-ins under way cannot be kept: the disk is full, or another process holds"
                    " their file; try again"
                ) from error
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
