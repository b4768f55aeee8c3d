# SPDX-License-Identifier: Apache-2.0
"""Errors of storage; each message says what to do about it."""

from __future__ import annotations

from datetime import datetime

from services.common import errors


class InvalidName(errors.InvalidInput):
    """An id or an object name does not have its form."""


class ContentMismatch(errors.InvalidInput):
    """The bytes that came are not the bytes that were announced."""


class NotAParticipant(errors.InvalidInput):
    """The study does not know the participant code."""


class ObjectMissing(errors.NotFound):
    """There is no object under this name."""


class RecordingRemoved(ObjectMissing):
    """The recording was removed: nothing of it is read or written any more."""

    def __init__(self, recording_id: str) -> None:
        super().__init__(
            f"recording {recording_id} was removed; where it is listed all the same, its removal"
            " was interrupted: run 'sotto recordings remove' again",
            reason="removed",
        )


class ObjectExists(errors.AlreadyExists):
    """The name is taken; objects are written once."""


class DiffersFromStored(errors.AlreadyExists):
    """Another content is stored under this name already."""


class GenerationMoved(errors.Conflict):
    """Another writer was faster."""


class Retained(errors.PermissionDenied):
    """A lock of the store holds the object; `until` is None for a legal hold."""

    def __init__(self, message: str, *, until: datetime | None = None) -> None:
        super().__init__(message, reason="retained")
        self.until = until


class HeardEnough(errors.PermissionDenied):
    """The person has heard as much of a recording as clips give."""

    def __init__(self, recording_id: str) -> None:
        super().__init__(
            f"you have heard as much of recording {recording_id} as clips give one person; what you"
            " heard before you may hear again, and another reviewer of the study may hear the rest",
            reason="heard_enough",
        )


class ComplianceOnly(errors.PermissionDenied):
    """Something came of the recording already: compliance alone undoes its intake."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="compliance_only")


class NotDue(errors.PermissionDenied):
    """The study's rule of retention does not ask to delete this, or not yet."""


class ContractViolation(errors.PermissionDenied):
    """The store or the key provider does not keep the contract; the service does not start."""


class NoZoneKey(ContractViolation):
    """The key provider holds no key of the zone while wrapped keys exist."""


class StoreOutOfSpace(errors.Exhausted):
    """No space left; nothing half-written stays visible."""


class StoreUnavailable(errors.Unavailable):
    """The store, or the key provider, is unavailable."""


class ZoneKeyRetired(StoreUnavailable):
    """The key provider lost all its keys: retired by another process, or its file is gone."""


class DataCorrupted(errors.Corrupted):
    """Stored bytes are not what was sealed."""


class RolledBack(DataCorrupted):
    """A document is older than the newest generation that was written of it."""

    def __init__(self, folder: str, newest: int, written: int) -> None:
        there = f"generation {newest} is the newest there" if newest else "nothing of it is there"
        super().__init__(
            f"{folder} was rolled back: {there}, and {written} was written. Restore it from a "
            "backup; after a restore of an older state, accept what is there by 'sotto storage "
            "scrub --accept'",
            reason="rolled_back",
        )


class KeyDoesNotOpen(errors.Corrupted):
    """The key provider refuses the wrapped key."""


class AudioDeleted(errors.NotReady):
    """Sound was to be stored of a recording whose content was deleted."""

    def __init__(self, recording_id: str) -> None:
        super().__init__(
            f"the content of {recording_id} was deleted by its study's rule, and its sound with it;"
            " build the release again"
        )
