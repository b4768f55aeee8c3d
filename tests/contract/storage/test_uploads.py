# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.common.errors import Erased, NotReady
from services.storage.domain import walk
from services.storage.domain.ports import ObjectBackend
from services.storage.domain.recordings import RecordingHeader, Recordings
from services.storage.domain.scrub import Scrub
from services.storage.domain.uploads import KEPT, PART_BYTES, Upload, Uploads
from services.storage.errors import ContentMismatch, DiffersFromStored, ObjectMissing
from tests.support.storage_zone import P07, StorageZone, open_zone

CONTENT = random.Random(1).randbytes(5 * PART_BYTES // 2)
PARTS = [CONTENT[at : at + PART_BYTES] for at in range(0, len(CONTENT), PART_BYTES)]
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def sha(data: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(data).digest()


@pytest.fixture
def zone(tmp_path: Path, backend: ObjectBackend) -> StorageZone:
    """A zone whose objects are in each kind of store."""
    return open_zone(tmp_path / "zone", objects=backend)


def uploads(zone: StorageZone, now: datetime = NOW) -> Uploads:
    """Uploads as a process has them that started a moment ago."""
    return Uploads(zone.store, Recordings(zone.store), lambda: now)


def begin(zone: StorageZone, parts: int = 0) -> Upload:
    """An upload with its first parts."""
    upload, _ = uploads(zone).begin(P07, "Faizal.wav", len(CONTENT), sha(PARTS[0]), "siti")
    for number in range(parts):
        uploads(zone).put(upload.ref, number, sha(PARTS[number]), PARTS[number])
    return uploads(zone).get(upload.ref)


class TestUpload:
    """Uploads behave alike on every store."""

    def test_becomes_a_recording(self, zone: StorageZone) -> None:
        """All parts read as the file, hash as it does, and become a recording of the same bytes."""
        upload = begin(zone, 3)
        found = uploads(zone).digests(upload.ref)
        assert found.content == sha(CONTENT)
        assert found.parts == sha(b"".join(map(sha, PARTS)))
        header = RecordingHeader(P07, 1, "media", "Faizal.wav", len(CONTENT), found.content)
        recordings = Recordings(zone.store)
        made, existed = recordings.receive(header, uploads(zone).content(upload.ref))
        uploads(zone).became(upload.ref, made)
        assert not existed
        with recordings.reading(P07, made) as (_, chunks):
            assert b"".join(chunks) == CONTENT
        assert uploads(zone).get(upload.ref).recording == made
        assert not [name for name in zone.store.list("") if "/p-" in name]

    def test_the_same_file_goes_on(self, zone: StorageZone) -> None:
        """Begun again it is where it was; another size, or another beginning, is another upload."""
        upload = begin(zone, 2)
        again, existed = uploads(zone).begin(P07, "x.wav", len(CONTENT), sha(PARTS[0]), "lim")
        assert (again.ref, again.received, existed) == (upload.ref, 2, True)
        other, existed = uploads(zone).begin(P07, "x.wav", len(CONTENT) - 1, sha(PARTS[0]), "lim")
        assert other.ref != upload.ref
        assert not existed

    def test_parts_in_any_order(self, zone: StorageZone) -> None:
        """What was received counts up to the first gap, and nothing is read over one."""
        upload = begin(zone)
        uploads(zone).put(upload.ref, 2, sha(PARTS[2]), PARTS[2])
        assert uploads(zone).get(upload.ref).received == 0
        uploads(zone).put(upload.ref, 0, sha(PARTS[0]), PARTS[0])
        assert uploads(zone).get(upload.ref).received == 1
        with pytest.raises(NotReady, match="1 of 3 parts"):
            uploads(zone).digests(upload.ref)

    def test_a_part_twice(self, zone: StorageZone) -> None:
        """The same part again is there; one with other bytes is refused, and the first stays."""
        upload = begin(zone, 1)
        assert uploads(zone).put(upload.ref, 0, sha(PARTS[0]), PARTS[0])
        other = bytes(PART_BYTES)
        with pytest.raises(DiffersFromStored, match="another file"):
            uploads(zone).put(upload.ref, 0, sha(other), other)

    def test_not_what_was_announced(self, zone: StorageZone) -> None:
        """A part of another hash, another length, or behind the end is refused and not kept."""
        upload = begin(zone)
        for number, digest, content in (
            (0, sha(PARTS[1]), PARTS[0]),
            (0, sha(PARTS[2]), PARTS[2]),
            (3, sha(b"x"), b"x"),
        ):
            with pytest.raises(ContentMismatch, match="send it again"):
                uploads(zone).put(upload.ref, number, digest, content)
        assert not [name for name in zone.store.list("") if "/p-" in name]

    def test_ends_after_a_day(self, zone: StorageZone) -> None:
        """Then it is no more, whatever comes; what is left of it is found, and begins anew."""
        upload = begin(zone, 2)
        late = uploads(zone, NOW + KEPT)
        assert not list(uploads(zone, NOW + KEPT - timedelta(seconds=1)).ended())
        with pytest.raises(ObjectMissing, match="ended"):
            late.put(upload.ref, 2, sha(PARTS[2]), PARTS[2])
        assert list(late.ended()) == [upload.ref]
        again, existed = late.begin(P07, "x.wav", len(CONTENT), sha(PARTS[0]), "siti")
        assert (again.ref, again.received, existed) == (upload.ref, 0, False)

    def test_given_up(self, zone: StorageZone) -> None:
        """Nothing of it is left, may be given up twice, and takes no part any more."""
        upload = begin(zone, 2)
        assert uploads(zone).abort(upload.ref) == 3
        assert uploads(zone).abort(upload.ref) == 0
        with pytest.raises(ObjectMissing):
            uploads(zone).put(upload.ref, 2, sha(PARTS[2]), PARTS[2])
        assert not list(zone.store.list(P07.prefix))
        assert not list(uploads(zone).all())

    def test_is_no_recording(self, zone: StorageZone) -> None:
        """No list of recordings has it, scrub finds it sound, and an erasure takes it."""
        upload = begin(zone, 2)
        assert not list(walk.recordings(zone.store.backend, ""))
        assert not list(Scrub(zone.store).findings())
        assert [one.ref for one in uploads(zone).all("peer-2026")] == [upload.ref]
        zone.keyring.destroy(P07, ())
        with pytest.raises(Erased):
            uploads(zone).get(upload.ref)
        assert not list(uploads(zone).all())
