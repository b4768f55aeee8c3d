# SPDX-License-Identifier: Apache-2.0
"""The zone key in a file of mode 0600: for the embedded default and small sites.

Wraps with AES-256-GCM, a random 96-bit nonce in front. A copy of the file opens every key of the
zone: keep its backup apart from all others, and prefer a PKCS#11 token where the site has one.
Several processes of one machine may use it, as it is read at each use and changed under a lock.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import Field, StringConstraints

from services.common.files import sync_folder
from services.common.records import Base64, Record
from services.storage.domain.clock import now
from services.storage.domain.provider_check import check_provider
from services.storage.domain.stored_record import StoredRecord
from services.storage.errors import (
    ContractViolation,
    DataCorrupted,
    KeyDoesNotOpen,
    NoZoneKey,
    StoreUnavailable,
    ZoneKeyRetired,
)

_NONCE = 12  # bytes; NIST SP 800-38D recommends 96 bits
_KEY = 32  # bytes; AES-256
_MOST_BYTES = 1 << 20  # a file of keys is far smaller
_MOST_READS = 4  # rotations in a row that one reader goes along with


class ZoneKey(Record):
    """One version of the zone key."""

    version: Annotated[str, StringConstraints(pattern=r"^zk-[0-9a-f]{16}$")]
    created: str
    key: Annotated[Base64, Field(min_length=_KEY, max_length=_KEY)]


class ZoneKeyFile(StoredRecord):
    """The file: all versions that still open, the current one last."""

    format: Literal["sotto zone key 1"] = "sotto zone key 1"
    zone: str
    keys: Annotated[tuple[ZoneKey, ...], Field(min_length=1)]


class LocalKeyProvider:
    """A `KeyProvider` on a file that only its owner may read."""

    name = "local-file"

    def __init__(self, path: Path, zone: str, *, create: bool) -> None:
        self._path = path
        self._zone = zone
        self._lock = threading.Lock()
        if not path.exists():
            if not create:
                raise NoZoneKey(
                    f"zone key file {path} is missing while wrapped keys exist: restore it from "
                    "its backup, or set key_provider_before to what wraps them now"
                )
            with self._changing():
                if not path.exists():
                    self._store((_fresh(),))
        self._load()

    def wrap(self, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        """Seal under the newest key of the file."""
        current = self._load()[-1]
        nonce = secrets.token_bytes(_NONCE)
        return current.version, nonce + AESGCM(current.key).encrypt(nonce, data_key, context)

    def unwrap(self, version: str, wrapped: bytes, context: bytes) -> bytes:
        """Open with the named key of the file."""
        for known in self._load():
            if known.version == version and len(wrapped) > _NONCE:
                with contextlib.suppress(InvalidTag):
                    return AESGCM(known.key).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], context)
        raise KeyDoesNotOpen(
            "the zone key does not open a data key: check that key file and key store belong "
            "together"
        )

    def current_version(self) -> str:
        """Return the newest key of the file."""
        return self._load()[-1].version

    def made_at(self) -> str:
        """Return when the newest key of the file was made."""
        return self._load()[-1].created

    def versions(self) -> tuple[str, ...]:
        """Return all keys of the file."""
        return tuple(key.version for key in self._load())

    def rotate(self) -> str:
        """Add a key to the file."""
        with self._changing():
            keys = (*self._load(), _fresh())
            self._store(keys)
        return keys[-1].version

    def destroy_version(self, version: str) -> None:
        """Take a key out of the file; the old file's bytes are overwritten."""
        with self._changing():
            keys = self._load()
            if keys[-1].version == version:
                raise ContractViolation("the current zone key cannot be destroyed: rotate first")
            left = tuple(key for key in keys if key.version != version)
            if left != keys:  # else another process destroyed it
                self._store(left)

    def refresh(self) -> None:
        """Do nothing: the file is read at each use."""

    def retire(self) -> None:
        """Remove the file, unless another process did; its bytes are overwritten."""
        gone = contextlib.suppress(FileNotFoundError)
        with self._changing(), gone, self._path.open("r+b") as old:
            self._path.unlink()
            sync_folder(self._path.parent)
            _overwrite(old)

    def self_test(self) -> None:
        """Wrap, unwrap, and refuse a wrong context."""
        check_provider(self)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._lock:
            lock = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
            finally:
                os.close(lock)

    def _load(self) -> tuple[ZoneKey, ...]:
        for _ in range(_MOST_READS):
            # A rotation overwrites the old file once the new one is in its place: read again.
            with contextlib.suppress(DataCorrupted):
                return self._read()
        return self._read()

    def _read(self) -> tuple[ZoneKey, ...]:
        try:
            with self._path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                data = file.read(_MOST_BYTES)
        except FileNotFoundError:
            raise ZoneKeyRetired(
                f"zone key file {self._path} is missing: restore it from its backup, or start this "
                "process again where the keys were moved to a token"
            ) from None
        except OSError:
            raise StoreUnavailable(
                f"zone key file {self._path} cannot be read: look at it"
            ) from None
        if mode & 0o177:
            raise ContractViolation(
                f"zone key file {self._path} is open to others: run 'chmod 600' on it"
            )
        return ZoneKeyFile.read(data, f"zone key file {self._path}", zone=self._zone).keys

    def _store(self, keys: tuple[ZoneKey, ...]) -> None:
        data = ZoneKeyFile(zone=self._zone, keys=keys).encode()
        # One name, cleared first: under names of chance a kill would leave keys lying about.
        temporary = self._path.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        old = self._path.open("r+b") if self._path.exists() else None
        temporary.rename(self._path)
        sync_folder(self._path.parent)
        if old is not None:
            with old:
                _overwrite(old)


def _overwrite(file: BinaryIO) -> None:
    file.write(bytes(os.fstat(file.fileno()).st_size))
    file.flush()
    os.fsync(file.fileno())


def _fresh() -> ZoneKey:
    return ZoneKey(
        version=f"zk-{secrets.token_hex(8)}", created=now(), key=secrets.token_bytes(_KEY)
    )
