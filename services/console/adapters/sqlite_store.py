# SPDX-License-Identifier: Apache-2.0
"""Accounts and sessions in one SQLite file of the home."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from services.common.errors import Corrupted, Unavailable
from services.console.adapters.sqlite_schema import LATER, SCHEMA_VERSION, schema_script
from services.console.domain.account import Account, State
from services.console.domain.ports import Limit
from services.console.domain.session import Session, Source, Stage

_BUSY_SECONDS = 10.0
_KEPT_SECONDS = 24 * 3600.0
_MOST_QUESTIONS = 200  # of a session: what is older was asked hours ago
_SESSION = (
    "handle, person, source, stage, started, seen, authenticated, roles, studies, provider_session"
)


class SqliteStore:
    """The store over one file (0600), which commands and the console may open at the same time."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        # The file holds hashes of passwords and secrets of authenticators.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._db = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        with _faults(path):
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA secure_delete = ON")
            self._make_tables()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _make_tables(self) -> None:
        try:
            [version] = self._db.execute("PRAGMA user_version").fetchone()
            if version == 0:
                self._db.executescript(schema_script())
        except sqlite3.OperationalError:
            # Another process made them in between, or there is a fault, which shows now.
            with contextlib.suppress(sqlite3.OperationalError):
                self._db.execute("ROLLBACK")
            [version] = self._db.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise Corrupted(
                "the accounts were written by a newer version of Sotto; install that one"
            )
        with self._changing() as db:
            for statement in LATER:
                db.execute(statement)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """Run the block in one transaction, which has the lock for writing from its begin."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def account(self, name: str) -> Account | None:
        """Return an account, None where there is none."""
        rows = self._rows("SELECT * FROM accounts WHERE name = ?", name)
        return _account(rows[0]) if rows else None

    def accounts(self) -> Sequence[Account]:
        """Return all accounts by name."""
        return [_account(row) for row in self._rows("SELECT * FROM accounts ORDER BY name")]

    def put(self, account: Account) -> None:
        """Make an account, or change it."""
        one = account
        row = (
            one.name, json.dumps(one.roles), json.dumps(one.studies), one.state, one.password,
            one.totp_secret, one.totp_step, one.set_up_hash, one.set_up_until, one.created,
        )  # fmt: skip
        with self._changing() as db:
            db.execute("INSERT OR REPLACE INTO accounts VALUES (?,?,?,?,?,?,?,?,?,?)", row)

    def remove(self, name: str) -> bool:
        """Remove an account; returns whether it was there."""
        with self._changing() as db:
            db.execute("DELETE FROM languages WHERE person = ?", (name,))
            db.execute("DELETE FROM keys WHERE person = ?", (name,))
            return db.execute("DELETE FROM accounts WHERE name = ?", (name,)).rowcount > 0

    def use_step(self, name: str, step: int) -> bool:
        """Take a time step of an account's codes, once; returns whether it was free."""
        with self._changing() as db:
            query = "UPDATE accounts SET totp_step = ? WHERE name = ? AND totp_step < ?"
            return db.execute(query, (step, name, step)).rowcount > 0

    def attempt(self, limits: Sequence[Limit], now: float) -> Sequence[int] | None:
        """Count an attempt under all keys, or None where one of them has too many."""
        with self._changing() as db:
            db.execute("DELETE FROM attempts WHERE time < ?", (now - _KEPT_SECONDS,))
            for limit in limits:
                query = "SELECT count(*) FROM attempts WHERE key = ? AND time > ?"
                [count] = db.execute(query, (limit.key, now - limit.seconds)).fetchone()
                if count >= limit.most:
                    return None
            added = "INSERT INTO attempts (key, time) VALUES (?, ?)"
            keys = dict.fromkeys(limit.key for limit in limits)
            return [int(db.execute(added, (key, now)).lastrowid or 0) for key in keys]

    def forgive(self, attempts: Sequence[int]) -> None:
        """Forget an attempt that succeeded."""
        with self._changing() as db:
            db.executemany("DELETE FROM attempts WHERE id = ?", [(one,) for one in attempts])

    def open(self, token_hash: bytes, session: Session) -> None:
        """Keep a new session."""
        one = session
        row = (
            token_hash, one.handle, one.person, one.source, one.stage, one.started, one.seen,
            one.authenticated, json.dumps(one.roles), json.dumps(one.studies),
            one.provider_session,
        )  # fmt: skip
        with self._changing() as db:
            db.execute(
                f"INSERT INTO sessions (token_hash, {_SESSION})"  # noqa: S608 - a constant
                " VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                row,
            )

    def session(self, token_hash: bytes) -> Session | None:
        """Return the session of a token, None where there is none."""
        query = f"SELECT {_SESSION} FROM sessions WHERE token_hash = ?"  # noqa: S608 - a constant
        rows = self._rows(query, token_hash)
        return _session(rows[0]) if rows else None

    def sessions(self) -> Sequence[Session]:
        """Return all sessions."""
        query = f"SELECT {_SESSION} FROM sessions ORDER BY started"  # noqa: S608 - a constant
        return [_session(row) for row in self._rows(query)]

    def update(self, session: Session) -> None:
        """Change what is kept of a session."""
        row = (session.stage, session.seen, session.authenticated, session.handle)
        with self._changing() as db:
            db.execute(
                "UPDATE sessions SET stage = ?, seen = ?, authenticated = ? WHERE handle = ?", row
            )

    def renew(self, handle: str, token_hash: bytes) -> None:
        """Give a session another token; the old one opens nothing from then on."""
        with self._changing() as db:
            query = "UPDATE sessions SET token_hash = ? WHERE handle = ?"
            db.execute(query, (token_hash, handle))

    def end(self, handle: str) -> Session | None:
        """Forget a session; returns it, None where somebody else has ended it."""
        with self._changing() as db:
            query = f"DELETE FROM sessions WHERE handle = ? RETURNING {_SESSION}"  # noqa: S608 - a constant
            row = db.execute(query, (handle,)).fetchone()
            return _session(row) if row else None

    def keep_question(self, name: bytes, session: str, sealed: bytes) -> None:
        """Keep a sealed question for a session; of many the oldest go."""
        with self._changing() as db:
            db.execute(
                "INSERT INTO questions (name, session, sealed) SELECT ?, handle, ? FROM sessions"
                " WHERE handle = ?",
                (name, sealed, session),
            )
            db.execute(
                "DELETE FROM questions WHERE session = ?1 AND number <= (SELECT number FROM"
                " questions WHERE session = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
                (session, _MOST_QUESTIONS),
            )

    def question(self, name: bytes, session: str) -> bytes | None:
        """Return a sealed question of a session, None where there is none."""
        query = "SELECT sealed FROM questions WHERE name = ? AND session = ?"
        rows = self._rows(query, name, session)
        return bytes(rows[0][0]) if rows else None

    def language(self, person: str) -> str:
        """Return the language that a person chose, empty for none."""
        rows = self._rows("SELECT language FROM languages WHERE person = ?", person)
        return str(rows[0][0]) if rows else ""

    def set_language(self, person: str, language: str) -> None:
        """Keep the language that a person chose."""
        with self._changing() as db:
            db.execute("INSERT OR REPLACE INTO languages VALUES (?, ?)", (person, language))

    def keys(self, person: str) -> str:
        """Return the keys that a person chose, empty for the usual ones."""
        rows = self._rows("SELECT keys FROM keys WHERE person = ?", person)
        return str(rows[0][0]) if rows else ""

    def set_keys(self, person: str, keys: str) -> None:
        """Keep the keys that a person chose."""
        with self._changing() as db:
            db.execute("INSERT OR REPLACE INTO keys VALUES (?, ?)", (person, keys))

    def note_unrecorded(self, entry: str) -> None:
        """Keep an entry for the audit log until it takes it."""
        with self._changing() as db:
            db.execute("INSERT INTO unrecorded (entry) VALUES (?)", (entry,))

    def unrecorded(self) -> Sequence[tuple[int, str]]:
        """Return the entries that the audit log has not taken, with their numbers."""
        return self._rows("SELECT id, entry FROM unrecorded ORDER BY id")

    def forget_unrecorded(self, number: int) -> None:
        """Forget an entry that the audit log has taken."""
        with self._changing() as db:
            db.execute("DELETE FROM unrecorded WHERE id = ?", (number,))


@contextlib.contextmanager
def _faults(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise Unavailable(f"{path} cannot be used; see its rights and the disk") from error
    except sqlite3.DatabaseError as error:
        raise Corrupted(f"{path} is damaged; restore it from a backup") from error


def _account(row: Any) -> Account:
    name, roles, studies, state, *rest = row
    return Account(name, tuple(json.loads(roles)), tuple(json.loads(studies)), State(state), *rest)


def _session(row: Any) -> Session:
    handle, person, source, stage, started, seen, authenticated, roles, studies, provider = row
    return Session(
        handle, person, Source(source), Stage(stage), started, seen, authenticated,
        tuple(json.loads(roles)), tuple(json.loads(studies)), provider,
    )  # fmt: skip
