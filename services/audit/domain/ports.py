# SPDX-License-Identifier: Apache-2.0
"""Ports of the log: a store of entries, and anchors for published checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.audit_evidence.frontier import Tile
from services.audit_evidence.query import Query


@dataclass(frozen=True)
class Head:
    """State of the stored log: number of entries and the checkpoint over exactly these."""

    size: int
    note: str


class Store(Protocol):
    """A store of entries, full tiles and the newest checkpoint.

    One thread of a process at a time calls `commit`, `recover` and `head`; the reading calls may
    come from any.
    """

    def head(self) -> Head | None:
        """Return the head of what is durable; None for a store that was never committed to.

        MUST read it from the store, never from memory.
        """
        ...

    def commit(self, first: int, leaves: Sequence[bytes], tiles: Sequence[Tile], note: str) -> None:
        """Append leaves from index `first` on, with their full tiles and the note over all.

        MUST be atomic: all of it or nothing. MUST be durable on return: it survives the death of
        the process and of the machine. MUST raise OtherWriter, and store nothing, when the store
        does not hold exactly `first` entries. MUST raise LogFull when no space is left and
        LogUnavailable for any other failure; whether anything was stored is then open until
        `recover`.
        """
        ...

    def recover(self) -> None:
        """Restore the store after a failed commit.

        MUST return only when everything that `head` and `entries` give from now on is durable (a
        page that failed to reach the disk may still be readable from memory), else raise LogFull
        or LogUnavailable.
        """
        ...

    def entries(self, start: int, stop: int) -> Iterator[bytes]:
        """Return the leaves from `start` up to but without `stop`, in order.

        MUST raise LogDamaged at the first gap, never skip.
        """
        ...

    def tile(self, level: int, index: int) -> bytes:
        """Return the 8,192 bytes of a full tile; raises LogDamaged when it is missing."""
        ...

    def select(
        self, query: Query, start: int, stop: int, limit: int, *, newest_first: bool = False
    ) -> list[bytes]:
        """Return at most `limit` leaves in [start, stop) that may meet the query, in order.

        With `newest_first` these are the last ones, in the opposite order. MUST NOT leave out one
        that meets it; the caller checks again.
        """
        ...

    def distinct(self, column: str, stop: int) -> list[str]:
        """Return the values that entries before `stop` have in a column of queries, each once.

        MAY know those of later entries too, and MAY leave some out where they are many thousands.
        """
        ...

    def close(self) -> None:
        """Close the store. A closed store MUST be whole in its main file or database.

        MAY be called again, without effect.
        """
        ...


class Anchor(Protocol):
    """A place for published checkpoints that a restored database does not take back with it."""

    def latest(self) -> str | None:
        """Return the newest checkpoint that was published here, None if there never was one."""
        ...

    def publish(self, note: str) -> None:
        """Keep a checkpoint durably. Raises OSError when the place cannot take it."""
        ...
