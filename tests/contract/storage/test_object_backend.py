# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib
import random
import threading

import pytest

from services.storage.domain.ports import ObjectBackend
from services.storage.errors import ObjectExists, ObjectMissing, StoreUnavailable

PART = 5 << 20
NAME = "peer-2026/P07/rec-a/source"


def put(backend: ObjectBackend, name: str, data: bytes) -> None:
    """Write a whole object."""
    staged = backend.stage(name)
    try:
        for start in range(0, len(data), 1 << 20):
            staged.write(data[start : start + (1 << 20)])
        staged.commit()
    finally:
        staged.abort()


def get(backend: ObjectBackend, name: str, offset: int = 0) -> bytes:
    """Read a whole object."""
    reader = backend.open(name, offset)
    try:
        return b"".join(iter(lambda: reader.read(1 << 18), b""))
    finally:
        reader.close()


def listing(backend: ObjectBackend, prefix: str, limit: int = 1000) -> list[str]:
    """All names, page by page."""
    found: list[str] = []
    after = ""
    while True:
        page = backend.list(prefix, after, limit)
        assert len(page.objects) <= limit
        found += [info.name for info in page.objects]
        after = page.after
        if not after:
            return found


class TestOneObject:
    """Writing and reading."""

    @pytest.mark.parametrize(
        "size", [0, 1, 1000, (1 << 20) + 1, PART - 1, PART, PART + 1, 3 * PART + 5]
    )
    def test_there_and_back(self, backend: ObjectBackend, size: int) -> None:
        """Every size comes back whole, whether it went in one piece or in parts."""
        data = random.Random(size).randbytes(size)
        put(backend, NAME, data)
        assert get(backend, NAME) == data
        info = backend.stat(NAME)
        assert info is not None
        assert info.size == size

    @pytest.mark.parametrize("offset", [0, 1, 99_999, PART, 2 * PART - 1, 2 * PART])
    def test_range(self, backend: ObjectBackend, offset: int) -> None:
        """Reading begins where it is told to, and knows the whole length."""
        data = random.Random(1).randbytes(2 * PART)
        put(backend, NAME, data)
        reader = backend.open(NAME, offset)
        assert reader.size == len(data)
        reader.close()
        assert get(backend, NAME, offset) == data[offset:]

    def test_missing(self, backend: ObjectBackend) -> None:
        """What is not there: no info, an error on opening, nothing to delete."""
        assert backend.stat(NAME) is None
        with pytest.raises(ObjectMissing):
            backend.open(NAME)
        assert not backend.delete(NAME)

    def test_close_twice(self, backend: ObjectBackend) -> None:
        """A reader that was not read to its end can be closed, twice."""
        put(backend, NAME, bytes(1 << 20))
        reader = backend.open(NAME)
        reader.read(10)
        reader.close()
        reader.close()


