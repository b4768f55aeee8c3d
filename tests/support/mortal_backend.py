# SPDX-License-Identifier: Apache-2.0
"""Stores whose process dies at a chosen change."""

from __future__ import annotations

from services.storage.domain.ports import (
    Capabilities,
    ObjectBackend,
    ObjectInfo,
    ObjectLock,
    Page,
    Staged,
)


class Died(BaseException):
    """The process is gone; nothing of ours catches it."""


class Life:
    """How many changes a process still makes in all of its stores."""

    def __init__(self, changes: int) -> None:
        self.left = changes

    def spend(self) -> None:
        """Make a change, or die before it."""
        if self.left == 0:
            raise Died
        self.left -= 1


class _MortalStaged:
    def __init__(self, inner: Staged, life: Life) -> None:
        self._inner = inner
        self._life = life
        self.write = inner.write
        self.abort = inner.abort

    def commit(self) -> None:
        self._life.spend()
        self._inner.commit()


class MortalBackend:
    """A backend whose process dies at a change: a commit or a deletion."""

    def __init__(self, inner: ObjectBackend, life: Life) -> None:
        self._inner = inner
        self._life = life
        self.open = inner.open

    def stage(self, name: str) -> Staged:
        """Begin an object."""
        return _MortalStaged(self._inner.stage(name), self._life)

    def delete(self, name: str, *, shred: bool = False) -> bool:
        """Delete an object."""
        self._life.spend()
        return self._inner.delete(name, shred=shred)

    def stat(self, name: str) -> ObjectInfo | None:
        """Look for an object."""
        return self._inner.stat(name)

    def list(self, prefix: str, after: str = "", limit: int = 1000) -> Page:
        """List objects."""
        return self._inner.list(prefix, after, limit)

    def lock_of(self, name: str) -> ObjectLock | None:
        """Ask the store."""
        return self._inner.lock_of(name)

    def sweep(self) -> int:
        """Remove what is unfinished."""
        return self._inner.sweep()

    def self_test(self) -> Capabilities:
        """Test the store."""
        return self._inner.self_test()
