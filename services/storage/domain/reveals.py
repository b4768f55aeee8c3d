# SPDX-License-Identifier: Apache-2.0
"""Records of reveals: who asked what a pseudonym stands for, who decided, when it was shown.

A record grows by steps, each a generation of its own, and nothing in it changes once it is written.
It is sealed under the key of the participant in whose transcripts the label stands, and goes with
that participant; a label that the study shares is the study's.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.common.errors import Erased
from services.common.records import RecordingId
from services.registry import ids
from services.registry.reveals import MOST_TIMES, RevealReason, RevealState
from services.storage.domain import names
from services.storage.domain.names import REVEAL, Owner
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import StoredRecord
from services.storage.domain.versioned import VersionedDocuments
from services.storage.errors import DiffersFromStored

_Person = Annotated[str, StringConstraints(pattern=f"^(?:{ids.PERSON})$")]


class RevealRecord(StoredRecord):
    """A reveal as it is kept; `decided_*`, `expires_at` and `most_times` are absent before."""

    format: Literal["sotto reveal 1"] = "sotto reveal 1"
    reveal: Annotated[str, StringConstraints(pattern=f"^{ids.REVEAL_ID}$")]
    label: Annotated[str, StringConstraints(pattern=f"^{ids.PSEUDONYM_LABEL}$")]
    recording: RecordingId | None = None
    reason: RevealReason
    requested_by: _Person
    requested_at: str
    state: RevealState = RevealState.PENDING
    decided_by: _Person | None = None
    decided_at: str | None = None
    expires_at: str | None = None
    most_times: Annotated[int, Field(ge=1, le=MOST_TIMES)] | None = None
    shown_at: Annotated[tuple[str, ...], Field(max_length=MOST_TIMES)] = ()

    @property
    def is_sound(self) -> bool:
        """Whether it is a request, or one that somebody else decided on, shown as often as may."""
        decided = (self.decided_by, self.decided_at)
        granted = (self.expires_at, self.most_times)
        if self.state == RevealState.PENDING:
            return {*decided, *granted} == {None} and not self.shown_at
        if None in decided or self.decided_by == self.requested_by:
            return False
        if self.state == RevealState.REFUSED:
            return set(granted) == {None} and not self.shown_at
        return None not in granted and len(self.shown_at) <= (self.most_times or 0)

    def follows(self, before: RevealRecord) -> bool:
        """Return whether this is the next step behind `before`: a decision, or one showing."""
        if before.state == RevealState.PENDING:
            step = {"state", "decided_by", "decided_at", "expires_at", "most_times"}
            return self.state != RevealState.PENDING and self._same(before, step)
        return (
            self._same(before, {"shown_at"})
            and before.state == RevealState.GRANTED
            and self.shown_at[:-1] == before.shown_at
            and len(self.shown_at) == len(before.shown_at) + 1
        )

    def _same(self, before: RevealRecord, but: set[str]) -> bool:
        return self.model_dump(exclude=but) == before.model_dump(exclude=but)


class Reveals:
    """The reveals of a zone."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store
        self._documents = VersionedDocuments(store, "reveal")

    def put(self, owner: Owner, record: RevealRecord, base: int) -> int:
        """Store a step behind generation `base`, and return the new generation.

        Raises `GenerationMoved` where another came between, and `DiffersFromStored` for what is no
        next step.
        """
        key = names.reveal(record.reveal)
        if base == 0:
            fits = record.is_sound and record.state == RevealState.PENDING
        else:
            data, generation = self._documents.latest(owner, key)
            before = _read(data, record.reveal) if generation == base else None
            fits = before is None or (record.is_sound and record.follows(before))
        if not fits:
            raise DiffersFromStored(
                f"this is no next step of {record.reveal}: what was asked, decided and shown stays"
            )
        return self._documents.put(owner, record.encode(), base, key)

    def all(self, study: str) -> Iterator[tuple[Owner, RevealRecord, int]]:
        """Yield the reveals of a study, or of all for "", without those of who withdrew since.

        By their counters, so that no object is listed.
        """
        floors = self._store.counters.floors(f"{study}/" if study else "", fresh=True)
        for folder in sorted(floors.numbers):
            parts = folder.split("/")
            if len(parts) != 4 or parts[2] != "reveal" or not REVEAL.fullmatch(parts[3]):
                continue
            owner = Owner(parts[0], parts[1])
            with contextlib.suppress(Erased):
                data, generation = self._documents.latest(owner, names.reveal(parts[3]))
                yield owner, _read(data, parts[3]), generation


def _read(data: bytes, reveal: str) -> RevealRecord:
    return RevealRecord.read(data, f"record of reveal {reveal}", reveal=reveal)
