# SPDX-License-Identifier: Apache-2.0
"""Removed recordings: a record comes first, then everything else of the recording is deleted.

The record stays as the trace of it. It is looked at before a recording is read, and after anything
is written below it, so that a run in progress leaves nothing behind: either the removal sees what
was written, or its writer sees the record. A removal that died is finished by the next call, and
its remains are named by a scrub.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import StringConstraints

from services.common.errors import Erased
from services.common.records import Count, ParticipantCode, RecordingId, Sha256
from services.registry import ids
from services.registry.removals import RemovalReason
from services.storage.domain import names
from services.storage.domain.deletion import Deletion, delete_all
from services.storage.domain.names import RECORDING, Owner, RecordingRef
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import StoredRecord
from services.storage.domain.versioned import VersionedDocuments
from services.storage.errors import GenerationMoved

_REMOVED = "/removed"
_Person = Annotated[str, StringConstraints(pattern=f"^{ids.or_empty(ids.PERSON)}$")]


class Removal(StoredRecord):
    """What is left of a recording that was removed.

    `session` is 0 where its manifest did not open any more. `content` is the keyed hash of what it
    held, in the clinical zone, so that the same file is known when it comes in again.
    """

    format: Literal["sotto removal 1"] = "sotto removal 1"
    recording: RecordingId
    session: Count
    reason: RemovalReason
    removed_at: str
    removed_by: _Person
    content: Sha256 | None = None
    moved_to_participant: ParticipantCode | None = None
    moved_to_recording: RecordingId | None = None

    @classmethod
    def decode(cls, data: bytes, ref: RecordingRef) -> Removal:
        """Read a record that must be of this recording; raises `DataCorrupted`."""
        what = f"record that {ref.recording_id} was removed"
        return cls.read(data, what, recording=ref.recording_id)

    def moved_to(self, study: str) -> RecordingRef | None:
        """Return the recording that it became; None where it was not moved."""
        if self.moved_to_participant is None or self.moved_to_recording is None:
            return None
        return RecordingRef(Owner(study, self.moved_to_participant), self.moved_to_recording)


@dataclass(frozen=True, slots=True)
class Removed:
    """A removal, whether it was there before, and what became of the objects."""

    removal: Removal
    existed: bool
    deletion: Deletion


class Removals:
    """The removed recordings of a zone."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store
        self._records = VersionedDocuments(store, "removal")

    def of(self, ref: RecordingRef) -> Removal | None:
        """Return the record of a recording; None where it was not removed. Raises `Erased`."""
        data, number = self._records.latest(ref.owner, names.removal(ref.owner, ref.recording_id))
        return Removal.decode(data, ref) if number else None

    def refs(self, study: str) -> Iterator[RecordingRef]:
        """Yield the removed recordings of a study, or of all for "", in the order of names.

        By their counters, so that no object is listed.
        """
        floors = self._store.counters.floors(f"{study}/" if study else "", fresh=True)
        for folder in sorted(floors.numbers):
            parts = folder.removesuffix(_REMOVED).split("/")
            if folder.endswith(_REMOVED) and len(parts) == 3 and RECORDING.fullmatch(parts[2]):
                yield RecordingRef(Owner(parts[0], parts[1]), parts[2])

    def all(self, study: str) -> Iterator[tuple[RecordingRef, Removal]]:
        """Yield what was removed, without what is of participants who withdrew since."""
        for ref in self.refs(study):
            with contextlib.suppress(Erased):
                removal = self.of(ref)
                if removal is not None:
                    yield ref, removal

    def note(self, ref: RecordingRef, removal: Removal) -> tuple[Removal, bool]:
        """Write the record, from which on nothing is read or written; and whether it was there."""
        before = self.of(ref)
        if before is not None:
            return before, True
        key = names.removal(ref.owner, ref.recording_id)
        try:
            self._records.put(ref.owner, removal.encode(), 0, key)
        except GenerationMoved:  # another call was faster
            return self.of(ref) or removal, True
        return removal, False

    def delete(self, ref: RecordingRef) -> Deletion:
        """Delete all objects of a removed recording but the record; may be repeated."""
        key = names.removal(ref.owner, ref.recording_id)
        folder = names.generations(ref.owner, key)
        deletion = delete_all(
            self._store,
            (name for name in self._store.list(ref.folder) if not name.startswith(folder)),
        )
        # What was written of its other documents counts no more.
        self._store.counters.drop(ref.folder, folder.rstrip("/"))
        return deletion
