# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.storage.domain import names
from services.storage.domain.scrub import Scrub
from services.storage.domain.study_records import StudyRecords
from services.storage.errors import GenerationMoved, InvalidName, RolledBack
from tests.support.storage_zone import P07, StorageZone, open_zone

STUDY = names.Owner.of_study(P07.study)


@dataclass(frozen=True)
class Kind:
    """A kind of record: its name, its keys, and two names in order."""

    name: str
    key: Callable[[str], str]
    first: str
    second: str


KINDS = (
    Kind("quality", lambda name: names.quality_round(int(name)), "00000001", "00000002"),
    Kind("copy", names.copy, "cpy-" + "a" * 26, "cpy-" + "b" * 26),
)


@pytest.fixture
def zone(tmp_path: Path) -> StorageZone:
    """The research zone."""
    return open_zone(tmp_path / "zone", "research")


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    """A kind of record."""
    assert isinstance(request.param, Kind)
    return request.param


class TestRecords:
    """Rounds of quality and copies: whoever made them reads them back, the newest of each."""

    def test_gives_the_newest_of_each_in_order(self, zone: StorageZone, kind: Kind) -> None:
        """Nothing before the first; a record of another study is none of this one."""
        records = StudyRecords(zone.store, kind.name)
        first, second = kind.key(kind.first), kind.key(kind.second)
        assert list(records.all(STUDY)) == []
        assert records.put(STUDY, second, b"second", 0) == 1
        assert records.put(STUDY, first, b"first", 0) == 1
        assert records.put(STUDY, first, b"first again", 1) == 2
        records.put(names.Owner.of_study("other"), first, b"other", 0)
        assert list(records.all(STUDY)) == [
            (kind.first, b"first again", 2),
            (kind.second, b"second", 1),
        ]
        assert list(Scrub(zone.store).findings()) == []

    def test_of_two_writers_one_wins(self, zone: StorageZone, kind: Kind) -> None:
        """The other one reads again."""
        records = StudyRecords(zone.store, kind.name)
        records.put(STUDY, kind.key(kind.first), b"mine", 0)
        with pytest.raises(GenerationMoved):
            records.put(STUDY, kind.key(kind.first), b"yours", 0)

    def test_a_record_that_was_taken_away_is_missed(self, zone: StorageZone, kind: Kind) -> None:
        """Nobody hides a round that found something, nor a copy that was taken."""
        records = StudyRecords(zone.store, kind.name)
        records.put(STUDY, kind.key(kind.first), b"missed", 0)
        records.put(STUDY, kind.key(kind.second), b"passed", 0)
        zone.store.backend.delete(names.generation(STUDY, kind.key(kind.first), 1))
        with pytest.raises(RolledBack):
            list(records.all(STUDY))


class TestNames:
    def test_a_number_has_eight_digits_at_most(self) -> None:
        """As every generation's."""
        with pytest.raises(InvalidName):
            names.quality_round(100_000_000)

    def test_a_copy_is_named_as_ids_are(self) -> None:
        """Nothing else becomes a part of a name."""
        with pytest.raises(InvalidName):
            names.copy("../cpy")
