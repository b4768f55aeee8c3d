# SPDX-License-Identifier: Apache-2.0
"""Tables of the log's SQLite file; kept apart so that verifying needs nothing of the service."""

from __future__ import annotations

FILE_NAME = "log.sqlite"
APPLICATION_ID = 0x534F5454
SCHEMA_VERSION = 1

_ENTRIES = "CREATE TABLE entries (idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT"
_TILES = (
    "CREATE TABLE tiles (level INTEGER NOT NULL, idx INTEGER NOT NULL, hashes BLOB NOT NULL,"
    " PRIMARY KEY (level, idx)) STRICT, WITHOUT ROWID"
)
_HEAD = (
    "CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL,"
    " note TEXT NOT NULL) STRICT"
)
_STAY = (
    "CREATE TRIGGER entries_stay BEFORE UPDATE ON entries"
    " BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END"
)
_REMAIN = (
    "CREATE TRIGGER entries_remain BEFORE DELETE ON entries"
    " BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END"
)
_STATEMENTS = (_ENTRIES, _TILES, _HEAD, _STAY, _REMAIN)


def schema_statements() -> set[str]:
    """Return the statements as the database keeps them."""
    return set(_STATEMENTS)


def schema_script() -> str:
    """Return what makes the tables in one transaction."""
    pragmas = f"PRAGMA application_id = {APPLICATION_ID};PRAGMA user_version = {SCHEMA_VERSION};"
    return f"BEGIN;{pragmas}{';'.join(_STATEMENTS)};COMMIT;"
