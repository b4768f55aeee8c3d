# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from services.audit.adapters.export_jsonl import write_jsonl
from services.audit.adapters.key_files import read_vkeys
from services.audit.adapters.sources import SqliteSource
from services.audit.cli.verify import report_dict, verify_log
from services.audit_evidence.verification_text import report_lines
from services.audit_evidence.verify import VerificationReport
from services.common.errors import SottoError
from tests.support.audit import LogFixture, make_log
from tests.support.audit_events import fact

CHANGE = "UPDATE entries SET leaf = CAST(replace(leaf, 'ana', 'eve') AS BLOB)"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed log of 50 entries; tests change copies of it."""
    return make_log(tmp_path_factory.mktemp("logs") / "audit", 50)


@pytest.fixture(scope="module")
def export(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same log as a JSON Lines export."""
    path = tmp_path_factory.mktemp("export") / "log.jsonl"
    source = SqliteSource(log / "log.sqlite")
    note = source.checkpoints()[0][1].decode()
    keys = [str(key) for key in read_vkeys(log / "log.vkey")]
    assert write_jsonl(path, source.entries(), note, keys) == 50
    return path


def _verdict(path: Path) -> VerificationReport:
    """What `audit verify` says, a key or file that cannot be read included."""
    try:
        return verify_log(path)
    except SottoError as error:
        report = VerificationReport()
        report.wrong(None, error.message)
        return report


class TestWhole:
    """A log that nobody touched."""

    def test_a_missing_seal_is_said(self, log: Path, tmp_path: Path) -> None:
        """Without its seal a closed log is whole as far as its entries go, and that is said."""
        copy = Path(shutil.copytree(log, tmp_path / "audit"))
        assert "seal" not in "".join(report_lines(verify_log(copy)))
        (copy / "log.sqlite.seal").unlink()
        report = verify_log(copy)
        assert report.ok
        assert "the seal of log.sqlite is missing" in "".join(report_lines(report))

    def test_a_clock_that_was_ahead_is_called_a_clock(self, tmp_path: Path) -> None:
        """A log ahead of this machine is whole, and what is wrong is called a clock."""
        ahead = time.time_ns() + 40 * 86400 * 10**9
        fixture = LogFixture(tmp_path / "audit", clock=lambda: ahead)
        fixture.add(fact())
        fixture.close()
        report = verify_log(tmp_path / "audit")
        assert report.ok
        assert "a clock is wrong" in "".join(report_lines(report))
        behind = LogFixture(tmp_path / "behind", clock=lambda: ahead - 80 * 86400 * 10**9)
        behind.add(fact())
        behind.close()
        assert "clock" not in "".join(report_lines(verify_log(tmp_path / "behind")))

    def test_audit_folder_and_export(self, log: Path, export: Path) -> None:
        """Both verify, to the same size and root, and the words say so."""
        one, two = _verdict(log), _verdict(export)
        assert one.ok
        assert two.ok
        assert (one.size, one.root) == (two.size, two.root)
        assert one.size == 50
        assert report_lines(one)[-1] == "the log is whole"
        assert report_dict(two)["wrong"] == []

    def test_nothing_is_written(self, log: Path) -> None:
        """Verifying leaves the folder as it was."""
        before = {path.name: path.read_bytes() for path in log.iterdir()}
        _verdict(log)
        assert {path.name: path.read_bytes() for path in log.iterdir()} == before

    def test_while_the_service_writes(self, tmp_path: Path) -> None:
        """An open log verifies too, up to what is durable."""
        fixture = LogFixture(tmp_path / "audit")
        fixture.add(*map(fact, range(300)))
        report = _verdict(tmp_path / "audit")
        fixture.close()
        assert (report.ok, report.size) == (True, 300)

    def test_empty(self, tmp_path: Path) -> None:
        """A log without entries, closed at once, has a checkpoint over nothing."""
        LogFixture(tmp_path / "audit").close()
        report = _verdict(tmp_path / "audit")
        assert report.size == 0
        assert report.ok


class TestEveryByte:
    """A changed byte anywhere is found. Slow: the log is verified once for each byte."""

    def _flips(self, folder: Path, name: str, check: Path, *, step: int = 1) -> None:
        path = folder / name
        whole = path.read_bytes()
        missed = []
        for at in range(0, len(whole), step):
            changed = bytearray(whole)
            changed[at] ^= 1 << at % 8
            path.write_bytes(changed)
            if _verdict(check).ok:
                missed.append(at)
        path.write_bytes(whole)
        assert missed == []
        assert _verdict(check).ok

    def test_of_the_database(self, log: Path, tmp_path: Path) -> None:
        """Bytes all over the closed database, unused space included."""
        copy = Path(shutil.copytree(log, tmp_path / "audit"))
        self._flips(copy, "log.sqlite", copy, step=61)

    @pytest.mark.parametrize("name", ["checkpoint", "log.vkey", "log.sqlite.seal"])
    def test_of_the_files_beside_it(self, log: Path, tmp_path: Path, name: str) -> None:
        """Every byte of checkpoint, public key and seal."""
        copy = Path(shutil.copytree(log, tmp_path / "audit"))
        self._flips(copy, name, copy)

    @pytest.mark.parametrize("suffix", ["", ".checkpoint", ".vkey"])
    def test_of_an_export(self, export: Path, tmp_path: Path, suffix: str) -> None:
        """Bytes all over an exported log, every byte of its checkpoint and its key."""
        copy = Path(shutil.copytree(export.parent, tmp_path / "export"))
        step = 1 if suffix else 29
        self._flips(copy, export.name + suffix, copy / export.name, step=step)


