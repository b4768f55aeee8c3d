# SPDX-License-Identifier: Apache-2.0
"""The log of this process as a copy that can be verified, where it is in no file of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.audit.domain.log import AuditLog
from services.audit_evidence.frontier import TILE_WIDTH
from services.audit_evidence.keys import VerifierKey


class LogSource:
    """The entries of a log up to its newest checkpoint."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log
        self._snapshot = log.snapshot

    def entries(self) -> Iterator[bytes]:
        """Return the leaves under the checkpoint."""
        return self._log.leaves(0, self._snapshot.size)

    def checkpoints(self) -> Sequence[tuple[str, bytes]]:
        """Return the newest checkpoint."""
        return [("the checkpoint in the database", self._snapshot.note.encode())]

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        """Return a full tile; part tiles are not stored."""
        return self._log.store.tile(level, index) if width == TILE_WIDTH else None

    def faults(self, _keys: Sequence[VerifierKey]) -> Iterator[str]:
        """Return nothing: what the database server keeps besides is its own affair."""
        return iter(())

    def remarks(self) -> Iterator[str]:
        """Return nothing."""
        return iter(())

    def close(self) -> None:
        """Nothing is held open."""
