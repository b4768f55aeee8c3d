# SPDX-License-Identifier: Apache-2.0
"""Records of a study that the release service makes and the store keeps: rounds, copies."""

from __future__ import annotations

from collections.abc import Iterator

from services.storage.domain.names import Owner
from services.storage.domain.store import SealedStore
from services.storage.domain.versioned import VersionedDocuments


class StudyRecords:
    """Records of one kind in a zone, each a versioned document of its study."""

    def __init__(self, store: SealedStore, kind: str) -> None:
        self._store = store
        self._kind = kind
        self._documents = VersionedDocuments(store, kind)

    def put(self, owner: Owner, key: str, document: bytes, base: int) -> int:
        """Store what replaces generation `base`, and return the new generation.

        `key` is `names.quality_round` or `names.copy`. Raises `GenerationMoved` where another came
        between.
        """
        return self._documents.put(owner, document, base, key)

    def all(self, owner: Owner) -> Iterator[tuple[str, bytes, int]]:
        """Yield name, record and generation of each, in order; raises `RolledBack`."""
        folder = f"{owner.prefix}{self._kind}/"
        floors = self._store.counters.floors(owner.prefix)
        found = list(self._store.list(folder))
        floors.require(folder, found)
        for name in sorted({name[len(folder) :].split("/")[0] for name in found}):
            document, generation = self._documents.latest(owner, f"{self._kind}/{name}")
            yield name, document, generation
