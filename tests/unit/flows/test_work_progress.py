# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from flows import work_progress
from flows.work_progress import WorkProgress
from services.common.installation import Installation
from tests.unit.flows.fake_prefect import FakePrefect
from tests.unit.flows.fake_services import recording_id
from tests.unit.flows.test_waiting import held


def artifact(number: int, stage: str, percent: float, more: str = "") -> dict[str, object]:
    """Return the progress of a stage as Prefect keeps it."""
    return {
        "key": f"{recording_id(number)}-{stage}", "data": percent, "description": f"{stage}{more}",
    }  # fmt: skip


class TestRead:
    def test_of_what_runs_hold(self, prefect: FakePrefect, installation: Installation) -> None:
        """Each recording of a run has its stage and time left, or its place in the line."""
        prefect.add("works", "RUNNING", parameters=held(0, 1))
        prefect.add("as well", "RUNNING", parameters=held(2))
        prefect.add("third", "RUNNING", parameters=held(3))
        prefect.artifacts = [
            artifact(0, "transcription", 100.0),
            artifact(0, "deidentification", 30.0),
            artifact(2, "transcription", 0.0, ", 2 before it"),
            artifact(3, "transcription", 100.0),
            artifact(3, "deidentification", 100.0),
            artifact(9, "transcription", 50.0),
        ]

        assert work_progress.read(installation) == {
            recording_id(0): WorkProgress("deidentification", 30.0),
            recording_id(1): WorkProgress(before=3),
            recording_id(2): WorkProgress("transcription", 0.0, None, 2),
            recording_id(3): WorkProgress(),
        }

    def test_without_a_scheduler(self, tmp_path: Path) -> None:
        """Where the scheduler does not answer nothing is known, and nothing fails."""
        assert work_progress.read(Installation(tmp_path)) == {}


class TestLabel:
    @pytest.mark.parametrize(
        ("progress", "label"),
        [
            (WorkProgress(), "in progress"),
            (WorkProgress(before=3), "waiting, 3 before it"),
            (WorkProgress("transcription", 0.0, None, 1), "waiting, 1 before it"),
            (WorkProgress("transcription", 45.2), "transcribing 45 %"),
            (WorkProgress("transcription", 45.2, 130), "transcribing 45 %, about 2 min left"),
            (WorkProgress("deidentification", 5.0, 8), "de-identifying 5 %, about 8 s left"),
        ],
    )
    def test_says_what_is_done_and_how_long_still(self, progress: WorkProgress, label: str) -> None:
        """People read the stage, how much of it is done, and how long it takes still."""
        assert progress.label == label