def _swap(lines: list[bytes]) -> list[bytes]:
    return [*lines[:10], lines[11], lines[10], *lines[12:]]


class TestForgedExports:
    """Entries dropped, swapped, doubled, cut, added."""

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda lines: lines[:20] + lines[21:], "entry 20 says that it is entry 21"),
            (_swap, "entry 10 says that it is entry 11"),
            (lambda lines: [*lines[:5], lines[4], *lines[5:]], "entry 5 says that it is entry 4"),
            (lambda lines: lines[:-3], "3 are missing"),
            (lambda lines: [*lines, lines[-1]], "1 entries from entry 50 on are under no signat"),
            (lambda _lines: [], "50 are missing"),
            (lambda lines: [*lines[:-1], lines[-1][:-1]], "cut off"),
            (lambda lines: [*lines[:7], b"\n", *lines[7:]], "entry 7 is not in the form"),
            (
                lambda lines: [line.replace(b'"ana"', b'"eve"') for line in lines],
                "do not give the root",
            ),
        ],
    )
    def test_are_found_and_named(
        self,
        export: Path,
        tmp_path: Path,
        change: Callable[[list[bytes]], list[bytes]],
        words: str,
    ) -> None:
        """The report names the entry, or says what became of the whole."""
        copy = Path(shutil.copytree(export.parent, tmp_path / "export")) / export.name
        copy.write_bytes(b"".join(change(copy.read_bytes().splitlines(keepends=True))))
        report = _verdict(copy)
        assert not report.ok
        assert any(words in line for line in report_lines(report))

    def test_another_key(self, export: Path, tmp_path: Path) -> None:
        """A log that is whole under its own key is refused under the auditor's."""
        make_log(tmp_path / "other", 3)
        report = verify_log(export, [tmp_path / "other" / "log.vkey"])
        assert not report.ok


class TestForgedDatabases:
    """Somebody with write access to the database."""

    @pytest.mark.parametrize(
        ("sql", "words"),
        [
            (f"{CHANGE} WHERE idx = 12", "root"),
            ("DELETE FROM entries WHERE idx = 12", "entry 12 cannot be read"),
            ("DELETE FROM entries WHERE idx > 40", "9 are missing"),
            ("UPDATE head SET size = 49", "does not count"),
            ("DELETE FROM head", "does not count"),
            ("INSERT INTO entries VALUES (50, x'7b7d')", "entry 50 is not in the form"),
            ("INSERT INTO entries VALUES (-1, x'7b7d')", "numbers -1"),
            ("INSERT INTO tiles VALUES (0, 0, x'00')", "tiles"),
            ("CREATE TABLE more (x)", "tables"),
            ("PRAGMA user_version = 2", "tables"),
        ],
    )
    def test_are_found(self, log: Path, tmp_path: Path, sql: str, words: str) -> None:
        """Even without the seal, a change by SQL is found and said."""
        copy = Path(shutil.copytree(log, tmp_path / "audit"))
        (copy / "log.sqlite.seal").unlink()
        db = sqlite3.connect(copy / "log.sqlite", isolation_level=None)
        for trigger in ("entries_stay", "entries_remain"):
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute(sql)
        db.close()
        report = _verdict(copy)
        assert not report.ok
        assert any(words in line for line in report_lines(report))

    def test_a_changed_entry_is_named_by_its_tile(self, tmp_path: Path) -> None:
        """Under a full tile the changed entry itself is named."""
        copy = make_log(tmp_path / "audit", 600, batch=200)
        db = sqlite3.connect(copy / "log.sqlite", isolation_level=None)
        db.execute("DROP TRIGGER entries_stay")
        db.execute(f"{CHANGE} WHERE idx = 300")
        db.close()
        lines = report_lines(_verdict(copy))
        assert any(line.startswith("WRONG     entry 300 is not the one whose") for line in lines)

    def test_an_older_copy(self, tmp_path: Path) -> None:
        """A database set back to an older state is shown by the published checkpoint."""
        old = make_log(tmp_path / "audit", 10)
        older = tmp_path / "older.sqlite"
        shutil.copy(old / "log.sqlite", older)
        fixture = LogFixture(old)
        fixture.add(fact())
        fixture.close()
        shutil.copy(older, old / "log.sqlite")
        (old / "log.sqlite.seal").unlink()
        assert any("older copy" in line for line in report_lines(_verdict(old)))

    def test_a_checkpoint_that_the_auditor_kept(self, tmp_path: Path) -> None:
        """A log rewritten with its own key is shown by a checkpoint kept elsewhere."""
        folder = make_log(tmp_path / "audit", 10)
        kept = tmp_path / "kept"
        shutil.copy(folder / "checkpoint", kept)
        for name in ("log.sqlite", "log.sqlite.seal", "checkpoint", "index.sqlite"):
            (folder / name).unlink(missing_ok=True)
        # Whoever holds the key makes another history under it.
        key = folder / "log.key"
        hidden = key.read_bytes()
        key.unlink()
        other = make_log(tmp_path / "other", 1)
        (other / "log.key").write_bytes(hidden)
        for name in ("log.sqlite", "log.sqlite.seal", "checkpoint"):
            (other / name).unlink(missing_ok=True)
        fixture = LogFixture(other)
        fixture.add(*(fact(n, person="eve") for n in range(20)))
        fixture.close()
        assert verify_log(other, [folder / "log.vkey"]).ok
        report = verify_log(other, [folder / "log.vkey"], [kept])
        assert any("your checkpoint kept" in line for line in report_lines(report))
        assert not report.ok
