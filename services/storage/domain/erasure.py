# SPDX-License-Identifier: Apache-2.0
"""Erasure of a participant: the tombstone, the key, what can be deleted, and the zone key.

The tombstone comes first because everything that reads or writes checks it: a run in progress stops
at its next step, and nothing that it still writes stays. Each step may be repeated, so a process
that dies in between is followed up by the next start, or by the next call. No step waits for
another one to succeed where the participant's words are at stake: what fails is named in the
receipt, and the rest is done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog

from services.common.errors import Erased, SottoError
from services.storage.domain import names
from services.storage.domain.deletion import Deletion, delete_all
from services.storage.domain.keyring import Rotation
from services.storage.domain.names import RECORDING, Owner
from services.storage.domain.ports import ObjectLock
from services.storage.domain.recordings import Recordings
from services.storage.domain.store import SealedStore
from services.storage.errors import DataCorrupted, ObjectMissing

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Evidence of an erasure in one zone.

    `destroyed_at` is empty where the tombstone cannot be read, `rotation` None where no new zone
    key was made: because none is asked for, or, with `rotation_failed`, for that reason.
    """

    owner: Owner
    zone: str
    key_id: str
    destroyed_at: str
    deletion: Deletion
    verified_unreadable: bool
    rotation: Rotation | None = None
    rotation_failed: str = ""


@dataclass(frozen=True, slots=True)
class ErasureObject:
    """An object that an erasure would take: name, what it is, and the lock that keeps it."""

    name: str
    kind: str
    lock: ObjectLock | None


class Erasure:
    """Erases participants.

    With `rotate` the zone key is replaced after each erasure, so that a backup of the key store
    from before opens with no zone key that is left.
    """

    def __init__(self, store: SealedStore, *, rotate: bool) -> None:
        self._store = store
        self._rotate = rotate

    def erase(self, owner: Owner) -> Receipt:
        """Erase a participant; may be repeated, and then does again whatever was not done."""
        keyring = self._store.keyring
        recordings = self._recordings(owner)
        tombstone = keyring.destroy(
            owner, tuple(recordings), self._contents(owner, recordings) or None
        )
        self._note(owner)
        verified = self._unreadable(owner)
        deletion = self._delete(owner)
        rotation, failed = self._replace_zone_key()
        _log.info(
            "participant_erased",
            zone=keyring.zone,
            study_id=owner.study,
            participant=owner.code,
            count=deletion.deleted,
        )
        return Receipt(
            owner,
            keyring.zone,
            tombstone.key_id,
            tombstone.erased_at,
            deletion,
            verified,
            rotation,
            failed,
        )

    def preview(self, owner: Owner) -> Iterator[ErasureObject]:
        """Yield the objects that an erasure would delete, or leave to a lock; changes nothing."""
        backend = self._store.backend
        for name in self._store.list(owner.prefix):
            yield ErasureObject(name, names.kind_of(name), backend.lock_of(name))

    def is_erased(self, owner: Owner) -> bool:
        """Return whether the owner was erased before."""
        return self._store.keyring.tombstone(owner) is not None

    def finish_all(self) -> int:
        """Finish what was left unfinished, and undo what a restored backup brought back.

        Returns the number of participants for whom something was left. Meant for the start, which
        nothing that is wrong with one of them stops.
        """
        count = 0
        keyring = self._store.keyring
        self._restore_tombstones()
        for tombstone in keyring.tombstones():
            owner = tombstone.owner
            try:
                left = self._store.backend.list(owner.prefix, limit=1).objects
                if not left and keyring.is_destroyed(owner):
                    continue
                keyring.destroy(owner, tombstone.recordings)
                self._delete(owner)
            except SottoError as error:
                _log.error(
                    "erasure_not_finished",
                    zone=keyring.zone,
                    study_id=owner.study,
                    participant=owner.code,
                    reason=error.reason,
                )
            count += 1
        return count

    def _note(self, owner: Owner) -> None:
        """Note the erasure apart from its tombstone; the tombstone alone makes it."""
        try:
            self._store.counters.note_erased(owner)
        except SottoError as error:
            _log.error("erasure_not_noted", zone=self._store.zone, reason=error.reason)

    def _restore_tombstones(self) -> None:
        """Erase again whose tombstone was taken away."""
        keyring = self._store.keyring
        for owner in self._store.counters.erased():
            if keyring.tombstone(owner) is None:
                keyring.destroy(owner, tuple(self._recordings(owner)))
                _log.error(
                    "tombstone_restored",
                    zone=self._store.zone,
                    study_id=owner.study,
                    participant=owner.code,
                )

    def _replace_zone_key(self) -> tuple[Rotation | None, str]:
        """Rotate where that is asked for; the reason where it failed: the erasure stands."""
        if not self._rotate:
            return None, ""
        try:
            return self._store.keyring.rotate(), ""
        except SottoError as error:
            _log.error("zone_key_not_rotated", zone=self._store.zone, reason=error.reason)
            return None, error.reason

    def _recordings(self, owner: Owner) -> list[str]:
        """Return the owner's recordings, without those of which a removal left the trace alone."""
        parts = (path.split("/")[2] for path in self._store.folders(owner.prefix))
        return [
            part
            for part in parts
            if RECORDING.fullmatch(part) and not self._store.exists(names.removed(owner, part))
        ]

    def _contents(self, owner: Owner, recordings: Sequence[str]) -> tuple[bytes, ...]:
        """Return the keyed hashes of the owner's contents, as far as they can be read.

        One that cannot holds up no erasure.
        """
        if self._store.zone != "clinical" or self._store.keyring.tombstone(owner) is not None:
            return ()
        known = Recordings(self._store)
        found = []
        for recording_id in recordings:
            try:
                content = known.get(owner, recording_id).content
                found.append(known.content_mac(owner.study, content.sha256))
            except SottoError as error:
                _log.warning("content_not_noted", object=recording_id, reason=error.reason)
        return tuple(found)

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

    def _delete(self, owner: Owner) -> Deletion:
        return delete_all(self._store, self._store.list(owner.prefix))
