# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import contextlib
import os
import random
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from services.common.errors import Erased
from services.storage.domain import sealing
from services.storage.domain.sealing import DataKey, Opening, Place, Preamble, Sealing
from services.storage.errors import DataCorrupted, ObjectExists, ObjectMissing, StoreUnavailable
from tests.support.storage_zone import P07, P08, StorageZone, open_zone

KEY = DataKey(bytes(16), bytes(range(32)))
PLACE = Place("clinical", "peer-2026", "P07", "peer-2026/P07/x/source")
PREAMBLE = Preamble(1, KEY.key_id, "audio/wav")
FIRST = sealing.SEGMENT - 40 - 16  # plaintext bytes of the first segment
NEXT = sealing.SEGMENT - 16


class Buffer:
    """A staged object in memory."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.committed = False
        self.aborted = False

    def write(self, data: bytes) -> None:
        """Take bytes."""
        self.data += data

    def commit(self) -> None:
        """Note it."""
        self.committed = True

    def abort(self) -> None:
        """Note it."""
        self.aborted = True


class Reader:
    """An object in memory."""

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self._data = memoryview(data)

    def read(self, limit: int) -> bytes:
        """Give bytes."""
        piece, self._data = self._data[:limit], self._data[limit:]
        return bytes(piece)

    def close(self) -> None:
        """Nothing to release."""


def seal(content: bytes, place: Place = PLACE, preamble: Preamble = PREAMBLE) -> bytes:
    """Seal content."""
    buffer = Buffer()
    sealed = Sealing(buffer, KEY, place, preamble)
    sealed.write(content)
    sealed.finish()
    assert buffer.committed
    return bytes(buffer.data)


def unseal(data: bytes, place: Place = PLACE, key: DataKey = KEY) -> bytes:
    """Open an object."""
    return b"".join(Opening(Reader(data), place).chunks(key))


class TestRoundTrip:
    """What is sealed opens again."""

    @pytest.mark.parametrize(
        "size", [0, 1, 1000, FIRST - 1, FIRST, FIRST + 1, FIRST + NEXT, FIRST + NEXT + 1, 3 << 20]
    )
    def test_sizes(self, size: int) -> None:
        """Every size opens, and its length can be computed."""
        content = random.Random(size).randbytes(size)
        data = seal(content)
        segments = 1 if size <= FIRST else 1 + -(-(size - FIRST) // NEXT)
        assert len(data) == len(PREAMBLE.encode()) + 40 + size + 16 * segments
        assert unseal(data) == content

    def test_nothing_in_clear(self) -> None:
        """No part of the content is found in the object."""
        assert b"Faizal" not in seal(b"Faizal bin Osman " * 100)

    def test_never_twice_the_same(self) -> None:
        """Sealing twice gives two objects: nothing can be compared from outside."""
        assert seal(b"same") != seal(b"same")

    def test_digest(self) -> None:
        """Sealing and opening agree on sizes and hashes."""
        buffer = Buffer()
        sealed = Sealing(buffer, KEY, PLACE, PREAMBLE)
        sealed.write(b"content")
        digest = sealed.finish()
        opening = Opening(Reader(bytes(buffer.data)), PLACE)
        assert list(opening.chunks(KEY)) == [b"content"]
        assert opening.digest() == digest

    def test_key_is_not_printed(self) -> None:
        """A key that lands in a log or a traceback shows its id alone."""
        assert "material" not in repr(KEY)
        assert repr(KEY.material) not in repr(KEY)


class TestMutations:
    """Whatever differs by one byte is refused."""

    def test_each_byte_of_a_small_object(self) -> None:
        """A flip of any bit group of any byte is refused."""
        data = seal(b"Puan Rosnah came at nine.")
        for position in range(len(data)):
            for flip in (0x01, 0x80):
                broken = bytearray(data)
                broken[position] ^= flip
                with pytest.raises(DataCorrupted):
                    unseal(bytes(broken))

    def test_sampled_bytes_of_a_large_object(self) -> None:
        """So it is in the middle of a large one, at segment edges above all."""
        data = seal(os.urandom(FIRST + NEXT + 5000))
        start = len(PREAMBLE.encode())
        edges = [start + sealing.SEGMENT * n + d for n in (1, 2) for d in (-17, -16, -1, 0, 1)]
        for position in [*edges, *random.Random(7).sample(range(len(data)), 20), len(data) - 1]:
            broken = bytearray(data)
            broken[position] ^= 0x10
            with pytest.raises(DataCorrupted):
                unseal(bytes(broken))

    def test_truncation(self) -> None:
        """Cut at every chunk boundary, a byte before and a byte behind: refused."""
        data = seal(os.urandom(FIRST + 2 * NEXT))
        start = len(PREAMBLE.encode())
        cuts = {start + sealing.SEGMENT * n + d for n in range(4) for d in (-1, 0, 1)}
        for cut in sorted(c for c in cuts | {0, 1, 10, start + 40} if c < len(data)):
            with pytest.raises(DataCorrupted):
                unseal(data[:cut])

    @pytest.mark.parametrize("size", [10, FIRST, FIRST + NEXT])
    @pytest.mark.parametrize("tail", [b"\0", b"x" * 16, b"x" * (1 << 20)])
    def test_appended(self, size: int, tail: bytes) -> None:
        """Bytes behind the end are refused, behind a full last segment too."""
        with pytest.raises(DataCorrupted):
            unseal(seal(bytes(size)) + tail)

    def test_swapped_segments(self) -> None:
        """Two segments in each other's place are refused."""
        data = seal(os.urandom(FIRST + 3 * NEXT))
        start = len(PREAMBLE.encode())
        parts = [data[start + n * sealing.SEGMENT :][: sealing.SEGMENT] for n in range(4)]
        with pytest.raises(DataCorrupted):
            unseal(data[:start] + parts[0] + parts[2] + parts[1] + parts[3])

    @pytest.mark.parametrize(
        "change",
        [
            {"zone": "research"},
            {"study": "peer-2027"},
            {"participant": "P08"},
            {"name": "peer-2026/P07/x/manifest"},
        ],
    )
    def test_another_place(self, change: dict[str, str]) -> None:
        """An object moved to another zone, study, participant or name is refused."""
        with pytest.raises(DataCorrupted):
            unseal(seal(b"content"), replace(PLACE, **change))

    @pytest.mark.parametrize(
        "preamble",
        [replace(PREAMBLE, version=2), replace(PREAMBLE, content_type="audio/mp3")],
    )
    def test_another_preamble(self, preamble: Preamble) -> None:
        """A preamble of another version or content type in front of the stream is refused."""
        data = seal(b"content")
        with pytest.raises(DataCorrupted):
            unseal(preamble.encode() + data[len(PREAMBLE.encode()) :])

    def test_wrong_key(self) -> None:
        """A wrong key is refused, also one that claims the right id."""
        with pytest.raises(DataCorrupted, match="another key"):
            unseal(seal(b"content"), key=DataKey(b"k" * 16, KEY.material))
        with pytest.raises(DataCorrupted):
            unseal(seal(b"content"), key=DataKey(KEY.key_id, bytes(32)))


