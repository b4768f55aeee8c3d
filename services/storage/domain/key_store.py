# SPDX-License-Identifier: Apache-2.0
"""The wrapped data keys of a zone, in a store that several processes work in at once.

A record is written once; a re-wrap writes the next generation and then removes the ones before.
Of two writers of one generation one wins, and the other one reads again. Nobody holds a lock that a
killed process would leave behind. Two rules keep every key openable meanwhile:

* a rotation first rewraps one record that all look at, the mark, then all others, and only then
  destroys the zone keys from before;
* whoever writes a record, or reads it for the first time, looks afterwards whether the mark is
  under a newer zone key, and then writes the next generation from memory.

So either the rotation sees a record, or its user sees the mark. What tokens tell one process of the
keys that another one made may be late; the mark is not. Likewise for erasures: the
tombstone comes before the removal of records, and whoever writes a record looks for a tombstone
afterwards.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from services.storage.domain.clock import now
from services.storage.domain.key_records import KeyRecord, Slot
from services.storage.domain.ports import SELF_TEST, KeyProvider, ObjectBackend
from services.storage.domain.sealing import KEY_BYTES, DataKey
from services.storage.errors import (
    ContractViolation,
    DataCorrupted,
    InvalidName,
    KeyDoesNotOpen,
    ObjectExists,
    ObjectMissing,
    StoreUnavailable,
)

_MOST_ATTEMPTS = 16  # changes by other processes that one call goes along with
_RECORD_LIMIT = 1 << 20  # bytes; a record is far smaller, and a foreign file may be anything


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What a rotation did to the records.

    `count` keys were rewrapped, without the mark. `unopened` names the records that do not open, or
    that are none; `needed` are the old zone keys that one of those may still need.
    """

    count: int = 0
    unopened: tuple[str, ...] = ()
    needed: frozenset[str] = frozenset()


