# SPDX-License-Identifier: Apache-2.0
"""Versioned documents, such as a vault: each generation is an object of its own, written once.

Write-once objects are enough for compare-and-swap: of several writers of generation n + 1 the
first one wins, and the others read again. A counter apart from the objects tells when the newest
generation was taken away.
"""

from __future__ import annotations

from collections.abc import Callable

from services.storage.domain import names
from services.storage.domain.names import Owner
from services.storage.domain.store import SealedStore
from services.storage.errors import GenerationMoved, ObjectExists, RolledBack

_MOST_ATTEMPTS = 16  # each lost attempt means that another writer got through


class VersionedDocuments:
    """All documents of one kind, such as `vault` or `roster`.

    `key` distinguishes documents of one owner, such as the failures of several recordings; without
    it the owner has one document of the kind.
    """

    def __init__(self, store: SealedStore, kind: str) -> None:
        self._store = store
        self._kind = kind
        self._content_type = f"application/vnd.sotto.{kind}"

    def latest(self, owner: Owner, key: str = "") -> tuple[bytes, int]:
        """Return the newest bytes and their generation; b"" and 0 when nothing was written yet."""
        self._store.keyring.refuse_erased(owner)
        number = self.number(owner, key)
        if number == 0:
            return b"", 0
        document = key or self._kind
        data = self._store.read(owner, names.generation(owner, document, number), number)
        # Once it opened: what somebody laid there without a key is no generation.
        counters = self._store.counters
        behind = number > counters.floor(owner, document)
        if behind and number > counters.floor(owner, document, fresh=True):
            counters.note(owner, document, number)
        return data, number

    def put(self, owner: Owner, data: bytes, base: int, key: str = "") -> int:
        """Write the generation behind `base`; raises `GenerationMoved` where it is not newest."""
        self._store.keyring.refuse_erased(owner)
        if self.number(owner, key) != base:
            raise self._moved()
        name = names.generation(owner, key or self._kind, base + 1)
        try:
            self._store.put(owner, name, data, self._content_type, base + 1)
        except ObjectExists:
            raise self._moved() from None
        self._store.counters.note(owner, key or self._kind, base + 1)
        return base + 1

    def replace(self, owner: Owner, data: bytes, key: str = "") -> bool:
        """Write a new generation unconditionally; True where the newest has the same bytes."""
        return self.update(owner, lambda _before: data, key)

    def update(self, owner: Owner, make: Callable[[bytes], bytes], key: str = "") -> bool:
        """Write what is made from the newest bytes, b"" where nothing was written yet; True where
        that is the same.

        `make` is called again where another writer came between.
        """
        for _ in range(_MOST_ATTEMPTS):
            before, number = self.latest(owner, key)
            data = make(before)
            if number and before == data:
                return True
            try:
                self.put(owner, data, number, key)
            except GenerationMoved:
                continue
            return False
        raise self._moved()

    def number(self, owner: Owner, key: str = "") -> int:
        """Return the number of the newest generation; 0 when nothing was written yet.

        Raises `RolledBack` where a later one was written.
        """
        document = key or self._kind
        written = self._store.counters.floor(owner, document)
        newest = 0
        for name in self._store.list(names.generations(owner, document)):
            newest = names.number_in(name)
        if newest < written:
            self._store.keyring.refuse_erased(owner)
            raise RolledBack(f"{owner.prefix}{document}", newest, written)
        return newest

    def _moved(self) -> GenerationMoved:
        return GenerationMoved(
            f"the {self._kind} was changed in between: read it again, then write"
        )
