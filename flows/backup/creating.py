# SPDX-License-Identifier: Apache-2.0
"""Copy a home into a backup, also while its services run."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from flows.backup import parts, secrets_file
from flows.backup.manifest import (
    HOME,
    LISTING,
    MANIFEST,
    SECRETS,
    CopiedFile,
    Digest,
    Manifest,
)
from flows.backup.parts import Treatment
from services.common.errors import Conflict, Exhausted, NotFound, WrongUse
from services.common.files import sync_folder, write_private

_PREFIX = "sotto-"
_UNFINISHED = ".unfinished-"
_TRIES = 5
_CHUNK = 1 << 20
_UNKNOWN = "0" * 64  # until the file of secrets is sealed


def create(
    home: Path,
    into: Path,
    passphrase: bytes,
    on_file: Callable[[str], object] = lambda _path: None,
) -> tuple[Path, Manifest]:
    """Copy the home into a new folder under `into`; return it and what it holds.

    Objects that an earlier backup in `into` holds are linked to, not copied again. Raises NotFound
    where there is no home, WrongUse for a folder inside of it, Exhausted when the disk is full, and
    Conflict when keys change without end. Whatever fails leaves no backup behind.
    """
    if not (home / "pki").is_dir():
        raise NotFound(f"{home} is no installation: it has no folder pki; choose another: --home")
    if into.resolve().is_relative_to(home.resolve()):
        raise WrongUse(f"{into} lies in the home, and would be lost with it; choose another folder")
    elsewhere = parts.kept_elsewhere(home)
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    name = f"{_PREFIX}{now:%Y%m%dT%H%M%SZ}"
    if (into / name).exists():
        raise Conflict(f"{into / name} is there already; try again in a second")
    unfinished = into / f"{_UNFINISHED}{name}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    try:
        copier = _Copier(home, unfinished, newest(into), on_file)
        copied = [
            one
            for treatment in (Treatment.DATA, Treatment.LOG, Treatment.OBJECT)
            for one in copier.copy(treatment)
        ]
        opening = _secrets(home)
        copied += copier.copy(Treatment.TOMBSTONE)
        manifest = Manifest(
            version=version("sotto"),
            made_at=now,
            files=tuple(sorted(copied, key=lambda one: one.path)),
            secrets_sha256=_UNKNOWN,
            left_out=tuple(parts.unknown(home)),
            elsewhere=tuple(elsewhere),
        )
        sealed = secrets_file.seal({**opening, LISTING: manifest.listing_sha256}, passphrase)
        write_private(unfinished / SECRETS, sealed)
        manifest = manifest.model_copy(
            update={"secrets_sha256": hashlib.sha256(sealed).hexdigest()}
        )
        write_private(unfinished / MANIFEST, manifest.canonical_bytes())
        unfinished.rename(into / name)
        sync_folder(into)
    except (OSError, sqlite3.Error) as error:
        why = os.strerror(error.errno or 0) if isinstance(error, OSError) else "audit log: SQLite"
        raise Exhausted(
            f"the backup was not made ({why}); see that {into} has room and can be written to,"
            " then try again",
            reason="backup_not_written",
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return into / name, manifest


def newest(into: Path) -> Path | None:
    """Return the newest finished backup in a folder."""
    found = sorted(path.parent for path in into.glob(f"{_PREFIX}*/{MANIFEST}"))
    return found[-1] if found else None


class _Copier:
    """Copies files of a home into a backup; what vanishes meanwhile was erased."""

    def __init__(
        self, home: Path, unfinished: Path, earlier: Path | None, on_file: Callable[[str], object]
    ) -> None:
        self._home = home
        self._target = unfinished / HOME
        self._earlier = earlier
        self._on_file = on_file
        self._known = (
            {one.path: one for one in Manifest.read(earlier).files} if earlier is not None else {}
        )

    def copy(self, treatment: Treatment) -> Iterator[CopiedFile]:
        """Copy the files that are treated alike."""
        for path in parts.files_of(self._home, treatment):
            self._on_file(str(path))
            place = self._target / path
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                if treatment is Treatment.OBJECT and self._linked(path, place):
                    yield self._known[str(path)]
                    continue
                copied = _copy_database if treatment is Treatment.LOG else _copy
                digest = copied(self._home / path, place)
                yield CopiedFile(path=str(path), size=digest.size, sha256=digest.sha256)

    def _linked(self, path: Path, place: Path) -> bool:
        """Link to the same object in an earlier backup, and return whether there is one.

        Its size and time tell: a generation that was rolled back is written again under its name,
        and a model is replaced.
        """
        now = (self._home / path).stat()
        if self._earlier is None or str(path) not in self._known:
            return False
        earlier = self._earlier / HOME / path
        try:
            before = earlier.stat()
            if (before.st_size, before.st_mtime_ns) != (now.st_size, now.st_mtime_ns):
                return False
            os.link(earlier, place)
        except OSError:  # a file system without hard links
            return False
        return True


def _copy(source: Path, place: Path) -> Digest:
    hashed, size = hashlib.sha256(), 0
    reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    writing = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(reading, "rb") as file, os.fdopen(writing, "wb") as copy:
        while chunk := file.read(_CHUNK):
            hashed.update(chunk)
            size += len(chunk)
            copy.write(chunk)
        copy.flush()
        times = os.fstat(file.fileno())
        os.utime(copy.fileno(), ns=(times.st_atime_ns, times.st_mtime_ns))
        os.fsync(copy.fileno())
    return Digest(size, hashed.hexdigest())


def _copy_database(source: Path, place: Path) -> Digest:
    """Copy one consistent state of an SQLite database that others may write to."""
    place.touch(mode=0o600)
    with (
        contextlib.closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as database,
        contextlib.closing(sqlite3.connect(place)) as copy,
    ):
        database.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    return Digest.of(place)


def _secrets(home: Path) -> dict[str, bytes]:
    """Return all secrets as they are at one moment: keys and zone key must be of one state."""
    for _ in range(_TRIES):
        files = {}
        with contextlib.suppress(FileNotFoundError):  # a rotation or an erasure is under way
            for path in parts.files_of(home, Treatment.SECRET):
                files[str(path)] = _secret(home / path)
            if files == {
                str(path): _secret(home / path) for path in parts.files_of(home, Treatment.SECRET)
            }:
                return files
    raise Conflict("the keys change while they are read, as in a rotation; try again later")


def _secret(path: Path) -> bytes:
    """Return the content of a file; of a database one state, while others may write to it."""
    if path.suffix != ".sqlite":
        return path.read_bytes()
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        return database.serialize()