class TestDyingWriter:
    """A writer that dies leaves nothing that looks whole."""

    def test_abandoned(self) -> None:
        """Nothing is committed, and the last segment is not written."""
        buffer = Buffer()
        sealed = Sealing(buffer, KEY, PLACE, PREAMBLE)
        sealed.write(b"half of an interview")
        sealed.abandon()
        del sealed
        assert buffer.aborted
        assert not buffer.committed
        with pytest.raises(DataCorrupted):
            unseal(bytes(buffer.data))

    def test_block_left_by_an_error(self, tmp_path: Path) -> None:
        """An error in the middle of writing leaves no object."""
        zone = open_zone(tmp_path)
        name = P07.prefix + "x/source"
        writing = zone.store.writing(P07, name, "a/b")
        writing.__enter__().write(b"half")
        error = RuntimeError()
        assert not writing.__exit__(RuntimeError, error, None)
        assert not zone.store.exists(name)
        assert not list((tmp_path / "objects" / ".staging").iterdir())

    def test_reader_that_fails(self) -> None:
        """An error of the store stays an error of the store: it is no damage."""

        class Failing(Reader):
            def read(self, limit: int) -> bytes:
                data = super().read(min(limit, 200_000))
                if not data or self._data.nbytes < 1_000_000:
                    raise StoreUnavailable("the disk is gone")
                return data

        with pytest.raises(StoreUnavailable):
            list(Opening(Failing(seal(bytes(3 << 20))), PLACE).chunks(KEY))


