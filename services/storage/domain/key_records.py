# SPDX-License-Identifier: Apache-2.0
"""What the key store holds: wrapped data keys, and tombstones of destroyed ones."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from services.storage.domain import canonical
from services.storage.domain.names import RECORDING, Owner
from services.storage.errors import DataCorrupted, InvalidName

_KEY_FORMAT = "sotto data key 1"
_TOMBSTONE_FORMAT = "sotto tombstone 1"
_KEY_ID = re.compile(r"([0-9a-f]{32})?")


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a data key belongs: an owner's, or a secret of the zone itself."""

    zone: str
    study: str
    holder: str

    @classmethod
    def of(cls, zone: str, owner: Owner) -> Slot:
        """The slot of an owner."""
        return cls(zone, owner.study, owner.participant)

    @classmethod
    def secret(cls, zone: str, name: str) -> Slot:
        """The slot of a secret of the zone, such as the intake key."""
        return cls(zone, "_zone", name)

    @property
    def folder(self) -> str:
        """Folder of its records; each generation is a file of its own."""
        return f"{self.study}/{self.holder}/"

    def record_name(self, generation: int) -> str:
        """Name of one generation of the record; a re-wrap makes a new one."""
        return f"{self.folder}{generation:08d}"

    def context(self, key_id: str) -> bytes:
        """What the wrap is bound to: each field with its length."""
        fields = (_KEY_FORMAT, self.zone, self.study, self.holder, key_id)
        return b"".join(struct.pack(">I", len(f)) + f.encode() for f in fields)


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A wrapped data key; `version` names the zone key that wraps it."""

    slot: Slot
    key_id: str
    created: str
    provider: str
    version: str
    wrapped: bytes

    def encode(self) -> bytes:
        """Canonical JSON."""
        return canonical.dump(
            {
                "format": _KEY_FORMAT,
                "zone": self.slot.zone,
                "study": self.slot.study,
                "holder": self.slot.holder,
                "key_id": self.key_id,
                "created": self.created,
                "provider": self.provider,
                "version": self.version,
                "wrapped": canonical.b64(self.wrapped),
            }
        )

    @classmethod
    def decode(cls, data: bytes, slot: Slot) -> KeyRecord:
        """Read a record that must belong to `slot`; raises `DataCorrupted`."""
        what = f"key record of {slot.folder}"
        record = canonical.load(data, what)
        record.expect("format", _KEY_FORMAT)
        record.expect("zone", slot.zone)
        record.expect("study", slot.study)
        record.expect("holder", slot.holder)
        key_id = record.text("key_id")
        if not key_id or not _KEY_ID.fullmatch(key_id):
            raise DataCorrupted(f"{what} is damaged: its key id is malformed")
        return cls(
            slot,
            key_id,
            record.text("created"),
            record.text("provider"),
            record.text("version"),
            record.data("wrapped"),
        )


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Says for ever that a participant was erased; ids only, and it outlives keys and objects."""

    owner: Owner
    zone: str
    key_id: str
    erased_at: str
    recordings: tuple[str, ...]

    @staticmethod
    def name_of(owner: Owner) -> str:
        """Name among the tombstones."""
        return f"{owner.prefix}erased"

    def encode(self) -> bytes:
        """Canonical JSON."""
        return canonical.dump(
            {
                "format": _TOMBSTONE_FORMAT,
                "zone": self.zone,
                "study": self.owner.study,
                "participant": self.owner.participant,
                "key_id": self.key_id,
                "erased_at": self.erased_at,
                "recordings": list(self.recordings),
            }
        )

    @classmethod
    def decode(cls, data: bytes, zone: str) -> Tombstone:
        """Read a tombstone of this zone; raises `DataCorrupted`."""
        what = "tombstone"
        record = canonical.load(data, what)
        record.expect("format", _TOMBSTONE_FORMAT)
        record.expect("zone", zone)
        recordings = tuple(record.texts("recordings"))
        key_id = record.text("key_id")
        if not all(map(RECORDING.fullmatch, recordings)) or not _KEY_ID.fullmatch(key_id):
            raise DataCorrupted("tombstone is damaged: it holds malformed ids")
        try:
            owner = Owner(record.text("study"), record.text("participant"))
        except InvalidName as error:
            raise DataCorrupted(f"tombstone is damaged: {error}") from None
        return cls(owner, zone, key_id, record.text("erased_at"), recordings)
