# SPDX-License-Identifier: Apache-2.0
"""Copies of a log that can be verified: the audit folder with its database, and an export.

audit folder   log.sqlite, checkpoint, log.vkey (as the service keeps it)
export         NAME (one entry a line, the very bytes that were hashed), NAME.checkpoint,
               NAME.vkey, NAME.witnessed where witnesses cosign
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from services.audit.adapters import seal
from services.audit.adapters.checkpoint_file import (
    CHECKPOINT_FILE,
    WITNESSED_FILE,
    WITNESSED_NAME,
)
from services.audit.adapters.key_files import VKEY_FILE
from services.audit.adapters.sqlite_schema import FILE_NAME, SCHEMA_VERSION, schema_statements
from services.audit.adapters.tiles_source import TilesSource
from services.audit.errors import LogDamaged, LogFull
from services.audit_evidence.entry import MAX_ENTRY_BYTES
from services.audit_evidence.frontier import TILE_HEIGHT, TILE_WIDTH
from services.audit_evidence.keys import VerifierKey
from services.audit_evidence.verify import Source
from services.common.errors import NotFound
from services.common.files import is_disk_full

# A message of the database may itself hold bytes that are no text.
_DAMAGE = (sqlite3.Error, UnicodeDecodeError)
_PAGE = 1024
_SQLITE_MAGIC = b"SQLite format 3\0"


def find_copy(path: Path) -> Path:
    """Return the copy that a path means: of a folder with a single export in it, that export."""
    if path.is_dir() and not (path / FILE_NAME).exists() and not (path / "tile").is_dir():
        exports = [mark.with_suffix("") for mark in path.glob("*.checkpoint")]
        if len(exports) == 1 and exports[0].is_file():
            return exports[0]
    return path


def open_source(path: Path) -> Source:
    """Open the kind of copy that is at a path; raises NotFound when the path holds no copy."""
    if path.is_file():
        with path.open("rb") as file:
            is_database = file.read(16) == _SQLITE_MAGIC or path.name == FILE_NAME
        return SqliteSource(path) if is_database else JsonlSource(path)
    if (path / FILE_NAME).exists():
        return SqliteSource(path / FILE_NAME)
    if (path / "tile").is_dir():
        return TilesSource(path)
    raise NotFound(f"{path} holds no audit log: neither {FILE_NAME} nor tiles, and is not a file")


def key_file(path: Path) -> Path:
    """Return the path of the public keys that come with a copy."""
    if path.is_dir():
        return path / VKEY_FILE
    return path.with_name(VKEY_FILE if path.name == FILE_NAME else path.name + ".vkey")


def checkpoint_file(export: Path) -> Path:
    """Return the path of the checkpoint of an exported file."""
    return export.with_name(export.name + ".checkpoint")


def witnessed_file(export: Path) -> Path:
    """Return the path of the witnessed checkpoint of an exported file."""
    return export.with_name(export.name + ".witnessed")


class SqliteSource:
    """A database file, opened read-only; its folder may hold the published checkpoint."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # The published one is read first: a running service may publish in between.
        published = path.with_name(CHECKPOINT_FILE)
        self._published = published.read_bytes() if published.exists() else None
        kept = path.with_name(WITNESSED_FILE)
        self._witnessed = kept.read_bytes() if kept.exists() else None
        # Looked at first: reading the database leaves an empty file beside it.
        wal = path.with_name(path.name + "-wal")
        self._is_closed = not wal.exists() or wal.stat().st_size == 0
        self._size = 0
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="seal")
        self._digest: Future[seal.Digest] | None = None
        try:
            self._db = self._open()
            self._head = self._db.execute("SELECT size, note FROM head").fetchall()
        except _DAMAGE as error:
            if not isinstance(error, sqlite3.DatabaseError) or _is_damage(error):
                raise LogDamaged(f"{path.name} cannot be read as a database ({error})") from None
            if is_disk_full(path.parent):
                raise LogFull(
                    f"the disk of {path.name} is full, and reading it beside its service needs a"
                    " little room; free space, then verify again. This says nothing about the log"
                ) from None
            raise LogDamaged(f"{path.name} cannot be read as a database ({error})") from None

    def checkpoints(self) -> list[tuple[str, bytes]]:
        """Return the head of the database and the published file."""
        found = [("the checkpoint in the database", _bytes(row[1])) for row in self._head]
        if self._published is not None:
            found.append(("the published checkpoint", self._published))
        if self._witnessed is not None:
            found.append((WITNESSED_NAME, self._witnessed))
        return found

    def entries(self) -> Iterator[bytes]:
        """Return the leaves by index, of one state of the database."""
        if seal.seal_path(self._path).exists() and self._digest is None:
            # Hashing the file leaves the interpreter free for what is done with the entries.
            self._digest = self._beside.submit(seal.Digest.of, self._path)
        return itertools.chain.from_iterable(self._pages())

    def _pages(self) -> Iterator[Sequence[bytes]]:
        try:
            rows = self._db.execute("SELECT idx, leaf FROM entries ORDER BY idx")
            while page := rows.fetchmany(_PAGE):
                first = self._size
                numbers, leaves = zip(*page, strict=True)
                in_place = numbers == tuple(range(first, first + len(page)))
                if in_place and set(map(type, leaves)) == {bytes}:
                    self._size += len(page)
                    yield leaves
                else:
                    yield from self._one_by_one(page, first)
        except _DAMAGE as error:
            raise LogDamaged(f"the database is damaged there ({error})") from None

    def _one_by_one(self, page: list[tuple[int, object]], first: int) -> Iterator[list[bytes]]:
        for expected, (index, leaf) in enumerate(page, first):
            if index != expected:
                raise LogDamaged(f"in its place is one that the database numbers {index}")
            self._size = expected + 1
            yield [_bytes(leaf)]

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        """Return a full tile; part tiles are not stored."""
        if width < TILE_WIDTH:
            return None
        try:
            row = self._db.execute(
                "SELECT hashes FROM tiles WHERE level = ? AND idx = ?", (level, index)
            ).fetchone()
        except _DAMAGE as error:
            raise LogDamaged(f"tile {index} of level {level} cannot be read ({error})") from None
        if row is None:
            raise LogDamaged(f"tile {index} of level {level} is missing from the database")
        return _bytes(row[0])

    def faults(self, keys: Sequence[VerifierKey]) -> Iterator[str]:
        """Check the seal or, in a copy without a seal, the database's own structure."""
        try:
            found = self._digest and self._digest.result()
        except OSError as error:
            raise LogDamaged(f"{self._path.name} cannot be read: {error.strerror}") from None
        broken = seal.fault(self._path, keys, found) if found else None
        # A service that came up meanwhile has broken the seal itself.
        if broken and seal.seal_path(self._path).exists():
            yield broken
        try:
            yield from self._structure()
            if broken or not found or not seal.seal_path(self._path).exists():
                for (line,) in self._db.execute("PRAGMA integrity_check(10)"):
                    if line != "ok":
                        yield f"{self._path.name} is damaged: {line}"
        except _DAMAGE as error:
            yield f"{self._path.name} is damaged ({error})"

    def remarks(self) -> Iterator[str]:
        """Return that the seal is missing where no service has the database open."""
        if self._is_closed and not seal.seal_path(self._path).exists():
            yield (
                f"the seal of {self._path.name} is missing: its entries are checked, the bytes"
                " around them are not. A service that stops in good order leaves the seal beside"
                " the file, so it was not copied with it, or somebody removed it"
            )

    def close(self) -> None:
        """Close the database, so that its service can go on writing."""
        self._beside.shutdown(cancel_futures=True)
        self._db.close()

    def _structure(self) -> Iterator[str]:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        found = {row[0] for row in self._db.execute("SELECT sql FROM sqlite_schema WHERE sql > ''")}
        if version != SCHEMA_VERSION or found != schema_statements():
            yield f"{self._path.name} does not have the tables that the audit service makes"
        if [row[0] for row in self._head] != ([self._size] if self._size or self._head else []):
            yield f"the head of {self._path.name} does not count {self._size} entries"
        tiles, size = 0, self._size
        while size >= TILE_WIDTH:
            size >>= TILE_HEIGHT
            tiles += size
        stored = self._db.execute("SELECT count(*) FROM tiles").fetchone()[0]
        if stored != tiles:
            yield f"{self._path.name} holds {stored} tiles instead of {tiles}"

    def _open(self) -> sqlite3.Connection:
        place = self._path.absolute().as_uri()
        db = sqlite3.connect(f"{place}?mode=ro", uri=True, isolation_level=None)
        db.text_factory = _text
        try:
            db.execute("BEGIN")  # one state from here on, whatever the service appends meanwhile
            db.execute("SELECT 1 FROM head").fetchone()
        except _DAMAGE:
            db.close()
            if self._path.with_name(self._path.name + "-wal").exists():
                raise
            # A closed database on a disk that cannot be written to.
            db = sqlite3.connect(f"{place}?mode=ro&immutable=1", uri=True, isolation_level=None)
            db.text_factory = _text
            db.execute("BEGIN")
        return db


class JsonlSource:
    """An exported file of entries."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def checkpoints(self) -> list[tuple[str, bytes]]:
        """Return the export's checkpoint, and the one that witnesses cosigned."""
        places = [
            ("the checkpoint of the export", checkpoint_file(self._path)),
            (WITNESSED_NAME, witnessed_file(self._path)),
        ]
        return [(name, path.read_bytes()) for name, path in places if path.exists()]

    def entries(self) -> Iterator[bytes]:
        """Return the lines; raises LogDamaged for one that is too long or not ended."""
        with self._path.open("rb") as lines:
            while line := lines.readline(MAX_ENTRY_BYTES + 2):
                if not line.endswith(b"\n"):
                    raise LogDamaged("its line is longer than an entry can be, or cut off")
                yield line[:-1]

    def tile(self, _level: int, _index: int, _width: int) -> bytes | None:
        """Return nothing: this kind of copy keeps no tiles."""
        return None

    def faults(self, _keys: Sequence[VerifierKey]) -> Iterator[str]:
        """Return nothing: a text file has no structure beyond its lines."""
        return iter(())

    def remarks(self) -> Iterator[str]:
        """Return nothing."""
        return iter(())

    def close(self) -> None:
        """Nothing is held open."""


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
