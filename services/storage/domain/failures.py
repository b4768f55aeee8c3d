# SPDX-License-Identifier: Apache-2.0
"""Failures: at which stage the processing of a recording stopped, and why."""

from __future__ import annotations

from dataclasses import dataclass

from services.storage.domain import canonical, names
from services.storage.domain.names import Owner
from services.storage.domain.store import SealedStore
from services.storage.domain.versioned import VersionedDocuments

_FORMAT = "sotto failure 1"


@dataclass(frozen=True, slots=True)
class Failure:
    """The stage that failed, and why."""

    stage: str
    reason: str
    message: str
    time: str


class Failures:
    """The failure of each recording; cleared by writing an empty record."""

    def __init__(self, store: SealedStore) -> None:
        self._documents = VersionedDocuments(store, "failure")

    def put(self, owner: Owner, recording_id: str, failure: Failure | None) -> None:
        """Record a failure, or that there is none any more."""
        record = {"format": _FORMAT}
        if failure is not None:
            record |= {
                "stage": failure.stage,
                "reason": failure.reason,
                "message": failure.message,
                "time": failure.time,
            }
        key = names.failures(owner, recording_id)
        if failure is None and self._documents.number(owner, key) == 0:
            return
        self._documents.replace(owner, canonical.dump(record), key)

    def get(self, owner: Owner, recording_id: str) -> Failure | None:
        """Return the failure of a recording, or None."""
        data, number = self._documents.latest(owner, names.failures(owner, recording_id))
        return self.decode(data, recording_id) if number else None

    @staticmethod
    def decode(data: bytes, recording_id: str) -> Failure | None:
        """Read a record of a failure; None where it says that there is none any more."""
        record = canonical.load(data, f"failure of {recording_id}")
        record.expect("format", _FORMAT)
        if not record.has("stage"):
            return None
        return Failure(
            record.text("stage"), record.text("reason"), record.text("message"), record.text("time")
        )
