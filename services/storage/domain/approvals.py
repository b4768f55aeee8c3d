# SPDX-License-Identifier: Apache-2.0
"""Approvals of de-identified transcripts, written once."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.common.records import RunKey
from services.storage.domain import names
from services.storage.domain.names import Owner
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import StoredRecord
from services.storage.errors import ObjectExists

_TYPE = "application/vnd.sotto.approval+json"


class Approval(StoredRecord):
    """The approval of a run by a person, or by a policy."""

    format: Literal["sotto approval 1"] = "sotto approval 1"
    run_key: RunKey = Field(alias="run")
    approver: str
    time: str


class Approvals:
    """The approvals of a zone."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store

    def put(self, owner: Owner, recording_id: str, approval: Approval) -> bool:
        """Store an approval; True where that run was approved before: the first one stays."""
        name = names.approval(owner, recording_id, approval.run_key)
        try:
            self._store.put(owner, name, approval.encode(), _TYPE)
        except ObjectExists:
            return True
        return False

    def all(self, owner: Owner, recording_id: str) -> list[Approval]:
        """Return the approvals of a recording, oldest first; raises `Erased`."""
        self._store.keyring.refuse_erased(owner)
        found = [
            Approval.read(
                self._store.read(owner, name),
                f"approval {name}",
                run_key=name.rsplit("/", 1)[-1],
            )
            for name in self._store.list(names.approvals(owner, recording_id))
        ]
        return sorted(found, key=lambda approval: (approval.time, approval.run_key))
