# SPDX-License-Identifier: Apache-2.0
"""The keys of a zone: one per participant, wrapped by the zone key, destroyed by a tombstone.

Records and tombstones live in two stores of their own, apart from the objects, so that a backup of
one never holds the other. A record is written once; a re-wrap writes the next generation and then
removes the one before. The tombstone is looked at before every use of a key.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import structlog

from services.common.errors import Erased
from services.storage.domain.clock import now
from services.storage.domain.key_records import KeyRecord, Slot, Tombstone
from services.storage.domain.names import Owner
from services.storage.domain.ports import KeyProvider, ObjectBackend
from services.storage.domain.sealing import KEY_BYTES, DataKey
from services.storage.errors import DataCorrupted, ObjectExists, ObjectMissing, StoreUnavailable

_log = structlog.get_logger(__name__)

_MOST_ATTEMPTS = 8  # listings that a re-wrap may invalidate before its reader gives up
_RECORD_LIMIT = 1 << 20  # bytes; a record is far smaller, and a foreign file may be anything

Announce = Callable[[Owner, str], AbstractContextManager[object]]


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
        self._records = records
        self._tombstones = tombstones
        self._announce = announce
        self._has_objects = has_objects
        self._lock = threading.RLock()
        self._cache: dict[Slot, DataKey] = {}

    # ---- use

    def for_reading(self, owner: Owner) -> DataKey:
        """Return the owner's key; raises `Erased`, `ObjectMissing` where there never was one."""
        self.refuse_erased(owner)
        slot = Slot.of(self.zone, owner)
        key = self._find(slot)
        if key is None:
            raise ObjectMissing(f"nothing is stored for {owner.study} {owner.code}".rstrip())
        return key

    def for_writing(self, owner: Owner) -> DataKey:
        """Return the owner's key; make it when it does not exist; raises `Erased`."""
        self.refuse_erased(owner)
        slot = Slot.of(self.zone, owner)
        with self._lock:
            key = self._find(slot)
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
            key_id = secrets.token_hex(16)
            with self._announce(owner, key_id):
                key = self._create(slot, key_id)
            try:
                self.refuse_erased(owner)
            except Erased:
                self._remove_records(slot)
                raise
            return key

    def secret(self, name: str) -> bytes:
        """Return a secret of the zone itself, 32 bytes, made at first use."""
        slot = Slot.secret(self.zone, name)
        with self._lock:
            key = self._find(slot) or self._create(slot, secrets.token_hex(16))
        return key.material

    # ---- erasure

    def tombstone(self, owner: Owner) -> Tombstone | None:
        """Return the owner's tombstone, or None when the owner was not erased."""
        name = Tombstone.name_of(owner)
        if self._tombstones.stat(name) is None:
            return None
        found = Tombstone.decode(_read(self._tombstones, name), self.zone)
        if found.owner != owner:
            raise DataCorrupted("tombstone is damaged: it belongs to another participant")
        return found

    def refuse_erased(self, owner: Owner) -> None:
        """Raise `Erased` for an owner who has a tombstone."""
        if self._tombstones.stat(Tombstone.name_of(owner)) is not None:
            raise Erased(
                f"participant {owner.code} of {owner.study} was erased: nothing can be read and "
                "nothing new is accepted"
            )

    def tombstones(self, prefix: str = "") -> Iterator[Tombstone]:
        """Yield all tombstones, in the order of study and participant."""
        for name in _names(self._tombstones, prefix):
            yield Tombstone.decode(_read(self._tombstones, name), self.zone)

    def destroy(self, owner: Owner, recordings: tuple[str, ...]) -> Tombstone:
        """Write the tombstone, then destroy the key; may be repeated, also after a kill."""
        with self._lock:
            tombstone = self.tombstone(owner)
            if tombstone is None:
                slot = Slot.of(self.zone, owner)
                record = self._latest(slot)
                key_id = record[1].key_id if record else ""
                tombstone = Tombstone(
                    zone=self.zone,
                    study=owner.study,
                    participant=owner.participant,
                    key_id=key_id,
                    erased_at=now(),
                    recordings=recordings,
                )
                with contextlib.suppress(ObjectExists):
                    _put(self._tombstones, Tombstone.name_of(owner), tombstone.encode())
                tombstone = self.tombstone(owner) or tombstone
            self._remove_records(Slot.of(self.zone, owner))
            return tombstone

    def is_destroyed(self, owner: Owner) -> bool:
        """Return whether no record of the owner's key is left, whatever tombstones say."""
        return self._latest(Slot.of(self.zone, owner)) is None

    # ---- zone key

    def rotate(self) -> tuple[str, int]:
        """Make a new zone key, wrap every data key under it, destroy the old versions.

        Returns the new version and how many keys were rewrapped. Objects stay as they are. May be
        repeated after a kill: what is still under an old version is rewrapped first.
        """
        with self._lock:
            version = self.provider.rotate()
            return version, self.finish_rotation()

    def finish_rotation(self) -> int:
        """Rewrap what older zone keys still wrap, destroy those; return how many were rewrapped."""
        with self._lock:
            current = self.provider.current_version()
            if self.provider.versions() == (current,):
                return 0
            count = 0
            for slot in self._slots():
                found = self._latest(slot)
                if found is not None and found[1].version != current:
                    self._rewrap(slot, *found)
                    count += 1
                elif found is not None:
                    self._drop_before(slot, found[0])
            for version in self.provider.versions():
                if version != current:
                    self.provider.destroy_version(version)
            _log.info("zone_key_rotated", zone=self.zone, count=count)
            return count

    # ---- records

    def _slots(self) -> list[Slot]:
        parts = (name.split("/") for name in _names(self._records, ""))
        return list(dict.fromkeys(Slot(self.zone, part[0], part[1]) for part in parts))

    def _find(self, slot: Slot) -> DataKey | None:
        cached = self._cache.get(slot)
        if cached is not None:
            return cached
        found = self._latest(slot)
        if found is None:
            return None
        key = self._open(found[1])
        with self._lock:
            self._cache[slot] = key
        return key

    def _open(self, record: KeyRecord) -> DataKey:
        context = record.slot.context(record.key_id)
        material = self.provider.unwrap(record.version, record.wrapped, context)
        return DataKey(bytes.fromhex(record.key_id), material)

    def _latest(self, slot: Slot) -> tuple[int, KeyRecord] | None:
        for _ in range(_MOST_ATTEMPTS):
            found = list(_names(self._records, slot.folder))
            if not found:
                return None
            try:
                data = _read(self._records, found[-1])
            except ObjectMissing:
                continue  # a re-wrap removed it after the listing: list again
            return _generation(found[-1]), KeyRecord.decode(data, slot)
        raise StoreUnavailable("the key store changes faster than it can be read: try again")

    def _create(self, slot: Slot, key_id: str) -> DataKey:
        material = secrets.token_bytes(KEY_BYTES)
        version, wrapped = self.provider.wrap(material, slot.context(key_id))
        record = KeyRecord(
            zone=slot.zone,
            study=slot.study,
            holder=slot.holder,
            key_id=key_id,
            created=now(),
            provider=self.provider.name,
            version=version,
            wrapped=wrapped,
        )
        with contextlib.suppress(ObjectExists):
            _put(self._records, slot.record_name(1), record.encode())
        found = self._latest(slot)
        if found is None:
            raise StoreUnavailable("the key that was just made is gone: look at the key store")
        if found[1].version != self.provider.current_version():
            # A rotation went past between the wrap and the write.
            self._rewrap(slot, *found)
        key = DataKey(bytes.fromhex(key_id), material)
        if found[1].key_id != key_id:
            key = self._open(found[1])
        self._cache[slot] = key
        return key

    def _rewrap(self, slot: Slot, generation: int, record: KeyRecord) -> None:
        context = slot.context(record.key_id)
        material = self.provider.unwrap(record.version, record.wrapped, context)
        version, wrapped = self.provider.wrap(material, context)
        fresh = record.model_copy(
            update={"provider": self.provider.name, "version": version, "wrapped": wrapped}
        )
        _put(self._records, slot.record_name(generation + 1), fresh.encode())
        self._drop_before(slot, generation + 1)

    def _drop_before(self, slot: Slot, generation: int) -> None:
        for name in list(_names(self._records, slot.folder)):
            if _generation(name) < generation:
                self._records.delete(name, shred=True)

    def _remove_records(self, slot: Slot) -> None:
        for name in list(_names(self._records, slot.folder)):
            self._records.delete(name, shred=True)
        self._cache.pop(slot, None)


def _generation(name: str) -> int:
    tail = name.rsplit("/", 1)[-1]
    if not tail.isascii() or not tail.isdigit():
        raise DataCorrupted(
            "the key store holds a file that is no key record: move it to another folder"
        )
    return int(tail)


def _names(backend: ObjectBackend, prefix: str) -> Iterator[str]:
    after = ""
    while True:
        page = backend.list(prefix, after)
        yield from (info.name for info in page.objects)
        after = page.after
        if not after:
            return


def _put(backend: ObjectBackend, name: str, data: bytes) -> None:
    staged = backend.stage(name)
    try:
        staged.write(data)
        staged.commit()
    finally:
        staged.abort()


def _read(backend: ObjectBackend, name: str) -> bytes:
    reader = backend.open(name)
    try:
        data = b""
        while piece := reader.read(_RECORD_LIMIT):
            data += piece
            if len(data) > _RECORD_LIMIT:
                raise DataCorrupted("the key store holds a file that is too long to be a record")
        return data
    finally:
        reader.close()
