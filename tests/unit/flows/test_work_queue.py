# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from flows import work_queue
from flows.prefect_api import PrefectApi
from flows.work_queue import WorkQueue, duration
from tests.unit.flows.fake_prefect import FakePrefect
from tests.unit.flows.fake_services import recording_id
from tests.unit.flows.test_waiting import held


class TestRead:
    def test_counts_and_pace(self, prefect: FakePrefect) -> None:
        """Recordings are counted by the runs that hold them; the pace is that of what was done."""
        prefect.add("waits", parameters=held(0, 1, 2))
        works = prefect.add("works", "RUNNING", parameters=held(3, 4, 5), estimated_run_time=10.0)
        prefect.add("ended", "COMPLETED", parameters=held(6, 7), estimated_run_time=20.0)
        prefect.tasks[works["id"], "apply-review-rule"] = 1

        queue = work_queue.read(PrefectApi(prefect.environment))

        assert (queue.waiting, queue.running, queue.runs) == (3, 2, 1)
        assert queue.seconds_each == pytest.approx(10.0)
        assert queue.seconds_left == pytest.approx(50.0)

    def test_empty(self, prefect: FakePrefect) -> None:
        """Where nothing was ever done, nothing is left and no pace is known."""
        assert work_queue.read(PrefectApi(prefect.environment)) == WorkQueue(0, 0, 0, None)


class TestHolders:
    def test_by_recording(self, prefect: FakePrefect) -> None:
        """Each recording of a run that is not over is found under that run."""
        prefect.add("waits", parameters=held(0))
        prefect.add("works", "RUNNING", parameters=held(1))
        prefect.add("ended", "COMPLETED", parameters=held(2))

        runs = work_queue.holders(PrefectApi(prefect.environment))

        assert {key: work_queue.is_at_work(run) for key, run in runs.items()} == {
            recording_id(0): False, recording_id(1): True,
        }  # fmt: skip


class TestPlaces:
    def test_runs_go_on_side_by_side(self, prefect: FakePrefect) -> None:
        """Those under way have none before them; then come the next of each run, then what waits
        for one.
        """
        works = prefect.add("works", "RUNNING", parameters=held(0, 1, 2))
        prefect.add("as well", "RUNNING", parameters=held(3, 4))
        prefect.add("waits", parameters=held(5))
        prefect.add("ended", "COMPLETED", parameters=held(6))
        prefect.tasks[works["id"], "apply-review-rule"] = 1

        places = work_queue.places(PrefectApi(prefect.environment))

        assert places == {
            recording_id(1): 0, recording_id(3): 0, recording_id(2): 2, recording_id(4): 3,
            recording_id(5): 4,
        }  # fmt: skip

    def test_nothing_waits(self, prefect: FakePrefect) -> None:
        """Where no run holds anything there are no places."""
        assert work_queue.places(PrefectApi(prefect.environment)) == {}


class TestWorkQueue:
    @pytest.mark.parametrize(
        ("queue", "left"),
        [
            (WorkQueue(0, 0, 0, None), 0.0),
            (WorkQueue(0, 0, 0, 3.0), 0.0),
            (WorkQueue(2, 0, 0, None), None),
            (WorkQueue(7, 3, 2, 6.0), 30.0),
        ],
    )
    def test_seconds_left(self, queue: WorkQueue, left: float | None) -> None:
        """What is left is shared by the runs at work; without a pace there is no forecast."""
        assert queue.seconds_left == left

    def test_label(self) -> None:
        """People read counts, what is left and the pace."""
        assert WorkQueue(0, 0, 0, 3.0).label == "nothing waits"
        assert WorkQueue(7, 3, 2, 60.0).label == (
            "3 in progress, 7 waiting; about 5 min left at 60.0 s each, the pace so far"
        )
        assert "no forecast" in WorkQueue(7, 3, 2, None).label


class TestDuration:
    def test_units(self) -> None:
        """Short times are in seconds, long ones in minutes or hours."""
        assert [duration(one) for one in (7.4, 300, 9000)] == ["7 s", "5 min", "2.5 h"]
