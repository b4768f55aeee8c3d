# SPDX-License-Identifier: Apache-2.0
"""Tables of the file that keeps accounts and sessions."""

from __future__ import annotations

SCHEMA_VERSION = 1

_STATEMENTS = (
    """CREATE TABLE accounts (
    name TEXT PRIMARY KEY, roles TEXT NOT NULL, studies TEXT NOT NULL, state TEXT NOT NULL,
    password TEXT NOT NULL, totp_secret BLOB NOT NULL, totp_step INTEGER NOT NULL,
    set_up_hash BLOB NOT NULL, set_up_until REAL NOT NULL, created REAL NOT NULL
    ) STRICT""",
    """CREATE TABLE sessions (
    handle TEXT PRIMARY KEY, token_hash BLOB NOT NULL UNIQUE, person TEXT NOT NULL,
    source TEXT NOT NULL, stage TEXT NOT NULL, started REAL NOT NULL, seen REAL NOT NULL,
    authenticated REAL NOT NULL, roles TEXT NOT NULL, studies TEXT NOT NULL,
    provider_session TEXT NOT NULL
    ) STRICT""",
    "CREATE TABLE attempts (id INTEGER PRIMARY KEY, key TEXT NOT NULL, time REAL NOT NULL) STRICT",
    "CREATE INDEX attempts_by_key ON attempts (key, time)",
    "CREATE TABLE languages (person TEXT PRIMARY KEY, language TEXT NOT NULL) STRICT",
    "CREATE TABLE unrecorded (id INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL) STRICT",
)


#: Made where they are missing. A console of an older version goes on beside them, and what ends a
#: session, whichever does, ends its questions.
LATER = (
    "CREATE TABLE IF NOT EXISTS keys (person TEXT PRIMARY KEY, keys TEXT NOT NULL) STRICT",
    """CREATE TABLE IF NOT EXISTS questions (
    number INTEGER PRIMARY KEY AUTOINCREMENT, name BLOB NOT NULL UNIQUE, session TEXT NOT NULL,
    sealed BLOB NOT NULL
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS questions_by_session ON questions (session)",
    """CREATE TRIGGER IF NOT EXISTS questions_end AFTER DELETE ON sessions
    BEGIN DELETE FROM questions WHERE session = old.handle; END""",
)


def schema_script() -> str:
    """Return what makes the tables in one transaction."""
    return f"BEGIN;PRAGMA user_version = {SCHEMA_VERSION};{';'.join(_STATEMENTS)};COMMIT;"
