# SPDX-License-Identifier: Apache-2.0
"""The keys of a zone: one per participant, wrapped by the zone key, destroyed by a tombstone.

Records and tombstones live in two stores of their own, apart from the objects, so that a backup of
one never holds the other. Several processes may serve the zone. The tombstone is looked at before
every use of a key, so that an erasure by any of them is obeyed by all at once; keys are held in
memory for a minute.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import structlog

from services.common.errors import Erased
from services.storage.domain.clock import now
from services.storage.domain.key_records import Slot, Tombstone
from services.storage.domain.key_store import KeyStore, names, put_once, read
from services.storage.domain.names import Owner, owner_of
from services.storage.domain.ports import KeyProvider, ObjectBackend
from services.storage.domain.sealing import DataKey
from services.storage.errors import (
    DataCorrupted,
    InvalidName,
    KeyDoesNotOpen,
    ObjectExists,
    ObjectMissing,
    StoreUnavailable,
)

_log = structlog.get_logger(__name__)

_KEPT_S = 60.0  # a key that another process destroyed leaves memory after this long at the latest

Announce = Callable[[Owner, str], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class Rotation:
    """A rotation of the zone key, as far as it went.

    `unopened` names the key records that do not open, or that are none. Where one of them may still
    need an old zone key, `kept` of those were not destroyed, and the rotation is not finished.
    """

    version: str
    rewrapped: int = 0
    unopened: tuple[str, ...] = ()
    kept: int = 0


class Keyring:
    """The data keys of a zone.

    `announce` surrounds the making of a participant's key, for the audit log. `has_objects` returns
    whether an owner has sealed objects, so that a lost key record is not replaced by a new key.
    """

    def __init__(
        self,
        zone: str,
        records: ObjectBackend,
        tombstones: ObjectBackend,
        provider: KeyProvider,
        *,
        announce: Announce = lambda _owner, _key_id: nullcontext(),
        has_objects: Callable[[Owner], bool] = lambda _owner: False,
    ) -> None:
        self.zone = zone
        self.provider = provider
        self._store = KeyStore(zone, records, provider, self._is_erased)
        self._tombstones = tombstones
        self._announce = announce
        self._has_objects = has_objects
        self._lock = threading.RLock()  # of this process: one creation, erasure or rotation
        self._memory = threading.Lock()
        self._cache: dict[Slot, tuple[DataKey, float]] = {}
        self._when_erased: list[Callable[[Owner], None]] = []

    # ---- use

    def for_reading(self, owner: Owner) -> DataKey:
        """Return the owner's key; raises `Erased`, `ObjectMissing` where there never was one."""
        self.refuse_erased(owner)
        slot = Slot.of(self.zone, owner)
        key = self._find(slot)
        if key is None:
            self.refuse_erased(owner)
            raise ObjectMissing(f"nothing is stored for {owner.study} {owner.code}".rstrip())
        return key

    def for_writing(self, owner: Owner) -> DataKey:
        """Return the owner's key; make it when it does not exist; raises `Erased`."""
        self.refuse_erased(owner)
        slot = Slot.of(self.zone, owner)
        with self._lock:
            behind = 0
            try:
                key = self._find(slot)
            except KeyDoesNotOpen:
                behind = 0 if self._has_objects(owner) else self._store.left_by_killed_writer(slot)
                if not behind:
                    raise
                key = None
            if key is not None:
                return key
            if self._has_objects(owner):
                key = self._find(slot)  # another process may have made it, and used it, just now
                if key is not None:
                    return key
                raise DataCorrupted(
                    f"the key of {owner.study} {owner.participant} is missing while sealed objects "
                    "exist: restore the key store from its backup"
                )
            return self._make(owner, behind)

    def _make(self, owner: Owner, behind: int) -> DataKey:
        slot = Slot.of(self.zone, owner)
        key_id = secrets.token_hex(16)
        with self._announce(owner, key_id):
            try:
                key = self._store.create(slot, key_id, behind=behind)
            except StoreUnavailable:
                self.refuse_erased(owner)  # the better reason why the record is gone
                raise
        try:
            self.refuse_erased(owner)
        except Erased:
            self._store.remove(slot)
            raise
        self._keep(slot, key)
        return key

    def secret(self, name: str) -> bytes:
        """Return a secret of the zone itself, 32 bytes, made at first use."""
        slot = Slot.secret(self.zone, name)
        with self._lock:
            key = self._find(slot)
            if key is None:
                key = self._store.create(slot, secrets.token_hex(16))
                self._keep(slot, key)
        return key.material

    # ---- erasure

    def tombstone(self, owner: Owner) -> Tombstone | None:
        """Return the owner's tombstone, or None when the owner was not erased.

        One that cannot be read tells nothing but that its owner was erased.
        """
        name = Tombstone.name_of(owner)
        if self._tombstones.stat(name) is None:
            return None
        self._forget(owner)
        return self._read_tombstone(owner)

    def when_erased(self, forget: Callable[[Owner], None]) -> None:
        """Have `forget` called whenever an owner turns out to be erased, by whichever process."""
        self._when_erased.append(forget)

    def refuse_erased(self, owner: Owner) -> None:
        """Raise `Erased` for an owner who has a tombstone."""
        if self._tombstones.stat(Tombstone.name_of(owner)) is not None:
            self._forget(owner)
            raise Erased(
                f"participant {owner.code} of {owner.study} was erased: nothing can be read and "
                "nothing new is accepted"
            )

    def tombstones(self, prefix: str = "") -> Iterator[Tombstone]:
        """Yield all tombstones, in the order of study and participant."""
        for name in names(self._tombstones, prefix):
            owner = _erased_by(name)
            if owner is None:
                continue  # scrub names it
            if Slot.of(self.zone, owner) in self._cache:
                self._forget(owner)
            yield self._read_tombstone(owner)

    def damaged_tombstones(self) -> Iterator[str]:
        """Yield the names of tombstones that cannot be read, and of what is none."""
        for name in names(self._tombstones, ""):
            owner = _erased_by(name)
            if owner is None or not self._read_tombstone(owner).erased_at:
                yield name

    def _read_tombstone(self, owner: Owner) -> Tombstone:
        name = Tombstone.name_of(owner)
        try:
            found = Tombstone.decode(read(self._tombstones, name), self.zone)
            if found.owner == owner:
                return found
        except DataCorrupted:
            pass
        # Its name alone says that its owner was erased, and an erasure must stand.
        _log.error("tombstone_damaged", zone=self.zone, object=name)
        return Tombstone.unreadable(self.zone, owner)

    def destroy(
        self,
        owner: Owner,
        recordings: tuple[str, ...],
        contents: tuple[bytes, ...] | None = None,
    ) -> Tombstone:
        """Write the tombstone, then destroy the key; may be repeated, also after a kill."""
        with self._lock:
            tombstone = self.tombstone(owner)
            if tombstone is None:
                tombstone = Tombstone(
                    zone=self.zone,
                    study=owner.study,
                    participant=owner.participant,
                    key_id=self._key_id(owner),
                    erased_at=now(),
                    recordings=recordings,
                    contents=contents,
                )
                with contextlib.suppress(ObjectExists):
                    put_once(self._tombstones, Tombstone.name_of(owner), tombstone.encode())
                tombstone = self.tombstone(owner) or tombstone
            self._store.remove(Slot.of(self.zone, owner))
            self._forget(owner)
            return tombstone

    def is_destroyed(self, owner: Owner) -> bool:
        """Return whether no record of the owner's key is left, whatever tombstones say."""
        return not self._store.holds(Slot.of(self.zone, owner))

    def _key_id(self, owner: Owner) -> str:
        """Return the id of the owner's key; empty where there is none that can be read."""
        try:
            record = self._store.latest(Slot.of(self.zone, owner))
        except DataCorrupted:
            return ""
        return record[1].key_id if record else ""

    def stray(self) -> tuple[list[Owner], list[str]]:
        """Return the erased owners who have a key record again, and the records that do not open.

        Reads and unwraps every record, and changes nothing.
        """
        slots, unopened = self._store.slots()
        erased = []
        for slot in slots:
            if slot.owner is not None and self._is_erased(slot):
                erased.append(slot.owner)
            elif not self._store.opens(slot):
                unopened.append(slot.folder.rstrip("/"))
        return erased, sorted(unopened)

    # ---- zone key

    def check_zone_key(self) -> None:
        """Refuse a zone key that is not the one of the key store; raises `ContractViolation`.

        Meant for the start. Marks the zone key of a store that has no mark yet.
        """
        self._store.mark_zone_key()

    def rotate(self) -> Rotation:
        """Make a new zone key, wrap every data key under it, destroy the old versions.

        Objects stay as they are. May be repeated after a kill, and called by several processes at
        once: each rewraps what it finds, and destroys the versions that were old before it began. A
        rotation that was left unfinished is finished with this one.
        """
        with self._lock:
            self._store.mark_zone_key()
            self.provider.rotate()
            return self.finish_rotation()

    def finish_rotation(self) -> Rotation:
        """Rewrap what older zone keys still wrap, and destroy those that no record needs."""
        with self._lock:
            # Before the records are listed: what becomes old later on, its own rotation rewraps.
            old = self.provider.versions()[:-1]
            if not old:
                return Rotation(self.provider.current_version())
            done = self._store.rewrap_all(old)
            for version in old:
                if version not in done.needed:
                    self.provider.destroy_version(version)
            _log.info("zone_key_rotated", zone=self.zone, count=done.count)
            for name in done.unopened:
                _log.error("key_record_does_not_open", zone=self.zone, object=name)
            return Rotation(
                self.provider.current_version(), done.count, done.unopened, len(done.needed)
            )

    # ---- memory

    def _find(self, slot: Slot) -> DataKey | None:
        cached = self._cached(slot)
        if cached is not None:
            return cached
        key = self._store.find(slot)
        if key is not None:
            self._keep(slot, key)
            if self._is_erased(slot):  # between the look for a tombstone and now
                self._drop(slot)
        return key

    def _cached(self, slot: Slot) -> DataKey | None:
        border = time.monotonic() - _KEPT_S
        with self._memory:
            for other in [one for one, (_, since) in self._cache.items() if since < border]:
                del self._cache[other]
            found = self._cache.get(slot)
        return found[0] if found else None

    def _keep(self, slot: Slot, key: DataKey) -> None:
        with self._memory:
            self._cache[slot] = key, time.monotonic()

    def _forget(self, owner: Owner) -> None:
        self._drop(Slot.of(self.zone, owner))
        for forget in self._when_erased:
            forget(owner)

    def _drop(self, slot: Slot) -> None:
        with self._memory:
            self._cache.pop(slot, None)

    def _is_erased(self, slot: Slot) -> bool:
        owner = slot.owner
        return owner is not None and self._tombstones.stat(Tombstone.name_of(owner)) is not None


def _erased_by(name: str) -> Owner | None:
    """Return the owner whom the tombstone of this name erases; None for what is no tombstone."""
    try:
        owner = owner_of(name)
    except InvalidName:
        return None
    return owner if Tombstone.name_of(owner) == name else None
