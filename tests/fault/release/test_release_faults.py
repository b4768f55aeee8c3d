# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.errors import SottoError, Unavailable
from services.registry import identities
from services.release.cli import trusted_keys, verify_folder
from tests.support.release_service import ReleaseDeployment, retried


def bundle_files(deployment: ReleaseDeployment, study_id: str) -> list[Path]:
    """Return what the store holds of a study's releases."""
    return list((deployment.root / "research" / "objects" / study_id).glob("*/bundle/*/**/*.*"))


def add_study(deployment: ReleaseDeployment, study_id: str) -> str:
    """Add a study with two transcripts that its policy approves."""
    retried(lambda: deployment.create_study(study_id, automatic=True))
    retried(lambda: deployment.add_approved(study_id, "P07"))
    retried(lambda: deployment.add_approved(study_id, "P08"))
    return study_id


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseDeployment]:
    """Services that every test leaves running."""
    with ReleaseDeployment(tmp_path_factory.mktemp("home")).start() as started:
        yield started


def build_until(deployment: ReleaseDeployment, study_id: str, files: int, victim: str) -> None:
    """Build, and kill `victim` as soon as so many files are stored."""

    def build() -> None:
        with contextlib.suppress(SottoError):
            deployment.build(study_id)

    thread = threading.Thread(target=build)
    thread.start()
    while thread.is_alive() and len(bundle_files(deployment, study_id)) < files:
        time.sleep(0.002)
    deployment.kill(victim)
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
        self, deployment: ReleaseDeployment, tmp_path: Path, victim: str, files: int
    ) -> None:
        """After kill -9 and a rerun there is one release, whole and verified."""
        study = add_study(deployment, f"killed-{victim}-{files}")
        build_until(deployment, study, files, victim)
        deployment.start(victim)
        built = retried(lambda: deployment.build(study))
        again = deployment.build(study)
        assert again.existed
        assert again.release == built.release
        deployment.export(study, tmp_path / "out")
        found = verify_folder(tmp_path / "out", trusted_keys(None, deployment.root))
        assert found.certificate.release_id == built.release.release_id

    def test_the_signing_key_survives(self, deployment: ReleaseDeployment) -> None:
        """A restarted service signs with the key that it had."""
        before = trusted_keys(None, deployment.root)
        deployment.kill(identities.RELEASE)
        deployment.start(identities.RELEASE)
        assert trusted_keys(None, deployment.root) == before


class TestNoLog:
    """No record, no action."""

    def test_nothing_happens_without_the_log(
        self, deployment: ReleaseDeployment, tmp_path: Path
    ) -> None:
        """While the audit log is unavailable nothing is approved, built or handed out."""
        study = add_study(deployment, "no-log")
        built = retried(lambda: deployment.build(study))
        deployment.add_approved(study, "P07", 1)
        stored = sorted(bundle_files(deployment, study))
        deployment.kill(identities.AUDIT)
        with pytest.raises(Unavailable):
            deployment.build(study)
        with pytest.raises(Unavailable):
            deployment.export(study, tmp_path / "out")
        assert not list((tmp_path / "out").iterdir())
        assert sorted(bundle_files(deployment, study)) == stored
        deployment.start(identities.AUDIT)
        assert (
            retried(lambda: deployment.build(study)).release.release_id != built.release.release_id
        )


class TestNoStore:
    """The store is unavailable."""

    def test_is_said_and_can_be_tried_again(self, deployment: ReleaseDeployment) -> None:
        """A build without its store fails as retryable, and works when the store is back."""
        study = add_study(deployment, "no-store")
        deployment.kill(identities.RESEARCH)
        with pytest.raises(Unavailable) as caught:
            deployment.build(study)
        assert caught.value.retryable
        deployment.start(identities.RESEARCH)
        assert not retried(lambda: deployment.build(study)).existed
