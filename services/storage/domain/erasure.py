# SPDX-License-Identifier: Apache-2.0
"""Erasure of a participant: the tombstone, then the key, then what can be deleted.

The tombstone comes first because everything that reads or writes checks it: a run in progress stops
at its next step, and nothing that it still writes stays. Each step may be repeated, so a process
that dies in between is followed up by the next start, or by the next call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog

from services.common.errors import Erased
from services.storage.domain.names import RECORDING, Owner
from services.storage.domain.store import SealedStore
from services.storage.errors import DataCorrupted, ObjectMissing, Retained

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Evidence of an erasure in one zone."""

    owner: Owner
    zone: str
    key_id: str
    destroyed_at: str
    deleted: int
    retained: int
    retained_until: datetime | None
    verified_unreadable: bool
    rewrapped: int


class Erasure:
    """Erases participants.

    With `rotate` the zone key is replaced after each erasure, so that a backup of the key store
    from before opens with no zone key that is left.
    """

    def __init__(self, store: SealedStore, *, rotate: bool) -> None:
        self._store = store
        self._rotate = rotate

    def erase(self, owner: Owner) -> Receipt:
        """Erase a participant; may be repeated."""
        keyring = self._store.keyring
        before = keyring.tombstone(owner)
        tombstone = keyring.destroy(owner, tuple(self._recordings(owner)))
        rewrapped = 0
        if self._rotate and before is None:
            _, rewrapped = keyring.rotate()
        verified = self._unreadable(owner)
        deleted, retained, until = self._delete(owner)
        _log.info(
            "participant_erased",
            zone=keyring.zone,
            study_id=owner.study,
            participant=owner.code,
            count=deleted,
        )
        return Receipt(
            owner,
            keyring.zone,
            tombstone.key_id,
            tombstone.erased_at,
            deleted,
            retained,
            until,
            verified,
            rewrapped,
        )

    def finish_all(self) -> int:
        """Finish what was left unfinished, and undo what a restored backup brought back.

        Returns the number of participants for whom something was left. Meant for the start.
        """
        count = 0
        keyring = self._store.keyring
        for tombstone in keyring.tombstones():
            owner = tombstone.owner
            left = self._store.backend.list(owner.prefix, limit=1).objects
            if left or not keyring.is_destroyed(owner):
                keyring.destroy(owner, tombstone.recordings)
                self._delete(owner)
                count += 1
        return count

    def _recordings(self, owner: Owner) -> list[str]:
        parts = (path.split("/")[2] for path in self._store.folders(owner.prefix))
        return [part for part in parts if RECORDING.fullmatch(part)]

    def _unreadable(self, owner: Owner) -> bool:
        """Return whether opening an object fails, as it must, and no key is left to try with."""
        if not self._store.keyring.is_destroyed(owner):
            return False
        for info in self._store.backend.list(owner.prefix, limit=1).objects:
            try:
                self._store.read(owner, info.name)
            except (Erased, DataCorrupted, ObjectMissing):
                continue
            return False
        return True

    def _delete(self, owner: Owner) -> tuple[int, int, datetime | None]:
        deleted = retained = 0
        until: datetime | None = None
        for name in list(self._store.list(owner.prefix)):
            try:
                deleted += self._store.backend.delete(name)
            except Retained as error:
                retained += 1
                if error.until is not None:
                    until = max(until or error.until, error.until)
        return deleted, retained, until
