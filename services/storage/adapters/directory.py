# SPDX-License-Identifier: Apache-2.0
"""Objects as files of a folder: the embedded default.

An object is written to `.staging/`, fsynced, linked under its name (link(2) fails where the name is
taken, which makes writes once-only) and made durable by an fsync of its folder. A process that dies
leaves a staged file at worst; `sweep` removes those whose writer is gone, known by a lock.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import structlog

from services.common.files import is_open_to_others, sync_folder
from services.storage.domain.ports import SELF_TEST, Capabilities, ObjectInfo, ObjectLock, Page
from services.storage.errors import (
    ContractViolation,
    InvalidName,
    ObjectExists,
    ObjectMissing,
    StoreOutOfSpace,
    StoreUnavailable,
)

_log = structlog.get_logger(__name__)

_STAGING = ".staging"
_SHRED = "shred-"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_MISSING = {errno.ENOENT, errno.ENOTDIR}
_MOST_ATTEMPTS = 16  # an erasure may remove the folder between its making and the link


class DirectoryBackend:
    """An `ObjectBackend` in a folder that nobody but its owner may enter."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._staging = root / _STAGING
        with _errors("make its folder"):
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._staging.mkdir(mode=0o700, exist_ok=True)
            is_open = is_open_to_others(root)
        if is_open:
            raise ContractViolation(f"folder {root} is open to others: run 'chmod 700 {root}'")

    def stage(self, name: str) -> _StagedFile:
        """Begin an object in `.staging/`."""
        return _StagedFile(self._path(name), self._staging, self.root)

    def open(self, name: str, offset: int = 0) -> _FileReader:
        """Open a file."""
        with _errors("read"):
            try:
                file = self._path(name).open("rb", buffering=0)
            except OSError as error:
                if error.errno in _MISSING or error.errno == errno.EISDIR:
                    raise ObjectMissing(f"there is no object {name}") from None
                raise
        return _FileReader(name, file, offset)

    def stat(self, name: str) -> ObjectInfo | None:
        """Return name and size of a file."""
        with _errors("look at an object"):
            try:
                found = self._path(name).stat()
            except OSError as error:
                if error.errno in _MISSING:
                    return None
                raise
        return ObjectInfo(name, found.st_size)

    def list(self, prefix: str, after: str = "", limit: int = 1000) -> Page:
        """Walk the folder in the byte order of whole names."""
        objects: list[ObjectInfo] = []
        with _errors("list"):
            folder, _, _ = prefix.rpartition("/")
            start = self.root / folder if folder else self.root
            for info in _walk(start, f"{folder}/" if folder else "", prefix, after):
                if len(objects) == limit:
                    return Page(tuple(objects), objects[-1].name if objects else after)
                objects.append(info)
        return Page(tuple(objects), "")

    def delete(self, name: str, *, shred: bool = False) -> bool:
        """Unlink a file, and its folders where they are empty now.

        A file to shred first loses its name, so that whoever reads zeros can tell that it was
        deleted meanwhile; a process that dies then leaves it to the sweep.
        """
        path = self._path(name)
        with _errors("delete"):
            try:
                if shred:
                    self._shred(path)
                else:
                    path.unlink()
            except OSError as error:
                if error.errno in _MISSING:
                    return False
                raise
            _sync_folder(path.parent)
            for parent in path.parents:
                if parent == self.root:
                    break
                try:
                    parent.rmdir()
                except OSError:
                    break
        return True

    def _shred(self, path: Path) -> None:
        nameless = self._staging / f"{_SHRED}{secrets.token_hex(16)}"
        with path.open("r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not os.fstat(file.fileno()).st_nlink:
                raise FileNotFoundError(errno.ENOENT, "another process shreds it")
            path.rename(nameless)
            _sync_folder(path.parent)
            _overwrite(file)
            nameless.unlink()

    def lock_of(self, _name: str) -> ObjectLock | None:
        """Return none: a folder locks nothing."""
        return None

    def sweep(self) -> int:
        """Remove staged files whose writer holds no lock on them any more."""
        count = 0
        with _errors("sweep"):
            for entry in list(os.scandir(self._staging)):
                with contextlib.suppress(FileNotFoundError), Path(entry.path).open("r+b") as file:
                    try:
                        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except OSError:
                        continue
                    if entry.name.startswith(_SHRED):
                        _overwrite(file)
                    Path(entry.path).unlink()
                    count += 1
        if count:
            _log.info("staging_swept", count=count)
        return count

    def self_test(self) -> Capabilities:
        """Try the calls that network file systems are known to lack."""
        name = f"{SELF_TEST}{secrets.token_hex(8)}/probe"
        try:
            for attempt in (1, 2):
                staged = self.stage(name)
                try:
                    staged.write(b"probe")
                    staged.commit()
                    if attempt == 2:
                        raise ContractViolation(
                            f"folder {self.root} allows an object to be written twice"
                        )
                except ObjectExists:
                    if attempt == 1:
                        raise
                finally:
                    staged.abort()
            if [info.name for info in self.list(name).objects] != [name]:
                raise ContractViolation(f"folder {self.root} does not list what was written")
        except StoreUnavailable as error:
            raise ContractViolation(
                f"folder {self.root} cannot hold sealed objects: it needs hard links, locks and "
                f"fsync, so put it on a local disk ({error})"
            ) from error
        finally:
            with contextlib.suppress(StoreUnavailable):
                self.delete(name)
        return Capabilities("folder")

    def _path(self, name: str) -> Path:
        parts = name.split("/")
        if any(part in {"", ".", ".."} or part.startswith(".") for part in parts):
            raise InvalidName("object name is malformed: it must be study/participant/... of ids")
        return self.root.joinpath(*parts)


class _StagedFile:
    """A file in `.staging/`, locked by its writer for as long as it lives."""

    def __init__(self, target: Path, staging: Path, root: Path) -> None:
        self._target = target
        self._root = root
        self._path = staging / secrets.token_hex(16)
        with _errors("begin an object"):
            self._file: BinaryIO | None = self._begin()

    def _begin(self) -> BinaryIO:
        """Make the file and lock it; again where a sweep took it before it was locked."""
        while True:
            file = self._path.open("xb", buffering=1 << 20)
            os.fchmod(file.fileno(), 0o600)
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file.fileno()).st_nlink:
                return file
            file.close()

    def write(self, data: bytes) -> None:
        """Write behind what is there."""
        with _errors("write"):
            self._open().write(data)

    def commit(self) -> None:
        """Link the file under its name."""
        file = self._open()
        with _errors("write"):
            file.flush()
            os.fsync(file.fileno())
            for _ in range(_MOST_ATTEMPTS):
                try:
                    made = _make_folders(self._target.parent, self._root)
                except FileNotFoundError:
                    continue  # a deletion removed a folder that was to hold the next one
                try:
                    os.link(self._path, self._target)
                except FileExistsError:
                    raise ObjectExists(
                        f"object {self._target.relative_to(self._root)} was written before"
                    ) from None
                except FileNotFoundError:
                    if not self._path.exists():
                        raise StoreUnavailable(
                            "the staged object was removed by another process: try again"
                        ) from None
                    continue  # a deletion removed the empty folder: make it again
                break
            else:
                raise StoreUnavailable("the folder of the object keeps vanishing: try again")
            for folder in made:
                _sync_folder(folder)
        self.abort()

    def abort(self) -> None:
        """Unlink the staged name."""
        file, self._file = self._file, None
        if file is None:
            return
        with contextlib.suppress(OSError):
            self._path.unlink()
        with contextlib.suppress(OSError):  # flushing into a full disk fails, and need not succeed
            file.close()

    def _open(self) -> BinaryIO:
        if self._file is None:
            raise StoreUnavailable("the object was given up already: begin it again")
        return self._file


