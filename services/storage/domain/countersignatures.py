# SPDX-License-Identifier: Apache-2.0
"""Countersignatures: who let a study use a policy that keeps more than a policy may by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import StringConstraints

from services.registry import ids
from services.storage.domain import clock
from services.storage.domain.names import Owner
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import StoredRecord
from services.storage.domain.versioned import VersionedDocuments


class Countersignature(StoredRecord):
    """A compliance officer's word on one policy, by the SHA-256 of its canonical form."""

    policy_digest: Annotated[str, StringConstraints(pattern=f"^{ids.SHA256_HEX}$")]
    person: Annotated[str, StringConstraints(pattern=f"^{ids.PERSON}$")]
    time: str


class _Countersignatures(StoredRecord):
    """All of a study, the oldest first; none is ever taken away."""

    format: Literal["sotto countersignatures 1"] = "sotto countersignatures 1"
    signed: tuple[Countersignature, ...] = ()


class CountersignatureStore:
    """The countersignatures of the studies of a zone."""

    def __init__(self, store: SealedStore) -> None:
        self._documents = VersionedDocuments(store, "countersignatures")

    def of(self, study: str) -> Sequence[Countersignature]:
        """Return those of a study, the oldest first."""
        data, number = self._documents.latest(Owner.of_study(study))
        return _read(data, study).signed if number else ()

    def add(self, study: str, policy_digest: str, person: str) -> bool:
        """Keep a countersignature; return True where the person had given it before."""

        def added(before: bytes) -> bytes:
            there = _read(before, study) if before else _Countersignatures()
            if any((one.policy_digest, one.person) == (policy_digest, person)
                   for one in there.signed):  # fmt: skip
                return before
            new = Countersignature(policy_digest=policy_digest, person=person, time=clock.now())
            return _Countersignatures(signed=(*there.signed, new)).encode()

        return self._documents.update(Owner.of_study(study), added)


def _read(data: bytes, study: str) -> _Countersignatures:
    return _Countersignatures.read(data, f"countersignatures of study {study}")
