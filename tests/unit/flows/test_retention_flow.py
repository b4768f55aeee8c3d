# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading

import pytest

from flows import retention_flow
from flows.retention_flow import run_steps
from services.common import context
from sotto.storage.v1 import recording_pb2
from sotto.study.v1 import study_pb2
from tests.unit.flows.fake_services import FakeServices, recording_ref


@pytest.fixture(autouse=True)
def _released(services: FakeServices, stopping: threading.Event) -> None:  # noqa: ARG001 - context
    """A study with one recording that is due, and one whose days are not over."""
    services.clinical.studies["s1"] = study_pb2.Study(id="s1", keep_recordings_days=30)
    services.clinical.retention["s1"] = [
        recording_pb2.RetentionEntry(ref=recording_ref(number), state=state)
        for number, state in enumerate(
            (recording_pb2.RETENTION_STATE_DUE, recording_pb2.RETENTION_STATE_WAITING)
        )
    ]


class TestTasks:
    def test_count(self, services: FakeServices) -> None:
        """Counting deletes nothing."""
        assert retention_flow.count_by_state.fn() == {"due": 1, "waiting": 1}
        assert not services.clinical.deletions

    def test_delete(self, services: FakeServices) -> None:
        """Deletion counts what came of it."""
        assert retention_flow.delete_due.fn() == {"deleted": 1, "waiting": 1}
        assert len(services.clinical.deletions) == 1


class TestRunSteps:
    @pytest.mark.parametrize(
        ("dry_run", "due", "deletes"), [(False, 1, True), (True, 1, False), (False, 0, False)]
    )
    def test_deletes_only_what_is_due_and_meant(
        self, dry_run: bool, due: int, deletes: bool
    ) -> None:
        """Deletion is run unless this is a dry run, or there is nothing to delete."""
        purposes: list[str] = []

        def count() -> dict[str, int]:
            purposes.append(context.current().purpose)
            return {"due": due, "waiting": 1}

        def delete() -> dict[str, int]:
            purposes.append(context.current().purpose)
            return {"deleted": due, "waiting": 1}

        counts = run_steps(dry_run, count, delete)

        assert ("deleted" in counts) is deletes
        assert purposes == ["retention"] * (1 + deletes)


class TestUploads:
    """Uploads that nobody finished."""

    @pytest.mark.parametrize("dry_run", [True, False])
    def test_end_with_the_flow(self, dry_run: bool) -> None:
        """They end each time, and never in a dry run."""
        asked: list[int] = []

        def end() -> int:
            asked.append(1)
            return 2

        run_steps(dry_run, dict, dict, end)
        assert bool(asked) is not dry_run
