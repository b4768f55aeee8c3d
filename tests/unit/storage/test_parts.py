# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from services.storage.domain import sealing
from services.storage.domain.names import Owner
from services.storage.errors import DataCorrupted
from tests.support.storage_zone import P07, StorageZone, open_zone

NAME = "peer-2026/P07/rec-" + "a" * 26 + "/source"
FIRST = sealing.SEGMENT - 40 - 16  # plaintext bytes of the first segment


@pytest.fixture
def zone(tmp_path: Path) -> StorageZone:
    """An empty zone."""
    return open_zone(tmp_path)


def parts_of(zone: StorageZone, owner: Owner, offset: int, length: int) -> bytes:
    """Read a part of the object."""
    with zone.store.opening_parts(owner, NAME) as parts:
        return parts.read(offset, length)


class TestParts:
    @pytest.mark.parametrize("size", [1, 1000, FIRST, FIRST + 1, 3 * sealing.SEGMENT + 17])
    def test_are_those_of_the_whole(self, zone: StorageZone, size: int) -> None:
        """From any place, across the borders of segments, and up to the end and no further."""
        data = os.urandom(size)
        zone.store.put(P07, NAME, data, "audio/wav")
        chance = random.Random(size)
        with zone.store.opening_parts(P07, NAME) as parts:
            assert parts.size == size
            for offset in (
                0,
                FIRST - 1,
                FIRST,
                size - 1,
                size,
                *(chance.randrange(size) for _ in range(20)),
            ):
                length = chance.randrange(1, 2 * sealing.SEGMENT)
                assert parts.read(offset, length) == data[offset : offset + length]

    def test_a_changed_bit_is_found_in_its_segment_alone(
        self, zone: StorageZone, tmp_path: Path
    ) -> None:
        """What is read elsewhere is authentic all the same."""
        data = os.urandom(3 * sealing.SEGMENT)
        zone.store.put(P07, NAME, data, "audio/wav")
        (file,) = (path for path in tmp_path.rglob("source") if path.is_file())
        sealed = bytearray(file.read_bytes())
        sealed[-20] ^= 1
        file.chmod(0o600)
        file.write_bytes(sealed)

        assert parts_of(zone, P07, 0, 100) == data[:100]
        with pytest.raises(DataCorrupted, match="seal is broken"):
            parts_of(zone, P07, len(data) - 10, 10)
