# SPDX-License-Identifier: Apache-2.0
"""The zone key in a file of mode 0600: for the embedded default and small sites.

Wraps with AES-256-GCM, a random 96-bit nonce in front. Whoever copies the file can open every key
of the zone: keep its backup apart from all others, and prefer a PKCS#11 token where there is one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.common.files import sync_folder
from services.storage.domain import canonical
from services.storage.domain.clock import now
from services.storage.domain.provider_check import check_provider
from services.storage.errors import (
    ContractViolation,
    DataCorrupted,
    KeyDoesNotOpen,
    NoZoneKey,
    StoreUnavailable,
)

_FORMAT = "sotto zone key 1"
_NONCE = 12
_VERSION = re.compile(r"zk-[0-9a-f]{16}")


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
                    self._store([_fresh()])
        self._load()

    def wrap(self, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        """Seal under the newest key of the file."""
        version, _, key = self._load()[-1]
        nonce = secrets.token_bytes(_NONCE)
        return version, nonce + AESGCM(key).encrypt(nonce, data_key, context)

    def unwrap(self, version: str, wrapped: bytes, context: bytes) -> bytes:
        """Open with the named key of the file."""
        for known, _, key in self._load():
            if known == version and len(wrapped) > _NONCE:
                with contextlib.suppress(InvalidTag):
                    return AESGCM(key).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], context)
        raise KeyDoesNotOpen(
            "the zone key does not open a data key: check that key file and key store belong "
            "together"
        )

    def current_version(self) -> str:
        """The newest key of the file."""
        return self._load()[-1][0]

    def versions(self) -> tuple[str, ...]:
        """All keys of the file."""
        return tuple(version for version, _, _ in self._load())

    def rotate(self) -> str:
        """Add a key to the file."""
        with self._changing():
            keys = [*self._load(), _fresh()]
            self._store(keys)
        return keys[-1][0]

    def destroy_version(self, version: str) -> None:
        """Take a key out of the file; the old file's bytes are overwritten."""
        with self._changing():
            keys = self._load()
            if keys[-1][0] == version:
                raise ContractViolation("the current zone key cannot be destroyed: rotate first")
            self._store([key for key in keys if key[0] != version])

    def retire(self) -> None:
        """Remove the file; its bytes are overwritten."""
        with self._changing(), self._path.open("r+b") as old:
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

    def _load(self) -> list[tuple[str, str, bytes]]:
        try:
            return self._read()
        except DataCorrupted:
            # A rotation overwrites the old file once the new one stands in its place: look again.
            return self._read()

    def _read(self) -> list[tuple[str, str, bytes]]:
        try:
            with self._path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                data = file.read(1 << 20)
        except OSError:
            raise StoreUnavailable(
                f"zone key file {self._path} cannot be read: look at it"
            ) from None
        if mode & 0o177:
            raise ContractViolation(
                f"zone key file {self._path} is open to others: run 'chmod 600' on it"
            )
        record = canonical.load(data, f"zone key file {self._path}")
        record.expect("format", _FORMAT)
        record.expect("zone", self._zone)
        keys = [
            (r.text("version"), r.text("created"), r.data("key")) for r in record.records("keys")
        ]
        if not keys or any(len(k) != 32 or not _VERSION.fullmatch(v) for v, _, k in keys):
            raise DataCorrupted(
                f"zone key file {self._path} is damaged: restore it from its backup"
            )
        return keys

    def _store(self, keys: list[tuple[str, str, bytes]]) -> None:
        data = canonical.dump(
            {
                "format": _FORMAT,
                "zone": self._zone,
                "keys": [
                    {"version": version, "created": created, "key": canonical.b64(key)}
                    for version, created, key in keys
                ],
            }
        )
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


def _fresh() -> tuple[str, str, bytes]:
    return f"zk-{secrets.token_hex(8)}", now(), secrets.token_bytes(32)
