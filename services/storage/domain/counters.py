# SPDX-License-Identifier: Apache-2.0
"""Counters: the newest generation of each versioned document, apart from the objects.

    <study>/<participant>/<document>/<generation>-<tag>
    <study>/<participant>/erased/00000001-<tag>

Whoever can write to the store of objects alone can delete the newest generation of a document, and
the one before would count again. A counter is kept with the keys, and its name bears a tag (HMAC
under a secret of the zone), so that a listing tells all there is to know.

A generation is written first, its counter next, and only then its writer is answered. So a counter
is never ahead of what was written: a document that is behind its counter was rolled back, and one
that is ahead was written by a process that was killed, or by an earlier version, and its counter
follows when it is read. Whoever compares takes the counters before the objects are listed.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from services.common.errors import SottoError
from services.storage.domain.key_store import names, put_once
from services.storage.domain.names import MAX_NUMBER, Owner, is_generation, number_in, owner_of
from services.storage.domain.ports import ObjectBackend
from services.storage.errors import InvalidName, ObjectExists, RolledBack

_KEPT_S = 60.0  # a generation that another process wrote is known after this long at the latest
_TAG_DIGITS = 32
_CONTENT = b"\n"  # some servers and tools treat empty objects as folders
_ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Floors:
    """The counters below one prefix: by the folder of a document, the generation it must have.

    `forged` names what is no counter of this zone.
    """

    numbers: Mapping[str, int]
    forged: tuple[str, ...] = ()

    def require(self, prefix: str, there: Iterable[str]) -> None:
        """Raise `RolledBack` where a document below `prefix` is older than what was written.

        `there` has the names of the objects below it, listed after these counters.
        """
        newest: dict[str, int] = {}
        for name in there:
            if is_generation(name):
                folder = name.rpartition("/")[0]
                newest[folder] = max(newest.get(folder, 0), number_in(name))
        for folder, written in self.numbers.items():
            if folder.startswith(prefix) and newest.get(folder, 0) < written:
                raise RolledBack(folder, newest.get(folder, 0), written)


class Counters:
    """The counters of a zone; `secret` returns what their tags are made under."""

    def __init__(self, zone: str, backend: ObjectBackend, secret: Callable[[], bytes]) -> None:
        self._zone = zone
        self._backend = backend
        self._make_secret = secret
        self._secret = b""
        self._lock = threading.Lock()
        self._cache: dict[str, tuple[Floors, float]] = {}

    def floors(self, prefix: str, *, fresh: bool = False) -> Floors:
        """Return the counters below a prefix; those of a minute ago will do unless `fresh`."""
        border = time.monotonic() - _KEPT_S
        with self._lock:
            for other in [one for one, (_, since) in self._cache.items() if since < border]:
                del self._cache[other]
            if not fresh and prefix in self._cache:
                return self._cache[prefix][0]
        since = time.monotonic()
        found = self._read(prefix)
        with self._lock:
            self._cache[prefix] = found, since
        return found

    def floor(self, owner: Owner, document: str, *, fresh: bool = False) -> int:
        """Return the generation that a document of an owner must have; 0 where none is known."""
        found = self.floors(owner.prefix, fresh=fresh)
        return found.numbers.get(f"{owner.prefix}{document}", 0)

    def note(self, owner: Owner, document: str, number: int) -> None:
        """Note that a generation was written; may be repeated."""
        folder = f"{owner.prefix}{document}"
        before = self.floor(owner, document)
        if before < number:
            self._put(folder, number)
            if before:
                with contextlib.suppress(SottoError):  # the highest one counts
                    self._backend.delete(self._name(folder, before))

    def accept(self, folder: str, number: int) -> None:
        """Take a generation for the newest, though a later one was written."""
        if number:
            self._put(folder, number)
        kept = self._name(folder, number)
        for name in list(names(self._backend, f"{folder}/")):
            if name != kept and name.rpartition("/")[0] == folder:
                self._backend.delete(name)
        self._forget()

    def drop(self, folder: str, kept: str) -> None:
        """Forget the documents below `folder`, which ends with a slash, but that of `kept`."""
        for name in list(names(self._backend, folder)):
            if name.rpartition("/")[0] != kept:
                self._backend.delete(name)
        self._forget()

    def note_erased(self, owner: Owner) -> None:
        """Note that an owner was erased, and forget the owner's documents; may be repeated."""
        erased = f"{owner.prefix}{_ERASED}"
        self._put(erased, 1)
        for name in list(names(self._backend, owner.prefix)):
            if not name.startswith(f"{erased}/"):
                self._backend.delete(name)
        self._forget()

    def erased(self) -> list[Owner]:
        """Return all who were erased."""
        folders = self.floors("", fresh=True).numbers
        return [owner_of(folder) for folder in folders if is_erasure(folder)]

    def _read(self, prefix: str) -> Floors:
        numbers: dict[str, int] = {}
        forged = []
        for name in names(self._backend, prefix):
            folder, _, last = name.rpartition("/")
            digits, _, _ = last.partition("-")
            number = int(digits) if digits.isascii() and digits.isdigit() else 0
            if not 0 < number <= MAX_NUMBER or name != self._name(folder, number):
                forged.append(name)
            else:
                numbers[folder] = max(numbers.get(folder, 0), number)
        return Floors(numbers, tuple(forged))

    def _put(self, folder: str, number: int) -> None:
        with contextlib.suppress(ObjectExists):
            put_once(self._backend, self._name(folder, number), _CONTENT)
        with self._lock:
            for prefix, (floors, since) in self._cache.items():
                if folder.startswith(prefix) and floors.numbers.get(folder, 0) < number:
                    numbers = {**floors.numbers, folder: number}
                    self._cache[prefix] = Floors(numbers, floors.forged), since

    def _forget(self) -> None:
        with self._lock:
            self._cache.clear()

    def _name(self, folder: str, number: int) -> str:
        if not self._secret:
            self._secret = self._make_secret()
        fields = (self._zone.encode(), folder.encode(), str(number).encode())
        message = b"".join(struct.pack(">I", len(field)) + field for field in fields)
        tag = hmac.new(self._secret, message, hashlib.sha256).hexdigest()[:_TAG_DIGITS]
        return f"{folder}/{number:08d}-{tag}"


def is_erasure(folder: str) -> bool:
    """Return whether a counter is that of an erasure, and not of a document."""
    try:
        return folder == f"{owner_of(folder).prefix}{_ERASED}"
    except InvalidName:
        return False
