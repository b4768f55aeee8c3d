# SPDX-License-Identifier: Apache-2.0
"""Which seconds of a recording each person heard in clips, so that no one hears it all that way.

The record is sealed under the participant's key and goes with the recording.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.common.records import Count
from services.registry import ids
from services.storage.domain import names
from services.storage.domain.names import Owner
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import StoredRecord
from services.storage.domain.versioned import VersionedDocuments
from services.storage.errors import HeardEnough

_Person = Annotated[str, StringConstraints(pattern=f"^(?:{ids.PERSON})$")]
Seconds = tuple[int, int]
"""Whole seconds from the first up to, and without, the last."""


class Heard(StoredRecord):
    """The seconds that each person heard, in order and apart."""

    format: Literal["sotto heard 1"] = "sotto heard 1"
    persons: dict[_Person, tuple[tuple[Count, Count], ...]] = Field(default_factory=dict)


class Listening:
    """What was heard of the recordings of a zone."""

    def __init__(self, store: SealedStore) -> None:
        self._documents = VersionedDocuments(store, "heard")

    def note(
        self, owner: Owner, recording_id: str, person: str, stretch: Seconds, most: int
    ) -> int:
        """Note that a person hears a stretch now; return how many seconds they have heard.

        What they heard before counts once. Raises `HeardEnough`, and notes nothing, where it would
        be more than `most` seconds.
        """
        total = 0

        def add(before: bytes) -> bytes:
            nonlocal total
            found = self._read(before, recording_id)
            heard = joined((*found.persons.get(person, ()), stretch))
            total = sum(end - start for start, end in heard)
            if total > most:
                raise HeardEnough(recording_id)
            return Heard(persons={**found.persons, person: heard}).encode()

        self._documents.update(owner, add, names.heard(owner, recording_id))
        return total

    @staticmethod
    def _read(data: bytes, recording_id: str) -> Heard:
        return Heard.read(data, f"record of what was heard of {recording_id}") if data else Heard()


def joined(stretches: Iterable[Seconds]) -> tuple[Seconds, ...]:
    """Return stretches in order, joined where they touch."""
    found: list[Seconds] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return tuple(found)
