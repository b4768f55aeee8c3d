# SPDX-License-Identifier: Apache-2.0
"""Records of rounds of quality. The release service makes them; the store keeps them."""

from __future__ import annotations

from collections.abc import Iterator

from services.storage.domain import names
from services.storage.domain.names import Owner
from services.storage.domain.store import SealedStore
from services.storage.domain.versioned import VersionedDocuments


class QualityRounds:
    """The records of rounds of a zone, each a versioned document of its study."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store
        self._documents = VersionedDocuments(store, "quality")

    def put(self, owner: Owner, number: int, document: bytes, base: int) -> int:
        """Store what replaces generation `base`, and return the new generation.

        Raises `GenerationMoved` where another came between.
        """
        return self._documents.put(owner, document, base, names.quality_round(number))

    def all(self, owner: Owner) -> Iterator[tuple[int, bytes, int]]:
        """Yield number, record and generation of each round, in order; raises `RolledBack`."""
        folder = names.quality_rounds(owner.study)
        floors = self._store.counters.floors(owner.prefix)
        found = list(self._store.list(folder))
        floors.require(folder, found)
        numbers = {int(name[len(folder) :].split("/")[0]) for name in found}
        for number in sorted(numbers):
            document, generation = self._documents.latest(owner, names.quality_round(number))
            yield number, document, generation
