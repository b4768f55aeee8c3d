# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from services.common.errors import SottoError, Unavailable
from services.common.installation import Installation
from services.common.supervisor import Supervisor
from services.registry import identities
from services.release.cli import trusted_keys, verify_folder
from tests.integration.release.house import House

T = TypeVar("T")


class FaultyHouse(House):
    """Running services of which each can be killed and started again."""

    def __init__(self, home: Installation) -> None:
        self.supervisor = Supervisor(home)
        self.supervisor.start([identities.RELEASE])
        super().__init__(home, self.supervisor.addresses)

    def kill(self, name: str) -> None:
        """Kill a service without warning."""
        process = self.supervisor._processes.pop(name)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdin
        process.stdin.close()

    def restart(self, name: str) -> None:
        """Start a killed service at its old address."""
        self.supervisor.start([name])

    def bundle_files(self, study_id: str) -> list[Path]:
        """Give what the store holds of a study's releases."""
        return list((self.home.root / "research" / "objects" / study_id).glob("*/bundle/*/**/*.*"))

    def add_study(self, study_id: str) -> str:
        """Add a study with two transcripts that its policy approves."""
        retried(lambda: self.create_study(study_id, automatic=True))
        retried(lambda: self.add_transcript(study_id, "P07"))
        retried(lambda: self.add_transcript(study_id, "P08"))
        return study_id


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyHouse]:
    """Give services that every test leaves running."""
    house = FaultyHouse(Installation(tmp_path_factory.mktemp("home")))
    try:
        yield house
    finally:
        house.supervisor.close()


def retried(act: Callable[[], T]) -> T:
    """Act as a flow does: try again while the error says that it helps."""
    for _ in range(100):
        try:
            return act()
        except SottoError as error:
            if not error.retryable:
                raise
            time.sleep(0.2)
    return act()


def build_until(house: FaultyHouse, study_id: str, files: int, victim: str) -> None:
    """Build, and kill `victim` as soon as so many files are stored."""

    def build() -> None:
        with contextlib.suppress(SottoError):
            house.build(study_id)

    thread = threading.Thread(target=build)
    thread.start()
    while thread.is_alive() and len(house.bundle_files(study_id)) < files:
        time.sleep(0.002)
    house.kill(victim)
    thread.join()


class TestKilled:
    """A service that is killed in the middle of a build."""

    @pytest.mark.parametrize(
        ("victim", "files"),
        [
            (identities.RELEASE, 1),
            (identities.RELEASE, 6),
            (identities.RELEASE, 10),
            (identities.RESEARCH, 5),
        ],
    )
    def test_rerun_completes_the_same_release(
        self, house: FaultyHouse, tmp_path: Path, victim: str, files: int
    ) -> None:
        """After kill -9 and a rerun there is one release, whole and verified."""
        study = house.add_study(f"killed-{victim}-{files}")
        build_until(house, study, files, victim)
        house.restart(victim)
        built = retried(lambda: house.build(study))
        again = house.build(study)
        assert again.existed
        assert again.release == built.release
        house.export(study, tmp_path / "out")
        found = verify_folder(tmp_path / "out", trusted_keys(None, house.home.root))
        assert found.certificate.release_id == built.release.release_id

    def test_the_signing_key_survives(self, house: FaultyHouse) -> None:
        """A restarted service signs with the key that it had."""
        before = trusted_keys(None, house.home.root)
        house.kill(identities.RELEASE)
        house.restart(identities.RELEASE)
        assert trusted_keys(None, house.home.root) == before


class TestNoLog:
    """No record, no action."""

    def test_nothing_happens_without_the_log(self, house: FaultyHouse, tmp_path: Path) -> None:
        """While the audit log is away nothing is approved, built or handed out."""
        study = house.add_study("no-log")
        built = retried(lambda: house.build(study))
        house.add_transcript(study, "P07", 1)
        stored = sorted(house.bundle_files(study))
        house.kill(identities.AUDIT)
        with pytest.raises(Unavailable):
            house.build(study)
        with pytest.raises(Unavailable):
            house.export(study, tmp_path / "out")
        assert not list((tmp_path / "out").iterdir())
        assert sorted(house.bundle_files(study)) == stored
        house.restart(identities.AUDIT)
        assert retried(lambda: house.build(study)).release.release_id != built.release.release_id


class TestNoStore:
    """The store is away."""

    def test_is_said_and_can_be_tried_again(self, house: FaultyHouse) -> None:
        """A build without its store fails as retryable, and works when the store is back."""
        study = house.add_study("no-store")
        house.kill(identities.RESEARCH)
        with pytest.raises(Unavailable) as caught:
            house.build(study)
        assert caught.value.retryable
        house.restart(identities.RESEARCH)
        assert not retried(lambda: house.build(study)).existed