class _FileReader:
    """An open file of known length."""

    def __init__(self, name: str, file: BinaryIO, offset: int) -> None:
        self._name = name
        self._file = file
        with _errors("read"):
            self.size = os.fstat(file.fileno()).st_size
            file.seek(offset)
        self._left = max(0, self.size - offset)

    def read(self, limit: int) -> bytes:
        """Read on; a file that became shorter is an error."""
        with _errors("read"):
            data = self._file.read(min(limit, self._left)) if self._left else b""
        if not data and self._left:
            raise StoreUnavailable(f"object {self._name} ended early: look at the disk")
        self._left -= len(data)
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@contextlib.contextmanager
def _errors(doing: str) -> Iterator[None]:
    """Turn the system's errors into ours, by their number alone: paths stay out of messages."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreOutOfSpace(
                f"the store's disk is full, it cannot {doing}: free space or add a disk"
            ) from None
        if error.errno in {errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG}:
            raise InvalidName("object name is folder or part of another object's") from None
        raise StoreUnavailable(
            f"the store's disk refused to {doing} ({errno.errorcode.get(error.errno or 0, '?')}): "
            "look at its mount and rights"
        ) from None


def _make_folders(folder: Path, root: Path) -> list[Path]:
    """Make what is missing below `root`; which folders need an fsync for the new entry to last."""
    dirty = [folder]
    missing = []
    while folder != root and not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
        dirty.append(path.parent)
    return dirty


def _sync_folder(folder: Path) -> None:
    """Make its names durable, unless it was removed meanwhile, and its names with it."""
    with contextlib.suppress(FileNotFoundError):
        sync_folder(folder)


def _overwrite(file: BinaryIO) -> None:
    """Overwrite a file's bytes with zeros in place; copies that the file system keeps remain."""
    left = os.fstat(file.fileno()).st_size
    while left > 0:
        left -= file.write(bytes(min(left, 1 << 20)))
    file.flush()
    os.fsync(file.fileno())


def _walk(folder: Path, path: str, prefix: str, after: str) -> Iterator[ObjectInfo]:
    """Yield objects below `folder` in the order of whole names, without those before `after`."""
    try:
        entries = [(e.name + "/" if e.is_dir() else e.name, e) for e in os.scandir(folder)]
    except (FileNotFoundError, NotADirectoryError):
        return
    for key, entry in sorted(entries, key=lambda pair: pair[0]):
        name = path + key
        if key.startswith("."):
            continue
        if key.endswith("/"):
            relevant = name.startswith(prefix) or prefix.startswith(name)
            if relevant and (name > after or after.startswith(name)):
                yield from _walk(Path(entry.path), name, prefix, after)
        elif name.startswith(prefix) and name > after:
            with contextlib.suppress(FileNotFoundError):
                yield ObjectInfo(name, entry.stat().st_size)
