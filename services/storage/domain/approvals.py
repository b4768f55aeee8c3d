# SPDX-License-Identifier: Apache-2.0
"""Approvals of de-identified transcripts, written once."""

from __future__ import annotations

from dataclasses import dataclass

from services.storage.domain import canonical, names
from services.storage.domain.names import Owner
from services.storage.domain.store import SealedStore
from services.storage.errors import ObjectExists

_FORMAT = "sotto approval 1"
_TYPE = "application/vnd.sotto.approval+json"


@dataclass(frozen=True, slots=True)
class Approval:
    """The approval of a run by a person, or by a policy."""

    run_key: str
    approver: str
    time: str


class Approvals:
    """The approvals of a zone."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store

    def put(self, owner: Owner, recording_id: str, approval: Approval) -> bool:
        """Store an approval; True where that run was approved before: the first one stands."""
        name = names.approval(owner, recording_id, approval.run_key)
        data = canonical.dump(
            {
                "format": _FORMAT,
                "run": approval.run_key,
                "approver": approval.approver,
                "time": approval.time,
            }
        )
        try:
            self._store.put(owner, name, data, _TYPE)
        except ObjectExists:
            return True
        return False

    def all(self, owner: Owner, recording_id: str) -> list[Approval]:
        """Return the approvals of a recording, oldest first; raises `Erased`."""
        self._store.keyring.refuse_erased(owner)
        found = []
        for name in self._store.list(names.approvals(owner, recording_id)):
            record = canonical.load(self._store.read(owner, name), f"approval {name}")
            record.expect("format", _FORMAT)
            record.expect("run", name.rsplit("/", 1)[-1])
            found.append(Approval(record.text("run"), record.text("approver"), record.text("time")))
        return sorted(found, key=lambda approval: (approval.time, approval.run_key))