class TestWriteOnce:
    """A name is written once."""

    @pytest.mark.parametrize("size", [10, PART + 1])
    def test_second_write(self, backend: ObjectBackend, size: int) -> None:
        """The second writer is refused, the first one's object stays."""
        put(backend, NAME, b"1" * size)
        with pytest.raises(ObjectExists):
            put(backend, NAME, b"2" * size)
        assert get(backend, NAME) == b"1" * size

    @pytest.mark.parametrize("size", [10, PART + 1])
    def test_many_at_once(self, backend: ObjectBackend, size: int) -> None:
        """Of several writers at the same moment exactly one wins, and its object is whole."""
        results: list[bytes] = []
        barrier = threading.Barrier(4)

        def write(fill: bytes) -> None:
            staged = backend.stage(NAME)
            try:
                staged.write(fill * size)
                barrier.wait()
                staged.commit()
                results.append(fill)
            except ObjectExists:
                pass
            finally:
                staged.abort()

        threads = [threading.Thread(target=write, args=(bytes([65 + n]),)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(results) == 1
        assert get(backend, NAME) == results[0] * size

    def test_after_deletion(self, backend: ObjectBackend) -> None:
        """A deleted name is free again."""
        put(backend, NAME, b"one")
        assert backend.delete(NAME)
        put(backend, NAME, b"two")
        assert get(backend, NAME) == b"two"


class TestVisibility:
    """Nothing half-written is seen."""

    @pytest.mark.parametrize("size", [10, 2 * PART + 1])
    def test_before_commit(self, backend: ObjectBackend, size: int) -> None:
        """A staged object is invisible until its commit, and gone after an abort."""
        staged = backend.stage(NAME)
        staged.write(bytes(size))
        assert backend.stat(NAME) is None
        assert listing(backend, "") == []
        staged.abort()
        staged.abort()
        assert backend.stat(NAME) is None
        with pytest.raises(StoreUnavailable):
            staged.write(b"more")

    def test_sweep_spares_the_living(self, backend: ObjectBackend) -> None:
        """A sweep during a write does not disturb it."""
        staged = backend.stage(NAME)
        staged.write(bytes(PART + 1))
        backend.sweep()
        staged.commit()
        staged.abort()
        assert get(backend, NAME) == bytes(PART + 1)


class TestListing:
    """Listing by prefix, in byte order, in pages."""

    NAMES = (
        "a-b/x/1", "a/P07/rec-a/manifest", "a/P07/rec-a/source",
        "a/P07/rec-a/transcript/r/w-1",
        "a/P07/rec-a/transcript/r/w-2", "a/P07/rec-b/source", "a/P08/rec-c/source",
        "a/_study/s/g-1",
        "a1/P01/x/y", "b/P01/x/y",
    )  # fmt: skip

    @pytest.fixture
    def filled(self, backend: ObjectBackend) -> ObjectBackend:
        """A store with some objects."""
        for name in random.Random(3).sample(self.NAMES, len(self.NAMES)):
            put(backend, name, name.encode())
        return backend

    @pytest.mark.parametrize("limit", [1, 2, 3, 10, 1000])
    @pytest.mark.parametrize(
        "prefix",
        ["", "a", "a/", "a/P07/", "a/P07/rec-a/transcript/r/w-", "a/P0", "zzz", "b/P01/x/y"],
    )
    def test_prefixes(self, filled: ObjectBackend, prefix: str, limit: int) -> None:
        """Each prefix gives its objects once each, in byte order, whatever the page."""
        wanted = sorted(name for name in self.NAMES if name.startswith(prefix))
        assert listing(filled, prefix, limit) == wanted

    def test_skip_a_folder(self, filled: ObjectBackend) -> None:
        """A listing can go on behind a whole folder."""
        page = filled.list("a/P07/", "a/P07/rec-a/~", 1)
        assert [info.name for info in page.objects] == ["a/P07/rec-b/source"]
        assert page.objects[0].size == len("a/P07/rec-b/source")

    def test_after_deletion(self, filled: ObjectBackend) -> None:
        """What was deleted is in no listing."""
        for name in self.NAMES:
            assert filled.delete(name, shred=True)
        assert listing(filled, "") == []


class TestMemory:
    """Size does not matter."""

    def test_large_object_in_bounded_memory(self, backend: ObjectBackend) -> None:
        """Python's memory stays far below the object's size, both ways."""
        import tracemalloc

        size = 96 << 20
        piece = random.Random(2).randbytes(1 << 20)
        tracemalloc.start()
        staged = backend.stage(NAME)
        wanted = hashlib.sha256()
        for _ in range(size >> 20):
            staged.write(piece)
            wanted.update(piece)
        staged.commit()
        staged.abort()
        reader = backend.open(NAME)
        found = hashlib.sha256()
        while data := reader.read(1 << 20):
            found.update(data)
        reader.close()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert found.digest() == wanted.digest()
        assert peak < 64 << 20
