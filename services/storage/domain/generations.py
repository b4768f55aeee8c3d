# SPDX-License-Identifier: Apache-2.0
"""Things that change, such as a vault: each generation is an object of its own, written once.

Compare-and-swap needs no more than write-once: whoever writes generation n + 1 first has won.
"""

from __future__ import annotations

from services.storage.domain import names
from services.storage.domain.names import Owner
from services.storage.domain.sealed import SealedStore
from services.storage.errors import GenerationMoved, ObjectExists

_PATIENCE = 16


class Generations:
    """The generations of one kind of thing, such as `vault` or `roster`."""

    def __init__(self, store: SealedStore, kind: str) -> None:
        self._store = store
        self._kind = kind
        self._content_type = f"application/vnd.sotto.{kind}"

    def latest(self, owner: Owner, thing: str = "") -> tuple[bytes, int]:
        """The newest bytes and their generation; nothing and 0 where there is none yet."""
        self._store.keyring.refuse_erased(owner)
        number = self.number(owner, thing)
        if number == 0:
            return b"", 0
        name = names.generation(owner, thing or self._kind, number)
        return self._store.read(owner, name, number), number

    def put(self, owner: Owner, data: bytes, base: int, thing: str = "") -> int:
        """Write the generation behind `base`; raises `GenerationMoved` where it is not newest."""
        self._store.keyring.refuse_erased(owner)
        if self.number(owner, thing) != base:
            raise self._moved()
        name = names.generation(owner, thing or self._kind, base + 1)
        try:
            self._store.put(owner, name, data, self._content_type, base + 1)
        except ObjectExists:
            raise self._moved() from None
        return base + 1

    def replace(self, owner: Owner, data: bytes, thing: str = "") -> bool:
        """Write a new generation whatever stands there; True where the newest is the same."""
        for _ in range(_PATIENCE):
            before, number = self.latest(owner, thing)
            if number and before == data:
                return True
            try:
                self.put(owner, data, number, thing)
            except GenerationMoved:
                continue
            return False
        raise self._moved()

    def number(self, owner: Owner, thing: str = "") -> int:
        """The newest generation's number; 0 where there is none."""
        newest = 0
        for name in self._store.list(names.generations(owner, thing or self._kind)):
            newest = names.number_in(name)
        return newest

    def _moved(self) -> GenerationMoved:
        return GenerationMoved(
            f"the {self._kind} was changed in between: read it again, then write"
        )
