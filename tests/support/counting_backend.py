# SPDX-License-Identifier: Apache-2.0
"""A store of objects that counts the calls it gets."""

from __future__ import annotations

from collections import Counter

from services.storage.domain.ports import (
    Capabilities,
    ObjectBackend,
    ObjectInfo,
    ObjectLock,
    ObjectReader,
    Page,
    Staged,
)


class CountingBackend:
    """Hands each call on to a real backend and counts it by name."""

    def __init__(self, backend: ObjectBackend) -> None:
        self._backend = backend
        self.calls: Counter[str] = Counter()

    def stage(self, name: str) -> Staged:
        """Begin an object."""
        self.calls["stage"] += 1
        return self._backend.stage(name)

    def open(self, name: str, offset: int = 0) -> ObjectReader:
        """Open for reading."""
        self.calls["open"] += 1
        return self._backend.open(name, offset)

    def stat(self, name: str) -> ObjectInfo | None:
        """Look at an object."""
        self.calls["stat"] += 1
        return self._backend.stat(name)

    def list(self, prefix: str, after: str = "", limit: int = 1000) -> Page:
        """List objects."""
        self.calls["list"] += 1
        return self._backend.list(prefix, after, limit)

    def delete(self, name: str, *, shred: bool = False) -> bool:
        """Remove an object."""
        self.calls["delete"] += 1
        return self._backend.delete(name, shred=shred)

    def lock_of(self, name: str) -> ObjectLock | None:
        """Ask the store."""
        return self._backend.lock_of(name)

    def sweep(self) -> int:
        """Remove what dead writers left."""
        return self._backend.sweep()

    def self_test(self) -> Capabilities:
        """Try the backend."""
        return self._backend.self_test()