class KeyStore:
    """Records of wrapped data keys; `is_erased` returns whether a slot's owner has a tombstone."""

    def __init__(
        self,
        zone: str,
        records: ObjectBackend,
        provider: KeyProvider,
        is_erased: Callable[[Slot], bool],
    ) -> None:
        self._records = records
        self._provider = provider
        self._is_erased = is_erased
        self._zone = zone
        self._mark = Slot.secret(zone, "check")  # of a key that seals nothing

    # ---- one slot

    def latest(self, slot: Slot) -> tuple[int, KeyRecord] | None:
        """Return the newest generation of a slot's record and its number."""
        for _ in range(_MOST_ATTEMPTS):
            every = list(names(self._records, slot.folder))
            if not every:
                return None
            found = [name for name in every if _is_record(name)]
            if not found:
                raise _foreign(every[-1])
            try:
                record = KeyRecord.decode(read(self._records, found[-1]), slot)
            except ObjectMissing:
                continue  # a re-wrap removed it after the listing: list again
            except DataCorrupted:
                if self._records.stat(found[-1]) is None:
                    continue  # it was overwritten while it was read
                raise
            return _generation(found[-1]), record
        raise StoreUnavailable("the key store changes faster than it can be read: try again")

    def find(self, slot: Slot) -> DataKey | None:
        """Return a slot's key, whose record is under the current zone key then.

        Raises `KeyDoesNotOpen`.
        """
        failed: tuple[int, KeyRecord] | None = None
        written = False
        for _ in range(_MOST_ATTEMPTS):
            found = self.latest(slot)
            if found is None:
                return None
            generation, record = found
            try:
                material = self._provider.unwrap(
                    record.version, record.wrapped, slot.context(record.key_id)
                )
            except KeyDoesNotOpen:
                if found == failed:
                    raise
                failed = found  # a rotation may have rewrapped it after it was read: read again
                continue
            if self._is_current(record.version):
                if written:
                    self._drop_before(slot, generation)
                return DataKey(bytes.fromhex(record.key_id), material)
            # A rotation is under way, and may have listed the records before this one was written.
            self._write(slot, generation + 1, record, material)
            written = True
        raise StoreUnavailable("the key store changes faster than it can be read: try again")

    def left_by_killed_writer(self, slot: Slot) -> int:
        """Return the generation of a record that nothing can have been sealed with, or 0.

        Its zone key was destroyed, which no rotation does while it sees the record: its writer was
        killed before it could look. Whether there are objects is for the caller to look.
        """
        self.check_zone_key()
        found = self.latest(slot)
        if found is None or found[1].version in self._provider.versions():
            return 0
        return found[0]

    def create(self, slot: Slot, key_id: str, *, behind: int = 0) -> DataKey:
        """Make a slot's key, or return the one that another process made just now.

        `behind` is the generation of a record to go over, from `left_by_killed_writer`.
        """
        self.check_zone_key()
        material = secrets.token_bytes(KEY_BYTES)
        record = KeyRecord(
            zone=slot.zone,
            study=slot.study,
            holder=slot.holder,
            key_id=key_id,
            created=now(),
            provider=self._provider.name,
            version="",
            wrapped=b"",
        )
        generation = behind + 1
        for _ in range(_MOST_ATTEMPTS):
            self._write(slot, generation, record, material)
            found = self.latest(slot)
            if found is None:
                break
            generation, record = found
            if record.key_id != key_id:
                other = self.find(slot)
                if other is None:
                    break
                return other
            try:
                current = self._is_current(record.version)
            except ContractViolation:  # the zone key parted from that of the others just now
                self._records.delete(slot.record_name(generation), shred=True)
                raise
            if current:
                self._drop_before(slot, generation)
                return DataKey(bytes.fromhex(key_id), material)
            # A rotation went past between the wrap and the write.
            generation += 1
        raise StoreUnavailable(
            "a key that was just made is gone: another process removed it, or look at the key store"
        )

    def remove(self, slot: Slot) -> None:
        """Remove all generations of a slot's record."""
        for _ in range(_MOST_ATTEMPTS):
            found = list(names(self._records, slot.folder))
            if not found:
                return
            for name in found:
                self._records.delete(name, shred=True)
        raise StoreUnavailable("a key's record keeps coming back: look for a process that hangs")

    def holds(self, slot: Slot) -> bool:
        """Return whether there is any record of a slot, readable or not."""
        return any(True for _ in names(self._records, slot.folder))

    def opens(self, slot: Slot) -> bool:
        """Return whether a slot's newest record is whole and opens; writes nothing."""
        failed: tuple[int, KeyRecord] | None = None
        for _ in range(_MOST_ATTEMPTS):
            try:
                found = self.latest(slot)
                if found is None:
                    return True  # removed meanwhile
                context = slot.context(found[1].key_id)
                self._provider.unwrap(found[1].version, found[1].wrapped, context)
            except DataCorrupted:
                return False
            except KeyDoesNotOpen:
                if found == failed:
                    return False
                failed = found  # a rotation may have rewrapped it after it was read: read again
            else:
                return True
        return True  # it changes all the time, so that it is in use

    def slots(self) -> tuple[list[Slot], list[str]]:
        """Return all slots that have a record, and the names of what is no record."""
        found: dict[Slot, None] = {}
        foreign = []
        for name in names(self._records, ""):
            slot = self._slot_of(name)
            if slot is None:
                foreign.append(name)
            else:
                found[slot] = None
        return list(found), foreign

    # ---- the zone key

    def check_zone_key(self) -> None:
        """Refuse to go on with a zone key that is not the one that the store's keys are under.

        Two machines with copies of a key file part at the first rotation, and from then on each
        would wrap keys that the other cannot open. Raises `ContractViolation`.
        """
        self._marked()

    def _marked(self) -> str:
        """Return the version that the mark is under, "" where there is none yet."""
        before: tuple[int, KeyRecord] | None = None
        for _ in range(_MOST_ATTEMPTS):
            found = self.latest(self._mark)
            if found is None:
                return ""
            if found[1].version in self._provider.versions():
                return found[1].version
            if found == before:
                break
            before = found  # a rotation went past, or the token does not show its key yet
            self._provider.refresh()
        raise ContractViolation(
            f"this process does not have the zone key that wraps the keys of the {self._zone} "
            "zone: another one replaced it, or it is of another backup. Give all processes of the "
            "zone the same key file or token, or restore keys and zone key from one backup"
        )

    def mark_zone_key(self) -> None:
        """Make the record that `check_zone_key` reads, where it is missing; then check."""
        if self.latest(self._mark) is None:
            with contextlib.suppress(KeyDoesNotOpen):  # made by a process with another zone key
                self.create(self._mark, secrets.token_hex(16))
        self.check_zone_key()

    def rewrap_all(self, old: Collection[str]) -> Rewrapped:
        """Rewrap whatever the `old` versions wrap, whatever else the store holds.

        A record of an erased owner is removed. One that does not open is named and stays as it is:
        a restore may mend it, as long as its zone key is kept.
        """
        self._move_mark(old)
        count = 0
        slots, unopened = self.slots()
        needed: set[str] = set()
        for slot in slots:
            if slot == self._mark:
                continue
            try:
                count += self._rewrap(slot)
            except KeyDoesNotOpen:
                unopened.append(slot.folder.rstrip("/"))
                found = self.latest(slot)
                if found is not None and found[1].version in old:
                    needed.add(found[1].version)
            except DataCorrupted:
                unopened.append(slot.folder.rstrip("/"))
                needed.update(old)  # it cannot be read which of them it needs
        return Rewrapped(count, tuple(sorted(unopened)), frozenset(needed))

    def _move_mark(self, old: Collection[str]) -> None:
        for _ in range(_MOST_ATTEMPTS):
            found = self.latest(self._mark)
            if found is None:
                return
            generation, record = found
            if record.version not in old:
                self._drop_before(self._mark, generation)
                return
            with contextlib.suppress(KeyDoesNotOpen):  # another process moved it, and destroyed
                material = self._provider.unwrap(
                    record.version, record.wrapped, self._mark.context(record.key_id)
                )
                self._write(self._mark, generation + 1, record, material)
        raise StoreUnavailable("the key store changes faster than it can be rewrapped: try again")

    def _is_current(self, version: str) -> bool:
        """Return whether a rotation that destroys `version` has yet to list the records."""
        marked = self._marked() or self._provider.current_version()
        if marked == version:
            return True
        versions = self._provider.versions()
        # A rotation that made `version` may not have moved the mark yet.
        return (
            marked in versions
            and version in versions
            and versions.index(marked) < versions.index(version)
        )

    def _rewrap(self, slot: Slot) -> bool:
        """Bring a slot's record under the current zone key; return whether it was not.

        Raises `KeyDoesNotOpen`, `DataCorrupted`.
        """
        if self._is_erased(slot):
            self.remove(slot)
            return False
        before = self.latest(slot)
        self.find(slot)
        found = self.latest(slot)
        if found is not None:
            self._drop_before(slot, found[0])
        return before is not None and found is not None and before[0] != found[0]

    def _write(self, slot: Slot, generation: int, record: KeyRecord, material: bytes) -> None:
        """Wrap a key under the current zone key, and write that unless another process did."""
        version, wrapped = self._provider.wrap(material, slot.context(record.key_id))
        fresh = record.model_copy(
            update={"provider": self._provider.name, "version": version, "wrapped": wrapped}
        )
        with contextlib.suppress(ObjectExists):
            put_once(self._records, slot.record_name(generation), fresh.encode())
        if self._is_erased(slot):
            self.remove(slot)

    def _slot_of(self, name: str) -> Slot | None:
        """Return the slot of a record by its name; None for what is no record."""
        parts = name.split("/")
        if len(parts) != 3 or not _is_record(name):
            return None
        slot = Slot(self._zone, parts[0], parts[1])
        try:
            _ = slot.owner
        except InvalidName:
            return None
        return slot

    def _drop_before(self, slot: Slot, generation: int) -> None:
        for name in list(names(self._records, slot.folder)):
            if _is_record(name) and _generation(name) < generation:
                self._records.delete(name, shred=True)


def names(backend: ObjectBackend, prefix: str, after: str = "") -> Iterator[str]:
    """Yield the names of a small store behind `after`, without the probes of a running test."""
    while True:
        page = backend.list(prefix, after)
        yield from (info.name for info in page.objects if not info.name.startswith(SELF_TEST))
        after = page.after
        if not after:
            return


def put_once(backend: ObjectBackend, name: str, data: bytes) -> None:
    """Write a record; raises `ObjectExists`."""
    staged = backend.stage(name)
    try:
        staged.write(data)
        staged.commit()
    finally:
        staged.abort()


def read(backend: ObjectBackend, name: str) -> bytes:
    """Return a record's bytes; raises `ObjectMissing`, `DataCorrupted` for a far too long one."""
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


def _is_record(name: str) -> bool:
    tail = name.rsplit("/", 1)[-1]
    return tail.isascii() and tail.isdigit()


def _generation(name: str) -> int:
    return int(name.rsplit("/", 1)[-1])


def _foreign(name: str) -> DataCorrupted:
    return DataCorrupted(
        f"the key store holds something that is no key record: move {name} to another place"
    )
