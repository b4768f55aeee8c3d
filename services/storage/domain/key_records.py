# SPDX-License-Identifier: Apache-2.0
"""Records of the key store: wrapped data keys, and tombstones of destroyed ones."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import StringConstraints

from services.common.records import Base64, RecordingId, Sha256, StudyId
from services.storage.domain.names import Owner
from services.storage.domain.stored_record import OwnerCode, StoredRecord

_KEY_FORMAT: Final = "sotto data key 1"
_SECRETS: Final = "_zone"  # no study id

KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""Id of a data key: 16 random bytes in hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a data key belongs: an owner's, or a secret of the zone itself."""

    zone: str
    study: str
    holder: str

    @classmethod
    def of(cls, zone: str, owner: Owner) -> Slot:
        """Return the slot of an owner."""
        return cls(zone, owner.study, owner.participant)

    @classmethod
    def secret(cls, zone: str, name: str) -> Slot:
        """Return the slot of a secret of the zone, such as the intake key."""
        return cls(zone, _SECRETS, name)

    @property
    def owner(self) -> Owner | None:
        """Whose key it is; None for a secret of the zone."""
        return None if self.study == _SECRETS else Owner(self.study, self.holder)

    @property
    def folder(self) -> str:
        """Folder of its records; each generation is a file of its own."""
        return f"{self.study}/{self.holder}/"

    def record_name(self, generation: int) -> str:
        """Return the name of one generation of the record; a re-wrap makes a new one."""
        return f"{self.folder}{generation:08d}"

    def context(self, key_id: str) -> bytes:
        """Return the bytes that the wrap is bound to: each field with its length."""
        fields = (_KEY_FORMAT, self.zone, self.study, self.holder, key_id)
        return b"".join(struct.pack(">I", len(f)) + f.encode() for f in fields)


class KeyRecord(StoredRecord):
    """A wrapped data key; `version` names the zone key that wraps it."""

    format: Literal["sotto data key 1"] = _KEY_FORMAT
    zone: str
    study: str
    holder: str
    key_id: KeyId
    created: str
    provider: str
    version: str
    wrapped: Base64

    @property
    def slot(self) -> Slot:
        """Where the key belongs."""
        return Slot(self.zone, self.study, self.holder)

    @classmethod
    def decode(cls, data: bytes, slot: Slot) -> KeyRecord:
        """Read a record that must belong to `slot`; raises `DataCorrupted`."""
        return cls.read(
            data,
            f"key record of {slot.folder}",
            zone=slot.zone,
            study=slot.study,
            holder=slot.holder,
        )


class Tombstone(StoredRecord):
    """The lasting record that a participant was erased; ids only, and it outlives the objects.

    `key_id` is empty for a participant who never had a key. `contents` are keyed hashes of what was
    sealed, so that the same file is known when somebody brings it in again; tombstones of earlier
    versions have none.
    """

    format: Literal["sotto tombstone 1"] = "sotto tombstone 1"
    zone: str
    study: StudyId
    participant: OwnerCode
    key_id: KeyId | Literal[""]
    erased_at: str
    recordings: tuple[RecordingId, ...]
    contents: tuple[Sha256, ...] | None = None

    @property
    def owner(self) -> Owner:
        """Who was erased."""
        return Owner(self.study, self.participant)

    @staticmethod
    def name_of(owner: Owner) -> str:
        """Return its name among the tombstones."""
        return f"{owner.prefix}erased"

    @classmethod
    def unreadable(cls, zone: str, owner: Owner) -> Tombstone:
        """Return what is left of a tombstone that cannot be read: its owner was erased."""
        return cls(
            zone=zone,
            study=owner.study,
            participant=owner.participant,
            key_id="",
            erased_at="",
            recordings=(),
        )

    @classmethod
    def decode(cls, data: bytes, zone: str) -> Tombstone:
        """Read a tombstone of this zone; raises `DataCorrupted`."""
        return cls.read(data, "tombstone", zone=zone)
