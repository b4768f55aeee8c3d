# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.errors import NotFound
from services.console.adapters.sqlite_store import SqliteStore
from services.console.domain.handles import Handles
from services.console.domain.session import Session, Source, Stage

ASKED = {"study": "recovery-2026", "participant": "P07"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store in which two sessions are open."""
    made = SqliteStore(tmp_path / "accounts.sqlite")
    for name in ("one", "two"):
        session = Session(
            name, name, Source.ACCOUNT, Stage.SIGNED_IN, 1.0, 1.0, 1.0, ("compliance",)
        )
        made.open(name.encode(), session)
    yield made
    made.close()


class TestHandles:
    def test_are_read_by_every_console_over_the_store(
        self, store: SqliteStore, tmp_path: Path
    ) -> None:
        """Two consoles, or one after a restart, tell what was asked of the other."""
        handle = Handles(store).keep("one", ASKED)
        other = SqliteStore(tmp_path / "accounts.sqlite")
        assert Handles(other).read("one", handle) == ASKED
        other.close()

    def test_are_of_one_session(self, store: SqliteStore) -> None:
        """Another session is told the same as of a handle that nobody made."""
        handles = Handles(store)
        handle = handles.keep("one", ASKED)
        for session, asked in (("two", handle), ("one", handle + "x"), ("gone", handle)):
            with pytest.raises(NotFound, match="another session, or too long ago"):
                handles.read(session, asked)

    def test_end_with_the_session(self, store: SqliteStore, tmp_path: Path) -> None:
        """Whichever console ends it, of an older version too, which knows of no questions."""
        handles = Handles(store)
        handle = handles.keep("one", ASKED)
        handles.keep("two", ASKED)
        with sqlite3.connect(tmp_path / "accounts.sqlite") as older:
            older.execute("DELETE FROM sessions WHERE handle = 'one'")
        with pytest.raises(NotFound):
            handles.read("one", handle)
        assert older.execute("SELECT count(*) FROM questions").fetchone() == (1,)
        older.close()

    def test_file_tells_nothing(self, store: SqliteStore, tmp_path: Path) -> None:
        """Whoever has the file alone learns neither the question nor the handle that opens it."""
        handle = Handles(store).keep("one", ASKED)
        store.close()
        held = (tmp_path / "accounts.sqlite").read_bytes()
        for text in (*ASKED.values(), handle):
            assert text.encode() not in held

    def test_oldest_go(self, store: SqliteStore, tmp_path: Path) -> None:
        """A session keeps its last two hundred questions, and no more than that."""
        handles = Handles(store)
        first, second = (handles.keep("one", {"number": one}) for one in "12")
        with sqlite3.connect(tmp_path / "accounts.sqlite") as file:
            rows = [(str(one).encode(), "one", b"") for one in range(198)]
            file.executemany("INSERT INTO questions (name, session, sealed) VALUES (?,?,?)", rows)
        file.close()
        assert handles.read("one", first) == {"number": "1"}
        handles.keep("one", ASKED)
        with pytest.raises(NotFound):
            handles.read("one", first)
        assert handles.read("one", second) == {"number": "2"}

    def test_nothing_is_kept_for_a_session_that_ended(self, store: SqliteStore) -> None:
        """A page that was on its way when the session ended leaves nothing behind."""
        handles = Handles(store)
        store.end("one")
        handle = handles.keep("one", ASKED)
        with pytest.raises(NotFound):
            handles.read("one", handle)
