# SPDX-License-Identifier: Apache-2.0
"""Failures: at which stage the processing of a recording stopped, and why."""

from __future__ import annotations

from typing import Literal

from services.storage.domain import names
from services.storage.domain.names import Owner
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import StoredRecord
from services.storage.domain.versioned import VersionedDocuments


class Failure(StoredRecord):
    """The stage that failed, and why."""

    format: Literal["sotto failure 1"] = "sotto failure 1"
    stage: str
    reason: str
    message: str
    time: str


class _NoFailure(StoredRecord):
    """The record that a failure is over."""

    format: Literal["sotto failure 1"] = "sotto failure 1"


class Failures:
    """The failure of each recording; cleared by writing an empty record."""

    def __init__(self, store: SealedStore) -> None:
        self._documents = VersionedDocuments(store, "failure")

    def put(self, owner: Owner, recording_id: str, failure: Failure | None) -> None:
        """Record a failure, or that it was resolved."""
        key = names.failures(owner, recording_id)
        if failure is None and self._documents.number(owner, key) == 0:
            return
        self._documents.replace(owner, (failure or _NoFailure()).encode(), key)

    def get(self, owner: Owner, recording_id: str) -> Failure | None:
        """Return the failure of a recording, or None."""
        data, number = self._documents.latest(owner, names.failures(owner, recording_id))
        return self.decode(data, recording_id) if number else None

    @staticmethod
    def decode(data: bytes, recording_id: str) -> Failure | None:
        """Read a record of a failure; None when it says that it was resolved."""
        if data == _NoFailure().encode():
            return None
        return Failure.read(data, f"failure of {recording_id}")
