# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.audit.adapters.key_files import ensure_keys, read_vkeys, rotate_key
from services.audit.adapters.sqlite_store import SqliteStore
from services.audit.cli.verify import verify_log
from services.audit.domain.writer import Writer
from services.audit.errors import LogDamaged, LogUnavailable
from services.audit_evidence import merkle
from services.audit_evidence.checkpoint import peek
from services.audit_evidence.errors import InvalidFormat, NoSuchEntry
from services.audit_evidence.query import Query
from tests.support.audit import LogFixture, make_log
from tests.support.audit_events import fact


class TestAppending:
    """What an append promises."""

    def test_indices_and_times(self, tmp_path: Path) -> None:
        """Indices are dense, and time never goes back, whatever the clock says."""
        clock = iter([3_000_000_000, 2_000_000_000, 4_000_000_000])
        fixture = LogFixture(tmp_path / "audit", clock=lambda: next(clock))
        assert [fixture.add(fact()), fixture.add(fact()), fixture.add(fact())] == [0, 1, 2]
        entries, _ = fixture.log.page(Query(), 0, 10)
        fixture.close()
        assert [entry.index for entry in entries] == [0, 1, 2]
        assert [entry.time.second for entry in entries] == [3, 3, 4]

    def test_time_does_not_go_back_over_a_restart(self, tmp_path: Path) -> None:
        """The last stored time binds the next run."""
        first = LogFixture(tmp_path / "audit", clock=lambda: 9_000_000_000)
        first.add(fact())
        first.close()
        second = LogFixture(tmp_path / "audit", clock=lambda: 5_000_000_000)
        second.add(fact())
        entries, _ = second.log.page(Query(), 0, 10)
        second.close()
        assert entries[0].time == entries[1].time

    def test_a_clock_that_was_set_back_is_told(self, tmp_path: Path) -> None:
        """By more than a minute: once for each time that it happens."""
        seconds = [1000, 950, 900, 100, 1001, 200]
        clock = iter(seconds)
        fixture = LogFixture(tmp_path / "audit", clock=lambda: next(clock) * 1_000_000_000)
        with capture_logs() as told:
            for _ in seconds:
                fixture.add(fact())
        fixture.close()
        said = [(one["event"], one["seconds"]) for one in told]
        assert said == [("clock_behind_the_log", 100), ("clock_behind_the_log", 801)]

    def test_many_threads(self, tmp_path: Path) -> None:
        """Each of many concurrent appends gets an index of its own, with its own entry there."""
        fixture = LogFixture(tmp_path / "audit")
        writer = Writer(fixture.log, publish_every=0.05)
        got: dict[str, int] = {}

        def append(name: int) -> None:
            for turn in range(20):
                person = f"p{name}-{turn}"
                got[person] = writer.append(fact(person=person), "storage-clinical")

        threads = [threading.Thread(target=append, args=(n,)) for n in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        writer.close()
        entries, _ = fixture.log.page(Query(), 0, 1000)
        assert {entry.event.person: entry.index for entry in entries} == got
        assert sorted(got.values()) == list(range(320))
        fixture.store.close()
        assert verify_log(tmp_path / "audit").ok
        assert peek((tmp_path / "audit" / "checkpoint").read_bytes()).size == 320

    def test_a_refused_event_leaves_no_gap(self, tmp_path: Path) -> None:
        """An event that may not enter is refused before it takes an index."""
        fixture = LogFixture(tmp_path / "audit")
        writer = Writer(fixture.log)
        with pytest.raises(InvalidFormat):
            writer.append(fact(person="Siti Aminah"), "storage-clinical")
        assert writer.append(fact(), "storage-clinical") == 0
        writer.close()
        with pytest.raises(LogUnavailable):
            writer.append(fact(), "storage-clinical")
        fixture.store.close()

    def test_proofs(self, tmp_path: Path) -> None:
        """Every entry is proven against the checkpoint, and every size against every later one."""
        fixture = LogFixture(tmp_path / "audit")
        for size in (1, 5, 250, 20, 300):
            fixture.add(*map(fact, range(size)))
        root, count = peek(fixture.log.snapshot.note).root, fixture.log.snapshot.size
        for index in (0, 1, 255, 256, 300, count - 1):
            proof, size = fixture.log.inclusion_proof(index)
            leaf = merkle.leaf_hash(fixture.log.leaf(index))
            merkle.verify_inclusion(leaf, index, size, proof, root)
        for old in (1, 6, 256, 276, count):
            older, _ = fixture.log.inclusion_proof(old - 1, old)
            leaf = merkle.leaf_hash(fixture.log.leaf(old - 1))
            old_root = merkle.root_from_inclusion(leaf, old - 1, old, older)
            proof, size = fixture.log.consistency_proof(old)
            merkle.verify_consistency(old, size, old_root, root, proof)
        with pytest.raises(NoSuchEntry):
            fixture.log.inclusion_proof(count)
        with pytest.raises(NoSuchEntry):
            fixture.log.consistency_proof(1, count + 1)
        fixture.close()


class TestStarting:
    """A log that contradicts itself or what it signed earlier does not start."""

    def test_an_older_database(self, tmp_path: Path) -> None:
        """A database from a backup, older than the published checkpoint, is refused."""
        folder = make_log(tmp_path / "audit", 10)
        shutil.copy(folder / "log.sqlite", tmp_path / "backup")
        fixture = LogFixture(folder)
        fixture.add(fact())
        fixture.close()
        shutil.copy(tmp_path / "backup", folder / "log.sqlite")
        with pytest.raises(LogDamaged, match="older copy"):
            LogFixture(folder)

    def test_two_histories(self, tmp_path: Path) -> None:
        """After a restore both copies may grow; only the one that was published goes on."""
        folder = make_log(tmp_path / "audit", 10)
        shutil.copytree(folder, tmp_path / "copy")
        for place, person in ((folder, "ana"), (tmp_path / "copy", "eve")):
            fixture = LogFixture(place)
            fixture.add(*(fact(n, person=person) for n in range(5)))
            fixture.close()
        shutil.copy(tmp_path / "copy" / "log.sqlite", folder / "log.sqlite")
        with pytest.raises(LogDamaged, match="differ"):
            LogFixture(folder)

    def test_a_missing_key(self, tmp_path: Path) -> None:
        """A log with entries never gets a new key by itself."""
        folder = make_log(tmp_path / "audit", 3)
        (folder / "log.key").unlink()
        with pytest.raises(LogDamaged, match="missing"):
            LogFixture(folder)

    def test_an_emptied_database(self, tmp_path: Path) -> None:
        """A database that vanished while its checkpoint exists is refused."""
        folder = make_log(tmp_path / "audit", 3)
        (folder / "log.sqlite").unlink()
        with pytest.raises(LogDamaged):
            LogFixture(folder)

    def test_a_key_that_others_can_read(self, tmp_path: Path) -> None:
        """The signing key is private, and a key file that is not is refused."""
        folder = make_log(tmp_path / "audit", 3)
        assert (folder / "log.key").stat().st_mode & 0o777 == 0o600
        (folder / "log.key").chmod(0o644)
        with pytest.raises(LogUnavailable, match="chmod"):
            LogFixture(folder)

    def test_two_services_on_one_folder(self, tmp_path: Path) -> None:
        """A second store on the same folder is refused, in one process as in two."""
        fixture = LogFixture(tmp_path / "audit")
        with pytest.raises(LogUnavailable, match="in use"):
            SqliteStore(tmp_path / "audit")
        fixture.close()


class TestKeyRotation:
    """Old and new key verify."""

    def test_both_sign_then_one(self, tmp_path: Path) -> None:
        """During a rotation both keys sign; afterwards the old one still opens old checkpoints."""
        folder = make_log(tmp_path / "audit", 3)
        old = (folder / "log.vkey").read_text()
        kept = tmp_path / "kept"
        shutil.copy(folder / "checkpoint", kept)
        rotate_key(folder)
        fixture = LogFixture(folder)
        fixture.add(fact())
        fixture.close()
        (tmp_path / "old.vkey").write_text(old)
        assert verify_log(folder, [tmp_path / "old.vkey"]).ok
        assert len(verify_log(folder).signers) == 2
        rotate_key(folder, retire=True)
        fixture = LogFixture(folder)
        fixture.add(fact())
        fixture.close()
        assert len(verify_log(folder).signers) == 1
        assert verify_log(folder, held=[kept]).ok
        assert len(read_vkeys(folder / "log.vkey")) == 2
        assert len(ensure_keys(folder, fresh=False).signing) == 1


class TestQueries:
    """Pages and conditions."""

    def test_conditions(self, tmp_path: Path) -> None:
        """Every condition finds what meets it, in order, in pages, before and after a restart."""
        folder = tmp_path / "audit"
        fixture = LogFixture(folder)
        people = ["ana", "ben", "cho"]
        fixture.add(*(fact(n, person=people[n % 3], participant=f"P{n % 2:02}") for n in range(40)))
        for _ in range(2):
            found, more = fixture.log.page(Query(person="ben"), 0, 5)
            assert [entry.index for entry in found] == [1, 4, 7, 10, 13]
            assert more is not None
            following, _ = fixture.log.page(Query(person="ben"), more, 100)
            assert [entry.index for entry in following] == list(range(16, 40, 3))
            both, none = fixture.log.page(Query(person="ben", participant="P01"), 0, 100)
            assert [entry.index for entry in both] == list(range(1, 40, 6))
            assert none is None
            objects, _ = fixture.log.page(Query(object="rec-3*"), 0, 100)
            assert [entry.index for entry in objects] == [3, *range(30, 40)]
            times, _ = fixture.log.page(Query(since=found[0].time), 0, 100)
            assert len(times) == 40
            assert fixture.log.page(Query(until=found[0].time), 0, 100) == ([], None)
            fixture.close()
            fixture = LogFixture(folder)
        fixture.close()

    def test_a_broken_side_index_is_made_anew(self, tmp_path: Path) -> None:
        """The side index is no part of the log: garbage in its place is replaced."""
        folder = make_log(tmp_path / "audit", 20)
        (folder / "index.sqlite").write_bytes(b"garbage" * 1000)
        fixture = LogFixture(folder)
        assert len(fixture.log.page(Query(person="ana"), 0, 100)[0]) > 5
        fixture.close()

    def test_a_side_index_of_another_log_is_made_anew(self, tmp_path: Path) -> None:
        """An index that was made from another log is not believed."""
        folders = [make_log(tmp_path / name, 20) for name in ("one", "two")]
        for folder in folders:
            fixture = LogFixture(folder)
            fixture.add(fact(99, person="ben" if folder is folders[0] else "cho"))
            fixture.log.page(Query(person="ben"), 0, 1)
            fixture.close()
        shutil.copy(folders[0] / "index.sqlite", folders[1] / "index.sqlite")
        fixture = LogFixture(folders[1])
        assert len(fixture.log.page(Query(person="cho"), 0, 10)[0]) == 1
        fixture.close()
