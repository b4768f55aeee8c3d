# SPDX-License-Identifier: Apache-2.0
"""Which finished run of a recording is its newest one.

That is the run that was finished last, unless an older one became the wanted one again, such as
when a study goes back to an earlier policy. A run is written once, so this is a record of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol, TypeVar

from pydantic import Field

from services.common.records import RunKey
from services.storage.domain import clock, names
from services.storage.domain.names import Owner
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import StoredRecord
from services.storage.domain.versioned import VersionedDocuments


class FinishedRun(Protocol):
    """What the order of runs goes by."""

    @property
    def run_key(self) -> str:
        """Key of the run."""
        ...

    @property
    def committed_at(self) -> str:
        """When it was finished, RFC 3339."""
        ...


Run = TypeVar("Run", bound=FinishedRun)


class SelectedRun(StoredRecord):
    """An older run that is wanted again, and since when."""

    format: Literal["sotto selected run 1"] = "sotto selected run 1"
    run_key: RunKey = Field(alias="run")
    selected_at: str

    @classmethod
    def decode(cls, data: bytes, recording_id: str) -> SelectedRun:
        """Read a record; raises `DataCorrupted`."""
        return cls.read(data, f"the selected run of {recording_id}")


def in_order(runs: Iterable[Run], selected: SelectedRun | None) -> list[Run]:
    """Return runs in the order in which they were finished or selected, the newest last."""

    def moment(run: Run) -> tuple[str, str]:
        if selected is not None and selected.run_key == run.run_key:
            return max(run.committed_at, selected.selected_at), run.run_key
        return run.committed_at, run.run_key

    return sorted(runs, key=moment)


class Selections:
    """The selected runs of a zone, one of each recording that has any."""

    def __init__(self, store: SealedStore) -> None:
        self._documents = VersionedDocuments(store, "selected-run")

    def of(self, owner: Owner, recording_id: str) -> SelectedRun | None:
        """Return the run that was selected last; raises `Erased`."""
        data, _ = self._documents.latest(owner, names.selection(owner, recording_id))
        return SelectedRun.decode(data, recording_id) if data else None

    def put(self, owner: Owner, recording_id: str, run_key: str) -> None:
        """Select a run; raises `Erased`."""
        record = SelectedRun(run=run_key, selected_at=clock.now())
        self._documents.replace(owner, record.encode(), names.selection(owner, recording_id))
