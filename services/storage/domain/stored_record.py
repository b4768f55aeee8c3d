# SPDX-License-Identifier: Apache-2.0
"""What all records of storage have in common: strict canonical JSON with a field `format`."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import StringConstraints

from services.common.records import Record
from services.registry import ids
from services.storage.errors import DataCorrupted

OwnerCode = Annotated[str, StringConstraints(pattern=f"^(?:{ids.PARTICIPANT_CODE}|_study)$")]
"""A participant's code, or `_study` for what belongs to the study as a whole."""

OptionalParticipant = Annotated[
    str, StringConstraints(pattern=f"^{ids.or_empty(ids.PARTICIPANT_CODE)}$")
]
"""A participant's code, or nothing for what concerns no single participant."""


class StoredRecord(Record):
    """A record that storage wrote: on a disk that breaks, or back from a backup."""

    def encode(self) -> bytes:
        """Return the bytes to store; the same record gives the same bytes for ever."""
        return self.canonical_bytes()

    @classmethod
    def read(cls, data: bytes, what: str, **belongs_to: str) -> Self:
        """Read stored bytes; `what` names the record in messages.

        Raises `DataCorrupted` when the bytes are not exactly such a record, or when a field of
        `belongs_to` has another value: then it is the record of something else in this place.
        """
        record = cls.parse(data, f"{what} is damaged", _damaged)
        for field, value in belongs_to.items():
            if getattr(record, field) != value:
                raise _damaged(f"{what} is damaged: field {field} is that of another one")
        return record


def _damaged(message: str) -> DataCorrupted:
    return DataCorrupted(f"{message}. Restore it from a backup")
