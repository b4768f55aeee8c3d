# SPDX-License-Identifier: Apache-2.0
"""The ports of storage: an object store and a key provider.

MUST is meant as in RFC 2119: `tests/contract/storage` tests each against every adapter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

SELF_TEST: Final = "self-test/"
"""What the names of probes begin with; another process may be testing the store at any time."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """An object as the store lists it; `size` in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a listing; `after` goes into the next call, empty at the end."""

    objects: tuple[ObjectInfo, ...]
    after: str


@dataclass(frozen=True, slots=True)
class ObjectLock:
    """A lock of the store on an object; `until` is None where it has no end."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a store can do beyond the contract, found by asking it."""

    description: str
    versioning: bool = False
    object_lock: bool = False


class Staged(Protocol):
    """A staged object: invisible until `commit`, gone after `abort`."""

    def write(self, data: bytes) -> None:
        """Add bytes; MUST raise `StoreOutOfSpace` when full, `StoreUnavailable` when it fails."""

    def commit(self) -> None:
        """Make the object visible under its name, whole and durable.

        MUST raise `ObjectExists`, and change nothing, where the name is taken; of several
        writers exactly one MUST win. After a return the object MUST survive a power cut.
        """

    def abort(self) -> None:
        """Leave nothing behind; MUST be callable at any time, also twice and after `commit`."""


class ObjectReader(Protocol):
    """An open object; `size` is the length of the whole object in bytes."""

    size: int

    def read(self, limit: int) -> bytes:
        """Return at most `limit` bytes, empty at the end; MUST raise rather than end early."""

    def close(self) -> None:
        """Release what is open; MUST be callable twice."""


class ObjectBackend(Protocol):
    """A flat, write-once object store.

    Names are relative paths of `[A-Za-z0-9._-]` parts; no name is a folder of another. Every
    method MUST be safe to call from several threads.
    """

    def stage(self, name: str) -> Staged:
        """Begin an object; memory MUST stay bounded whatever its size."""

    def open(self, name: str, offset: int = 0) -> ObjectReader:
        """Open for reading from `offset`; MUST raise `ObjectMissing` when it does not exist."""

    def stat(self, name: str) -> ObjectInfo | None:
        """Return what is there under this name, or None."""

    def list(self, prefix: str, after: str = "", limit: int = 1000) -> Page:
        """List objects whose name starts with `prefix`, in byte order, those behind `after`."""

    def delete(self, name: str, *, shred: bool = False) -> bool:
        """Remove the object and every version of it; True where there was one.

        With `shred` the adapter MUST overwrite the bytes where the medium lets it, after the name
        is gone, and leave no version behind whatever it knew of the store before. MUST raise
        `Retained` where a lock of the store holds the object. MUST be callable by several processes
        at once.
        """

    def lock_of(self, name: str) -> ObjectLock | None:
        """Return the lock that keeps an object from deletion, None where none does."""

    def sweep(self) -> int:
        """Remove what writers that died left unfinished; how many. MUST spare living writers."""

    def self_test(self) -> Capabilities:
        """Try write-once, listing, deletion; MUST raise `ContractViolation` where one fails."""


class KeyProvider(Protocol):
    """Wraps data keys under the zone key, which never leaves it."""

    name: str

    def wrap(self, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        """Seal a data key bound to `context`; version of the zone key used, and wrapped bytes."""

    def unwrap(self, version: str, wrapped: bytes, context: bytes) -> bytes:
        """Open a wrapped key; MUST raise `KeyDoesNotOpen` for anything but the exact input."""

    def current_version(self) -> str:
        """Return the version that `wrap` uses now."""

    def made_at(self) -> str:
        """Return when the current version was made, as `clock.now` says; "" where nobody knows."""

    def versions(self) -> tuple[str, ...]:
        """Return all versions that still open, oldest first."""

    def rotate(self) -> str:
        """Make a new version current and return it; older ones MUST still open."""

    def destroy_version(self, version: str) -> None:
        """Destroy an old version for good; MUST refuse the current one."""

    def refresh(self) -> None:
        """Look anew at what other processes made; versions that they tell of MUST be seen then."""

    def retire(self) -> None:
        """Destroy all versions for good: the zone's keys are wrapped elsewhere now."""

    def self_test(self) -> None:
        """Wrap and unwrap once, refuse a wrong context; MUST raise `ContractViolation`."""
