# SPDX-License-Identifier: Apache-2.0
"""Small records about a recording: approvals of its runs, and why its way stopped."""

from __future__ import annotations

from dataclasses import dataclass

from services.storage.domain import canonical, names
from services.storage.domain.generations import Generations
from services.storage.domain.names import Owner
from services.storage.domain.sealed import SealedStore
from services.storage.errors import ObjectExists

_APPROVAL_FORMAT = "sotto approval 1"
_APPROVAL_TYPE = "application/vnd.sotto.approval+json"
_FAILURE_FORMAT = "sotto failure 1"


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody, or a policy, approved a run."""

    run_key: str
    approver: str
    time: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a stage gave up."""

    stage: str
    reason: str
    message: str
    time: str


class Approvals:
    """Approvals of de-identified transcripts, written once."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store

    def put(self, owner: Owner, recording_id: str, approval: Approval) -> bool:
        """Store an approval; True where that run was approved before: the first one stands."""
        name = names.approval(owner, recording_id, approval.run_key)
        data = canonical.dump(
            {
                "format": _APPROVAL_FORMAT,
                "run": approval.run_key,
                "approver": approval.approver,
                "time": approval.time,
            }
        )
        try:
            self._store.put(owner, name, data, _APPROVAL_TYPE)
        except ObjectExists:
            return True
        return False

    def all(self, owner: Owner, recording_id: str) -> list[Approval]:
        """Approvals of a recording, oldest first; raises `Erased`."""
        self._store.keyring.refuse_erased(owner)
        found = []
        for name in self._store.list(names.approvals(owner, recording_id)):
            record = canonical.load(self._store.read(owner, name), f"approval {name}")
            record.expect("format", _APPROVAL_FORMAT)
            record.expect("run", name.rsplit("/", 1)[-1])
            found.append(Approval(record.text("run"), record.text("approver"), record.text("time")))
        return sorted(found, key=lambda approval: (approval.time, approval.run_key))


class Failures:
    """Why a recording's way stopped; cleared by writing none."""

    def __init__(self, store: SealedStore) -> None:
        self._generations = Generations(store, "failure")

    def put(self, owner: Owner, recording_id: str, failure: Failure | None) -> None:
        """Record a failure, or that there is none any more."""
        record = {"format": _FAILURE_FORMAT}
        if failure is not None:
            record |= {
                "stage": failure.stage,
                "reason": failure.reason,
                "message": failure.message,
                "time": failure.time,
            }
        thing = names.failures(owner, recording_id)
        if failure is None and self._generations.number(owner, thing) == 0:
            return
        self._generations.replace(owner, canonical.dump(record), thing)

    def get(self, owner: Owner, recording_id: str) -> Failure | None:
        """The failure that stands, or None."""
        data, number = self._generations.latest(owner, names.failures(owner, recording_id))
        return self.decode(data, recording_id) if number else None

    @staticmethod
    def decode(data: bytes, recording_id: str) -> Failure | None:
        """Read a record of a failure; None where it says that there is none any more."""
        record = canonical.load(data, f"failure of {recording_id}")
        record.expect("format", _FAILURE_FORMAT)
        if not record.has("stage"):
            return None
        return Failure(
            record.text("stage"), record.text("reason"), record.text("message"), record.text("time")
        )
