# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from services.storage.domain import names
from services.storage.domain.quality import QualityRounds
from services.storage.domain.scrub import Scrub
from services.storage.errors import GenerationMoved, InvalidName, RolledBack
from tests.support.storage_zone import P07, StorageZone, open_zone

STUDY = names.Owner.of_study(P07.study)


@pytest.fixture
def zone(tmp_path: Path) -> StorageZone:
    """The research zone."""
    return open_zone(tmp_path / "zone", "research")


class TestRounds:
    """Records of rounds: whoever made them reads them back, the newest of each."""

    def test_gives_the_newest_of_each_in_order(self, zone: StorageZone) -> None:
        """Nothing before the first; a round of another study is none of this one."""
        rounds = QualityRounds(zone.store)
        assert list(rounds.all(STUDY)) == []
        assert rounds.put(STUDY, 2, b"second", 0) == 1
        assert rounds.put(STUDY, 1, b"first", 0) == 1
        assert rounds.put(STUDY, 1, b"first again", 1) == 2
        rounds.put(names.Owner.of_study("other"), 1, b"other", 0)
        assert list(rounds.all(STUDY)) == [(1, b"first again", 2), (2, b"second", 1)]
        assert list(Scrub(zone.store).findings()) == []

    def test_of_two_writers_one_wins(self, zone: StorageZone) -> None:
        """The other one reads again."""
        rounds = QualityRounds(zone.store)
        rounds.put(STUDY, 1, b"mine", 0)
        with pytest.raises(GenerationMoved):
            rounds.put(STUDY, 1, b"yours", 0)

    def test_a_record_that_was_taken_away_is_missed(self, zone: StorageZone) -> None:
        """Nobody hides a round that found something, nor the end of one."""
        rounds = QualityRounds(zone.store)
        rounds.put(STUDY, 1, b"missed", 0)
        rounds.put(STUDY, 2, b"passed", 0)
        zone.store.backend.delete(names.generation(STUDY, names.quality_round(1), 1))
        with pytest.raises(RolledBack):
            list(rounds.all(STUDY))

    def test_a_number_has_eight_digits_at_most(self) -> None:
        """As every generation's."""
        with pytest.raises(InvalidName):
            names.quality_round(100_000_000)
