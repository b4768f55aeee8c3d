# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator

import pytest

from flows import sweep_flow, task_context
from flows.due import DueRecording
from services.common.errors import Unavailable
from tests.unit.flows.fake_prefect import FakePrefect
from tests.unit.flows.fake_services import FakeServices, recording_id


@pytest.fixture(autouse=True)
def _in_a_sweep(stopping: threading.Event, prefect: FakePrefect) -> Iterator[None]:
    """The context of a sweep whose Prefect is the fake one."""
    assert not stopping.is_set()
    current = task_context.current()
    settings = current.settings.model_copy(
        update={"prefect_api_url": prefect.environment["PREFECT_API_URL"]}
    )
    with task_context.provided(dataclasses.replace(current, settings=settings)):
        yield


def sweep() -> int:
    """Run the steps of the sweep without Prefect."""
    return sweep_flow.run_steps(sweep_flow.note_engines.fn, sweep_flow.start_runs.fn)


class TestSweep:
    def test_starts_what_no_run_holds(self, services: FakeServices, prefect: FakePrefect) -> None:
        """What a run holds is left to it; the rest is started, once."""
        services.clinical.add(0)
        services.clinical.add(1, "P08")
        held = DueRecording("s1", "P07", 1, recording_id(0), 1).parameter()
        prefect.add("held", "RUNNING", parameters={"recordings": [held]})

        assert sweep() == 1
        assert prefect.runs[-1]["tags"] == ["participant:s1/P08"]
        assert sweep() == 0

    def test_what_a_crashed_run_held(self, services: FakeServices, prefect: FakePrefect) -> None:
        """A recording whose run crashed is started again, although it has the same mark."""
        services.clinical.add(0)
        assert sweep() == 1
        prefect.runs[0]["state_type"] = "CRASHED"

        assert sweep() == 1
        assert [run["state_type"] for run in prefect.runs] == ["CRASHED", "SCHEDULED"]

    def test_engines_that_changed(self, services: FakeServices, prefect: FakePrefect) -> None:
        """Another engine marks all recordings, and the same sweep starts them."""
        services.clinical.add(0)
        services.clinical.marks.clear()
        assert sweep() == 0

        services.deidentification.versions = {"engine": "2"}

        assert sweep() == 1
        assert len(prefect.runs) == 1

    def test_engine_that_is_away(self, services: FakeServices) -> None:
        """An engine that cannot be asked holds up nothing; the sweep tells it in its state."""
        services.clinical.add(0)

        def note_engines() -> int:
            raise Unavailable("it is not there")

        with pytest.raises(Unavailable):
            sweep_flow.run_steps(note_engines, sweep_flow.start_runs.fn)
        assert services.clinical.pending_listings == 1
