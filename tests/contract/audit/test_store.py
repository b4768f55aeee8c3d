# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.audit.adapters.postgres_store import PostgresStore
from services.audit.adapters.sqlite_store import SqliteStore
from services.audit.domain.ports import Head, Store
from services.audit.errors import LogDamaged, LogUnavailable, OtherWriter
from services.audit_evidence.entry import encode
from services.audit_evidence.frontier import Tile
from services.audit_evidence.query import Query
from tests.support.audit_events import fact

TIME = "2026-11-25T10:00:00.000001Z"
TILE = Tile(0, 0, bytes(range(256)) * 32)

Make = Callable[[], Store]


@pytest.fixture(params=["sqlite", "postgres"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Opens a store on the same place again and again; the one before is closed by the test."""
    opened: list[Store] = []
    address = ""
    if request.param == "postgres":
        address = request.getfixturevalue("postgres_address")()

    def open_store() -> Store:
        store = PostgresStore(address) if address else SqliteStore(tmp_path)
        opened.append(store)
        return store

    yield open_store
    for store in opened:
        store.close()


def _leaf(number: int, **fields: str) -> bytes:
    return encode(fact(number, **fields), number, TIME, "storage-clinical")


class TestStore:
    """What every store of the log promises."""

    def test_is_empty_at_first(self, make: Make) -> None:
        """A new store has no head and no entries."""
        store = make()
        assert store.head() is None
        assert list(store.entries(0, 0)) == []

    def test_keeps_what_was_committed(self, make: Make) -> None:
        """Leaves, tiles and head come back, byte for byte, also after closing."""
        store = make()
        leaves = [_leaf(n) for n in range(5)]
        store.commit(0, leaves[:2], [], "note 2")
        store.commit(2, leaves[2:], [TILE], "note 5")
        for _ in range(2):
            assert store.head() == Head(5, "note 5")
            assert list(store.entries(1, 4)) == leaves[1:4]
            assert store.tile(0, 0) == TILE.hashes
            store.close()
            store = make()
        store.recover()
        assert store.head() == Head(5, "note 5")

    def test_takes_all_or_nothing(self, make: Make) -> None:
        """A batch that starts elsewhere than at the end is refused, and nothing of it is kept."""
        store = make()
        store.commit(0, [_leaf(0)], [], "one")
        for first in (0, 2):
            with pytest.raises(OtherWriter):
                store.commit(first, [_leaf(first)], [TILE], "other")
        assert store.head() == Head(1, "one")
        with pytest.raises(LogDamaged):
            store.tile(0, 0)

    def test_a_tile_is_written_once(self, make: Make) -> None:
        """A second tile in the same place fails the whole batch."""
        store = make()
        store.commit(0, [_leaf(0)], [TILE], "one")
        with pytest.raises(LogUnavailable):
            store.commit(1, [_leaf(1)], [TILE], "two")
        store.recover()
        assert store.head() == Head(1, "one")

    def test_never_skips_a_gap(self, make: Make) -> None:
        """Asking beyond what is there is damage, not an empty answer."""
        store = make()
        store.commit(0, [_leaf(0), _leaf(1)], [], "two")
        with pytest.raises(LogDamaged, match="entry 2"):
            list(store.entries(0, 3))

    def test_more_than_a_page(self, make: Make) -> None:
        """Reading goes on over thousands of entries."""
        store = make()
        leaves = [_leaf(n) for n in range(2500)]
        store.commit(0, leaves, [], "many")
        assert list(store.entries(0, 2500)) == leaves

    def test_distinct_values(self, make: Make) -> None:
        """What entries name is known column by column, each once, and not who was asked for."""
        store = make()
        question = replace(fact(2, participant="P66", person="officer"), name="audit:log:read")
        asked = encode(question, 2, TIME, "audit")
        leaves = [_leaf(0, person="ana"), _leaf(1, person="ana"), asked]
        store.commit(0, leaves, [], "note")

        assert sorted(store.distinct("person", 3)) == ["ana", "officer"]
        assert "P66" not in store.distinct("participant", 3)
        with pytest.raises(ValueError, match="not a column"):
            store.distinct("leaf", 3)

    def test_selects_what_meets_a_query(self, make: Make) -> None:
        """Nothing that meets it is left out, in order, within the bounds."""
        store = make()
        store.commit(0, [_leaf(n, person="ana" if n % 3 else "ben") for n in range(30)], [], "x")
        found = store.select(Query(person="ben"), 5, 25, 100)
        assert [_leaf(n, person="ben") for n in range(6, 25, 3)] == found
        assert store.select(Query(person="ben"), 5, 25, 2) == found[:2]
        store.commit(30, [_leaf(30, person="ben")], [], "y")
        assert store.select(Query(person="ben"), 28, 31, 9) == [_leaf(30, person="ben")]
        assert len(store.select(Query(object="rec-1*", name="recording:*"), 0, 31, 99)) == 11
        assert len(store.select(Query(), 0, 31, 4)) == 4
        names = ("recording:*", "key:participant:created")
        assert len(store.select(Query(names=names), 0, 31, 99)) == 31
        assert store.select(Query(names=names[1:]), 0, 31, 99) == []
        assert len(store.select(Query(names=("*:read",)), 0, 31, 99)) == 31

    def test_selects_the_newest(self, make: Make) -> None:
        """The last ones within the bounds, in the opposite order, with conditions and without."""
        store = make()
        leaves = [_leaf(n, person="ana" if n % 2 else "ben") for n in range(20)]
        store.commit(0, leaves, [], "x")
        for query, every in ((Query(), leaves), (Query(person="ana"), leaves[1::2])):
            within = [one for one in every if leaves.index(one) in range(3, 15)]
            assert store.select(query, 3, 15, 5, newest_first=True) == within[::-1][:5]

    def test_closed(self, make: Make) -> None:
        """A closed store takes nothing."""
        store = make()
        store.close()
        with pytest.raises(LogUnavailable):
            store.commit(0, [_leaf(0)], [], "one")
