# SPDX-License-Identifier: Apache-2.0
"""How long readers took for a passage, by the clock of the service.

A passage was before its reader from when it was shown, or from their decision on the one before it:
whichever is later. What a browser says of time counts for nothing. Where the service does not know
it, such as of a round that an older version opened, it says nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.release.domain.quality.round import Reading, Round, Showing

FAST_MS = 2000
"""Milliseconds: in less nobody reads a passage (Potato marks annotations by the same limit)."""


@dataclass(frozen=True)
class Pace:
    """How many passages a reader decided on, and on how many of these faster than one reads."""

    reader: str
    read: int
    fast: int


def shown(one: Round, reader: str, passages: Sequence[int], now_ms: int) -> tuple[Showing, ...]:
    """Return what was shown to whom once a reader is given passages: the first time counts.

    Of the first one nothing is kept where the reader decided before: it came behind that decision.
    """
    known = {item.passage for item in one.showings if item.reader == reader}
    told = passages[1:] if _last(one, reader) is not None else passages
    return one.showings + tuple(
        Showing(passage=at, reader=reader, at_ms=now_ms) for at in told if at not in known
    )


def without(one: Round, reader: str, passages: Collection[int]) -> tuple[Showing, ...]:
    """Return what was shown and waits for a decision when a reader decided on passages."""
    return tuple(
        item for item in one.showings if item.reader != reader or item.passage not in passages
    )


def took(one: Round, reader: str, passages: Collection[int], now_ms: int) -> int | None:
    """Return the milliseconds for each of the passages that a reader decides on together."""
    begun = [
        item.at_ms for item in one.showings if item.reader == reader and item.passage in passages
    ]
    since = max(min(begun, default=-1), last if (last := _last(one, reader)) is not None else -1)
    if since < 0 or now_ms < since:
        return None
    return (now_ms - since) // len(passages)


def again(before: Reading, given: Reading) -> Reading:
    """Return a reading that a reader gives again: both times are time with the passage."""
    if before.took_ms is None or given.took_ms is None:
        return given.model_copy(update={"took_ms": None})
    return given.model_copy(update={"took_ms": before.took_ms + given.took_ms})


def paces(one: Round) -> tuple[Pace, ...]:
    """Return the pace of each reader, in order of their names; nothing where no time is known."""
    if all(item.took_ms is None for item in one.readings):
        return ()
    made = []
    for reader in sorted({item.reader for item in one.readings}):
        own = [item for item in one.readings if item.reader == reader]
        fast = sum(1 for item in own if item.took_ms is not None and item.took_ms < FAST_MS)
        made.append(Pace(reader, len(own), fast))
    return tuple(made)


def _last(one: Round, reader: str) -> int | None:
    """Return when a reader decided last."""
    times = [
        item.at_ms for item in one.readings if item.reader == reader and item.at_ms is not None
    ]
    return max(times) if times else None
