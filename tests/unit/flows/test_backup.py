# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.backup import checking, creating, parts, restoring, secrets_file
from flows.backup.manifest import HOME, MANIFEST, SECRETS, CopiedFile, Manifest
from flows.backup.parts import Treatment
from services.common.errors import (
    AlreadyExists,
    Conflict,
    Corrupted,
    NotFound,
    PermissionDenied,
    SottoError,
    WrongUse,
)

PASSPHRASE = b"correct horse battery"
OBJECT = "clinical/objects/trial/P01/rec-1/source"
FILES = {
    "pki/ca.key": b"authority",
    "clinical/zone.key": b"zone key",
    "clinical/keys/trial/P01/00000001": b"wrapped key",
    "clinical/tombstones/trial/P02": b"tombstone",
    "clinical/pending/mark/1": b"mark",
    OBJECT: b"sealed bytes",
    "audit/checkpoint": b"checkpoint",
    "audit/log.key": b"signing key",
    "audit/log.vkey": b"public key",
    "release/signing-key.pem": b"signing key of releases",
    "sotto.toml": b"workers = 4\n",
    "logs/audit.log": b"{}",
    "run/state.json": b"{}",
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive keys quickly: what is tested here is not how long a guess takes."""
    monkeypatch.setattr(secrets_file, "_LOG2_N", 4)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a file of each kind, and an audit log that somebody has open."""
    for path, content in FILES.items():
        _write(tmp_path / "home" / path, content)
    return tmp_path / "home"


@pytest.fixture
def log(home: Path) -> sqlite3.Connection:
    """The log's database, in WAL mode, with a committed row that is in the WAL alone."""
    database = sqlite3.connect(home / "audit" / "log.sqlite")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE entries (idx INTEGER)")
    database.execute("INSERT INTO entries VALUES (7)")
    database.commit()
    return database


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(content)


def _make(home: Path, into: str = "backups") -> Path:
    return creating.create(home, home.parent / into, PASSPHRASE)[0]


def _restore(backup: Path, home: Path, tombstones_from: Path | None = None) -> int:
    secrets = backup / SECRETS
    return restoring.restore(backup, secrets, PASSPHRASE, home, tombstones_from=tombstones_from)[1]


class TestCreate:
    def test_keeps_every_secret_out_of_the_clear_part(
        self, home: Path, log: sqlite3.Connection
    ) -> None:
        """What opens or signs something is in the sealed file alone."""
        backup = _make(home)
        log.close()

        clear = {path.read_bytes() for path in (backup / HOME).rglob("*") if path.is_file()}
        secret = [FILES[path] for path in FILES if parts.treatment_of(path) is Treatment.SECRET]
        assert len(secret) == 6
        assert not clear & set(secret)
        assert not [one for one in secret if one in (backup / SECRETS).read_bytes()]

    def test_copies_a_log_that_is_written_to(self, home: Path, log: sqlite3.Connection) -> None:
        """What was committed is in the copy, though the file itself does not hold it yet."""
        backup = _make(home)
        log.close()

        with sqlite3.connect(backup / HOME / "audit" / "log.sqlite") as copy:
            assert copy.execute("SELECT idx FROM entries").fetchall() == [(7,)]
        assert not list((backup / HOME / "audit").glob("*-wal"))

    def test_links_to_the_objects_of_the_backup_before(self, home: Path) -> None:
        """An object takes room once, and stays when the older backup goes."""
        first = _make(home)
        first = first.rename(first.with_name("sotto-20260101T000000Z"))
        second = _make(home)

        assert (first / HOME / OBJECT).samefile(second / HOME / OBJECT)
        assert checking.check(second, Manifest.read(second)) == []

    def test_copies_an_object_that_was_written_again(self, home: Path) -> None:
        """A generation that was rolled back and written again is not that of the backup before."""
        first = _make(home)
        first.rename(first.with_name("sotto-20260101T000000Z"))
        again = FILES[OBJECT][::-1]
        _write(home / OBJECT, again)

        assert (_make(home) / HOME / OBJECT).read_bytes() == again

    def test_names_what_it_does_not_hold(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Files that no rule names and parts that settings keep elsewhere are listed."""
        _write(home / "notes.txt", b"mine")
        _write(home / "sotto.toml", b'storage = "s3"\n[storage-clinical]\nkey_file = "/k"\n')
        monkeypatch.setenv("SOTTO_AUDIT_DATABASE", "postgresql://db")

        manifest = Manifest.read(_make(home))

        assert manifest.left_out == ("notes.txt",)
        assert manifest.elsewhere == (
            "audit log (audit_database)",
            "objects (storage)",
            "zone key (key_file)",
        )

    def test_leaves_nothing_behind_when_the_target_takes_no_more(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A backup that could not be finished is not there at all, and the error says why."""

        def full(_path: Path, _content: bytes) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(creating, "write_private", full)
        with pytest.raises(SottoError, match="No space left on device"):
            _make(home)

        assert list((home.parent / "backups").iterdir()) == []

    def test_takes_keys_of_one_state(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Keys that change while they are read are read again, and never mixed."""
        reads = 0
        read_bytes = Path.read_bytes

        def changing(path: Path) -> bytes:
            nonlocal reads
            if path.name == "zone.key" and path.is_relative_to(home):
                reads += 1
                return b"%d" % reads
            return read_bytes(path)

        monkeypatch.setattr(Path, "read_bytes", changing)
        with pytest.raises(Conflict, match="keys change"):
            _make(home)

    def test_refuses_a_folder_in_the_home_and_what_is_no_home(self, home: Path) -> None:
        """A backup that would be lost with the home is refused, and so is a mistyped home."""
        with pytest.raises(WrongUse, match="lies in the home"):
            creating.create(home, home / "backups", PASSPHRASE)
        with pytest.raises(NotFound, match="no installation"):
            creating.create(home.parent / "typo", home.parent / "backups", PASSPHRASE)


class TestRestore:
    def test_brings_back_every_file(self, home: Path) -> None:
        """All that is copied or sealed comes back byte for byte, private to its owner."""
        target = home.parent / "again"
        _restore(_make(home), target)

        for path, content in FILES.items():
            kept = parts.treatment_of(path) is not Treatment.LEFT_OUT
            assert (target / path).exists() is kept, path
            if kept:
                assert (target / path).read_bytes() == content
                assert (target / path).stat().st_mode & 0o077 == 0
        assert {path.stat().st_mode & 0o777 for path in target.rglob("*") if path.is_dir()} == {
            0o700
        }

    def test_takes_the_tombstones_of_those_who_withdrew_since(self, home: Path) -> None:
        """With the old home at hand nobody who withdrew after the backup comes back."""
        backup = _make(home)
        _write(home / "research/tombstones/trial/P03", b"later")

        assert _restore(backup, home.parent / "again", tombstones_from=home) == 1
        assert (home.parent / "again/research/tombstones/trial/P03").read_bytes() == b"later"

    def test_refuses_a_home_that_holds_something(self, home: Path) -> None:
        """Nothing is ever overwritten."""
        with pytest.raises(AlreadyExists, match="not empty"):
            _restore(_make(home), home)

    @pytest.mark.parametrize("damage", ["changed", "missing", "added"])
    def test_puts_back_nothing_of_a_backup_that_was_changed(self, home: Path, damage: str) -> None:
        """A file that was changed, taken away or put in stops a restore before it begins."""
        backup = _make(home)
        if damage == "changed":
            (backup / HOME / OBJECT).write_bytes(b"sealed bytez")
        elif damage == "missing":
            (backup / HOME / OBJECT).unlink()
        else:
            _write(backup / HOME / "clinical/tombstones/trial/P09", b"forged")

        with pytest.raises(Corrupted, match="not as they were made"):
            _restore(backup, home.parent / "again")
        assert not (home.parent / "again").exists()

    @pytest.mark.parametrize(
        "path", ["sotto.toml", "pki/ca.pem", "clinical/tombstones/trial/P02", OBJECT]
    )
    def test_refuses_a_manifest_that_was_made_to_fit(self, home: Path, path: str) -> None:
        """Whoever keeps the backup adds no settings and takes no record away, by no manifest."""
        (home / "sotto.toml").unlink()
        backup = _make(home)
        manifest = Manifest.read(backup)
        files = {one.path: one for one in manifest.files}
        if files.pop(path, None) is None:
            content = b"forged"
            _write(backup / HOME / path, content)
            digest = hashlib.sha256(content).hexdigest()
            files[path] = CopiedFile(path=path, size=len(content), sha256=digest)
        else:
            (backup / HOME / path).unlink()
        listed = tuple(files[name] for name in sorted(files))
        forged = manifest.model_copy(update={"files": listed})
        (backup / MANIFEST).write_bytes(forged.canonical_bytes())

        assert checking.check(backup, Manifest.read(backup)) == []
        with pytest.raises(Corrupted, match="not the one that was made with it"):
            _restore(backup, home.parent / "again")
        assert not (home.parent / "again").exists()

    def test_refuses_the_secrets_of_another_backup(self, home: Path) -> None:
        """The sealed file belongs to the manifest beside it."""
        backup = _make(home)
        other = _make(home, "others")
        (backup / SECRETS).write_bytes((other / SECRETS).read_bytes())

        with pytest.raises(Corrupted, match="another backup"):
            _restore(backup, home.parent / "again")

    def test_refuses_a_folder_without_a_manifest(self, home: Path) -> None:
        """What was not finished is no backup."""
        backup = _make(home)
        (backup / MANIFEST).unlink()

        with pytest.raises(NotFound, match="is no backup"):
            _restore(backup, home.parent / "again")


class TestSecretsFile:
    def test_opens_with_its_passphrase_alone(self) -> None:
        """Another passphrase is refused as that."""
        sealed = secrets_file.seal({"pki/ca.key": b"key"}, PASSPHRASE)

        assert secrets_file.open_sealed(sealed, PASSPHRASE) == {"pki/ca.key": b"key"}
        with pytest.raises(PermissionDenied, match="passphrase"):
            secrets_file.open_sealed(sealed, b"wrong horse battery")

    @settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.data())
    def test_refuses_whatever_was_changed(self, data: st.DataObject) -> None:
        """A file with one bit changed, cut or added to opens for nobody."""
        sealed = secrets_file.seal({"pki/ca.key": b"key"}, PASSPHRASE)
        place = data.draw(st.integers(0, len(sealed) - 1))
        changed = bytearray(sealed)
        match data.draw(st.sampled_from(["flip", "cut", "add"])):
            case "flip":
                changed[place] ^= 1 << data.draw(st.integers(0, 7))
            case "cut":
                del changed[place:]
            case _:
                changed += os.urandom(1)

        with pytest.raises((Corrupted, PermissionDenied)):
            secrets_file.open_sealed(bytes(changed), PASSPHRASE)


class TestParts:
    def test_a_key_of_a_zone_is_a_secret_wherever_it_lies(self) -> None:
        """What no rule speaks of in a zone is taken for a secret, never for data."""
        assert parts.treatment_of("clinical/keys-new/anything") is Treatment.SECRET
        assert parts.treatment_of("audit/log-1/log.key") is Treatment.SECRET
