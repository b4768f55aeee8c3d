# SPDX-License-Identifier: Apache-2.0
"""Names that came with recordings: one object for each run of transcription, written once before
the run is finished, so that whatever is made of a finished run knows them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from services.storage.domain import names
from services.storage.domain.names import RecordingRef
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import StoredRecord
from services.storage.errors import DiffersFromStored, ObjectExists, ObjectMissing

_TYPE = "application/vnd.sotto.recording-roster+json"


class RecordingName(StoredRecord):
    """A name as it is written in a recording or its file's name."""

    name: str = Field(min_length=1, max_length=200)
    source: Literal["label", "cover", "property", "file_name"]
    role: Literal["", "interviewer", "participant"] = ""


class _Roster(StoredRecord):
    """All names of one run."""

    format: Literal["sotto recording roster 1"] = "sotto recording roster 1"
    run: str
    names: tuple[RecordingName, ...] = Field(min_length=1, max_length=500)


class RecordingRosters:
    """The rosters of the recordings of the clinical zone."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store

    def put(self, ref: RecordingRef, run_key: str, found: Sequence[RecordingName]) -> bool:
        """Store the names of a run; True where the same were there.

        Raises `DiffersFromStored` where others were, or where the run is finished without.
        """
        owner = ref.owner
        self._store.keyring.refuse_erased(owner)
        data = _Roster(run=run_key, names=tuple(found)).encode()
        name = names.run_roster(owner, ref.recording_id, run_key)
        with contextlib.suppress(ObjectMissing):
            return self._same(self._store.read(owner, name), data, run_key)
        if self._store.exists(names.run_manifest(owner, ref.recording_id, run_key)):
            raise DiffersFromStored(
                f"run {run_key} was finished without names: names are stored before a run is "
                "finished, and the run key must change with them"
            )
        try:
            self._store.put(owner, name, data, _TYPE)
        except ObjectExists:
            return self._same(self._store.read(owner, name), data, run_key)
        return False

    def get(self, ref: RecordingRef, run_key: str) -> Sequence[RecordingName]:
        """Return the names of a run; none where none were stored.

        Raises `Erased`, `RecordingRemoved`.
        """
        self._store.keyring.refuse_erased(ref.owner)
        self._store.refuse_removed(ref.owner, ref.recording_id)
        name = names.run_roster(ref.owner, ref.recording_id, run_key)
        try:
            data = self._store.read(ref.owner, name)
        except ObjectMissing:
            return ()
        return _Roster.read(data, f"roster of run {run_key}", run=run_key).names

    @staticmethod
    def _same(stored: bytes, data: bytes, run_key: str) -> bool:
        if stored != data:
            raise DiffersFromStored(
                f"other names of run {run_key} were stored before: the run key must change with "
                "whatever changes them"
            )
        return True
