# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from services.storage.domain import names
from services.storage.domain.listening import Listening, joined
from services.storage.errors import HeardEnough
from tests.support.storage_zone import P07, StorageZone, open_zone

RECORDING = "rec-" + "a" * 26


@pytest.fixture
def zone(tmp_path: Path) -> StorageZone:
    """An empty zone."""
    return open_zone(tmp_path)


class TestListening:
    def test_what_was_heard_before_counts_once(self, zone: StorageZone) -> None:
        """Hearing a place again costs nothing and writes nothing."""
        listening = Listening(zone.store)
        assert listening.note(P07, RECORDING, "dr.lim", (10, 20), 60) == 10
        assert listening.note(P07, RECORDING, "dr.lim", (15, 25), 60) == 15
        written = list(zone.store.list(names.generations(P07, names.heard(P07, RECORDING))))
        assert listening.note(P07, RECORDING, "dr.lim", (12, 22), 60) == 15
        assert list(zone.store.list(names.generations(P07, names.heard(P07, RECORDING)))) == written

    def test_each_person_has_a_measure_of_their_own(self, zone: StorageZone) -> None:
        """Beyond it nothing is noted, so that less is still possible."""
        listening = Listening(zone.store)
        listening.note(P07, RECORDING, "dr.lim", (0, 50), 60)
        with pytest.raises(HeardEnough):
            listening.note(P07, RECORDING, "dr.lim", (100, 115), 60)
        assert listening.note(P07, RECORDING, "dr.lim", (50, 60), 60) == 60
        assert listening.note(P07, RECORDING, "dr.tan", (100, 115), 60) == 15

    def test_survives_the_process(self, zone: StorageZone) -> None:
        """It is stored with the recording, so that another process goes on from it."""
        Listening(zone.store).note(P07, RECORDING, "dr.lim", (0, 50), 60)
        with pytest.raises(HeardEnough):
            Listening(zone.store).note(P07, RECORDING, "dr.lim", (100, 115), 60)


def test_joined() -> None:
    """Stretches that touch or overlap are one."""
    assert joined([(5, 9), (0, 2), (2, 3), (8, 12)]) == ((0, 3), (5, 12))
