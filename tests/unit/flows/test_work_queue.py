# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from flows import work_queue
from flows.prefect_api import PrefectApi
from tests.unit.flows.fake_prefect import FakePrefect
from tests.unit.flows.fake_services import recording_id
from tests.unit.flows.test_waiting import held


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
