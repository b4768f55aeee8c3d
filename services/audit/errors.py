# SPDX-License-Identifier: Apache-2.0
"""Errors of the audit log, each a kind of one of the common errors."""

from __future__ import annotations

from services.common.errors import (
    Conflict,
    Corrupted,
    Exhausted,
    PermissionDenied,
    Unavailable,
)


class LogDamaged(Corrupted):
    """The stored log contradicts itself or an earlier checkpoint, so nothing is signed."""


class WitnessConflict(Corrupted):
    """A witness remembers another history of this log: one of the two was changed.

    `held` is the number of entries that it remembers where that is more than was shown, else 0.
    """

    def __init__(self, message: str, *, held: int = 0) -> None:
        super().__init__(message, reason="witness_conflict")
        self.held = held


class OtherWriter(Conflict):
    """Another process appended first: the state must be read again before the next try."""


class LogFull(Exhausted):
    """There is no space left to record anything, so nothing may be done."""


class LogUnavailable(Unavailable):
    """The log cannot record at the moment, so nothing may be done."""


class NotOwner(PermissionDenied):
    """The event, or its zone, is not one that the reporting service may write."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="not_the_owner")