class TestEarlyEnd:
    """A reader who loses interest."""

    @pytest.mark.parametrize("error", [None, RuntimeError()])
    def test_nothing_reads_on(self, tmp_path: Path, error: Exception | None) -> None:
        """Nothing reads from a large object any more once the block that opened it is left."""
        zone = open_zone(tmp_path)
        name = P07.prefix + "x/source"
        zone.store.put(P07, name, bytes(16 << 20), "a/b")
        with contextlib.suppress(RuntimeError), zone.store.opening(P07, name) as (opening, chunks):
            next(chunks)
            reader = opening._reader
            assert [t for t in threading.enumerate() if t.name.startswith("prefetch")]
            if error is not None:
                raise error
        assert not [t for t in threading.enumerate() if t.name.startswith("prefetch")]
        assert reader._file.closed
        assert opening.size < 2 << 20


class TestStore:
    """Objects of a zone."""

    @pytest.fixture
    def zone(self, tmp_path: Path) -> StorageZone:
        """A zone in a folder."""
        return open_zone(tmp_path)

    def test_once(self, zone: StorageZone) -> None:
        """A name is written once."""
        name = P07.prefix + "x/source"
        zone.store.put(P07, name, b"one", "a/b")
        with pytest.raises(ObjectExists):
            zone.store.put(P07, name, b"two", "a/b")
        assert zone.store.read(P07, name) == b"one"

    def test_old_version_replayed(self, zone: StorageZone) -> None:
        """An older generation under the name of a newer one is refused."""
        zone.store.put(P07, P07.prefix + "vault/g-00000001", b"old", "a/b", 1)
        zone.store.put(P07, P07.prefix + "vault/g-00000002", b"new", "a/b", 2)
        folder = zone.root / "objects" / P07.prefix / "vault"
        (folder / "g-00000002").write_bytes((folder / "g-00000001").read_bytes())
        with pytest.raises(DataCorrupted):
            zone.store.read(P07, P07.prefix + "vault/g-00000002", 2)

    def test_swapped_objects(self, zone: StorageZone) -> None:
        """The object of one participant in the place of another's is refused."""
        zone.store.put(P07, P07.prefix + "x/source", b"seven", "a/b")
        zone.store.put(P08, P08.prefix + "x/source", b"eight", "a/b")
        objects = zone.root / "objects"
        (objects / P08.prefix / "x/source").write_bytes(
            (objects / P07.prefix / "x/source").read_bytes()
        )
        with pytest.raises(DataCorrupted):
            zone.store.read(P08, P08.prefix + "x/source")

    def test_erased_between_begin_and_commit(self, zone: StorageZone) -> None:
        """A writer that was under way when the participant was erased leaves nothing."""
        name = P07.prefix + "x/source"
        with zone.store.writing(P07, name, "a/b") as writing:
            writing.write(b"late")
            zone.keyring.destroy(P07, ())
            with pytest.raises(Erased):
                writing.commit()
        assert not zone.store.exists(name)

    def test_missing(self, zone: StorageZone) -> None:
        """What was never written is missing, not damaged."""
        with pytest.raises(ObjectMissing):
            zone.store.read(P07, P07.prefix + "x/source")
        zone.store.put(P07, P07.prefix + "x/source", b"seven", "a/b")
        with pytest.raises(ObjectMissing):
            zone.store.read(P07, P07.prefix + "y/source")
