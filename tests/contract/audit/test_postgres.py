# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.audit.adapters.export_jsonl import write_jsonl
from services.audit.adapters.postgres_store import PostgresStore
from services.audit.cli.verify import verify_log
from services.audit.domain.log import AuditLog
from services.audit.domain.writer import Writer
from services.audit.errors import LogUnavailable, NotOwner
from services.audit_evidence.checkpoint import peek
from services.audit_evidence.entry import Outcome
from services.audit_evidence.errors import InvalidFormat
from services.audit_evidence.keys import SigningKey
from services.audit_evidence.query import Query
from tests.support.audit_events import fact, intent, outcome

KEY = SigningKey("audit.example/pg", bytes(32))


class TestManyWriters:
    """Several processes append to one log."""

    def test_one_history(self, postgres_address: Callable[[], str], tmp_path: Path) -> None:
        """Three writers interleave; indices are dense, each entry is its own, the log verifies."""
        address = postgres_address()
        logs = [AuditLog(PostgresStore(address), [KEY]) for _ in range(3)]
        writers = [Writer(log) for log in logs]
        got: dict[str, int] = {}

        def append(name: int) -> None:
            for turn in range(10):
                person = f"p{name}-{turn}"
                got[person] = writers[name % 3].append(fact(person=person), "storage-clinical")

        threads = [threading.Thread(target=append, args=(n,)) for n in range(9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for writer in writers:
            writer.refresh()
        assert sorted(got.values()) == list(range(90))
        assert {peek(log.snapshot.note).size for log in logs} == {90}
        assert len({log.snapshot.note for log in logs}) == 1
        entries, _ = logs[0].page(Query(), 0, 100)
        assert {entry.event.person: entry.index for entry in entries} == got
        path = tmp_path / "export.jsonl"
        leaves = logs[1].leaves(0, 90)
        write_jsonl(path, leaves, logs[1].snapshot.note, [str(KEY.verifier)])
        for writer in writers:
            writer.close()
        for log in logs:
            log.store.close()
        assert verify_log(path).ok

    def test_intents_of_one_are_closed_by_another(
        self, postgres_address: Callable[[], str]
    ) -> None:
        """A service may report the end of its action to another process of the log, and once."""
        address = postgres_address()
        logs = [AuditLog(PostgresStore(address), [KEY]) for _ in range(2)]
        one, other = (Writer(log) for log in logs)
        for _ in range(3):
            first = one.append(intent(), "storage-clinical")
            with pytest.raises(NotOwner):
                other.append(outcome(first), "release")
            kept = other.append(outcome(first), "storage-clinical")
            assert one.append(outcome(first), "storage-clinical") == kept
            with pytest.raises(InvalidFormat):
                one.append(outcome(first, Outcome.FAILURE), "storage-clinical")
        one.close()
        other.close()
        assert logs[1].snapshot.size == 6
        for log in logs:
            log.store.close()


class TestServerDies:
    """The database becomes unavailable and comes back."""

    def test_fails_closed_and_resumes(
        self, postgres: Any, postgres_address: Callable[[], str]
    ) -> None:
        """Appends are refused while the server is down, and go on by themselves after."""
        log = AuditLog(PostgresStore(postgres_address()), [KEY])
        writer = Writer(log)
        acknowledged = [writer.append(fact(n), "storage-clinical") for n in range(5)]
        postgres.stop("immediate")
        with pytest.raises(LogUnavailable, match="server"):
            writer.append(fact(), "storage-clinical")
        postgres.start()
        acknowledged.append(writer.append(fact(), "storage-clinical"))
        entries, _ = log.page(Query(), 0, 100)
        assert [entry.index for entry in entries] == acknowledged == list(range(6))
        writer.close()
        log.store.close()


class TestTampering:
    """The database itself holds accidents off."""

    def test_entries_stay(self, postgres_address: Callable[[], str]) -> None:
        """Changing, removing and emptying are refused by the tables."""
        address = postgres_address()
        log = AuditLog(PostgresStore(address), [KEY])
        writer = Writer(log)
        writer.append(fact(), "storage-clinical")
        writer.close()
        with psycopg.connect(address, autocommit=True) as db:
            for statement in (
                b"UPDATE entries SET leaf = ''",
                b"DELETE FROM entries",
                b"TRUNCATE entries",
            ):
                with pytest.raises(psycopg.errors.RaiseException):
                    db.execute(statement)
        log.store.close()
