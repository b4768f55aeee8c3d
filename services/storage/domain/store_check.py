# SPDX-License-Identifier: Apache-2.0
"""The safe part of the contract suite, run against a site's own store.

Everything is written below `self-test/` and removed again; no object of a study is touched.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.common.errors import SottoError
from services.storage.domain.ports import SELF_TEST, ObjectBackend
from services.storage.errors import ObjectExists, Retained, StoreUnavailable

_LARGE = 20 << 20  # bytes; more than two parts of an S3 upload
_PIECE = 1 << 20  # bytes written or read at once


class _Failed(Exception):
    """The store does not do what the services rely on."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check."""

    name: str
    passed: bool
    detail: str
    seconds: float


class StoreCheck:
    """Runs the checks one after the other."""

    def __init__(self, backend: ObjectBackend) -> None:
        self._backend = backend
        self._folder = f"{SELF_TEST}{secrets.token_hex(8)}"

    def outcomes(self) -> Iterator[CheckResult]:
        """Run all checks, then remove what they wrote."""
        checks: list[tuple[str, Callable[[], str]]] = [
            ("answers, and writes once", self._self_test),
            ("small object comes back", lambda: self._round_trip("small", 1000)),
            ("large object comes back", lambda: self._round_trip("large", _LARGE)),
            ("reads from the middle", self._range),
            ("of two writers one wins", self._race),
            ("unfinished object is invisible", self._invisible),
            ("lists in order, in pages", self._listing),
            ("deletes for good", self._deletion),
        ]
        try:
            for name, check in checks:
                started = time.monotonic()
                try:
                    passed, detail = True, check()
                except (_Failed, SottoError) as error:
                    passed, detail = False, str(error)
                yield CheckResult(name, passed, detail, time.monotonic() - started)
        finally:
            with contextlib.suppress(SottoError):
                for info in self._backend.list(self._folder).objects:
                    with contextlib.suppress(Retained):
                        self._backend.delete(info.name)

    def _self_test(self) -> str:
        found = self._backend.self_test()
        extras = [
            word
            for word, there in (("versions", found.versioning), ("object lock", found.object_lock))
            if there
        ]
        return f"{found.description}, {' and '.join(extras) or 'no versions, no object lock'}"

    def _round_trip(self, name: str, size: int) -> str:
        started = time.monotonic()
        wanted = self._put(name, size)
        written = time.monotonic() - started
        started = time.monotonic()
        found = hashlib.sha256()
        reader = self._backend.open(self._name(name))
        try:
            while piece := reader.read(_PIECE):
                found.update(piece)
        finally:
            reader.close()
        if found.digest() != wanted:
            raise _Failed("other bytes came back than were written")
        read = time.monotonic() - started
        return f"{size} bytes, written in {written:.3f} s, read in {read:.3f} s"

    def _range(self) -> str:
        reader = self._backend.open(self._name("large"), _LARGE - 10)
        try:
            if reader.size != _LARGE or len(reader.read(100)) != 10:
                raise _Failed("a ranged read gave other bytes than asked for")
        finally:
            reader.close()
        return ""

    def _race(self) -> str:
        first, second = (self._backend.stage(self._name("race")) for _ in range(2))
        try:
            first.write(b"first")
            second.write(b"second")
            second.commit()
            try:
                first.commit()
            except ObjectExists:
                return ""
            raise _Failed("two writers wrote one name")
        finally:
            first.abort()
            second.abort()

    def _invisible(self) -> str:
        staged = self._backend.stage(self._name("unfinished"))
        try:
            staged.write(bytes(_LARGE))
            if self._backend.stat(self._name("unfinished")) is not None:
                raise _Failed("an unfinished object is visible")
        finally:
            staged.abort()
        if self._backend.stat(self._name("unfinished")) is not None:
            raise _Failed("a given-up object is visible")
        return ""

    def _listing(self) -> str:
        names = [self._name(f"list/{n:02d}/{part}") for n in range(5) for part in "ab"]
        for name in random.Random(0).sample(names, len(names)):  # noqa: S311 - an order, no secret
            self._put(name.removeprefix(self._folder + "/"), 1)
        found: list[str] = []
        after = ""
        while True:
            page = self._backend.list(self._name("list/"), after, 3)
            found += [info.name for info in page.objects]
            after = page.after
            if not after:
                break
        if found != names:
            raise _Failed("a listing in pages gave other names than were written")
        return f"{len(names)} objects"

    def _deletion(self) -> str:
        try:
            self._backend.delete(self._name("small"))
        except Retained as error:
            return f"held by a lock, as set: {error.message}"
        if self._backend.stat(self._name("small")) is not None:
            raise _Failed("a deleted object is still there")
        return ""

    def _put(self, name: str, size: int) -> bytes:
        content = random.Random(size).randbytes(min(size, _PIECE))  # noqa: S311 - filler
        digest = hashlib.sha256()
        staged = self._backend.stage(self._name(name))
        try:
            for _ in range(max(1, size // _PIECE)):
                staged.write(content)
                digest.update(content)
            staged.commit()
        except ObjectExists as error:
            raise StoreUnavailable("the folder of the check is in use: run it again") from error
        finally:
            staged.abort()
        return digest.digest()

    def _name(self, name: str) -> str:
        return f"{self._folder}/{name}"
