# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from prefect.client.schemas.objects import FlowRun

from flows.participant_order import ParticipantOrder
from flows.prefect_api import PrefectApi
from tests.unit.flows.fake_prefect import FakePrefect

P07 = "participant:s1/P07"
P08 = "participant:s1/P08"


def add(prefect: FakePrefect, state: str, *tags: str) -> FlowRun:
    """Put a run into Prefect and return it as a worker gets it."""
    number = UUID(int=uuid4().int)
    prefect.add(str(number), state, id=str(number), tags=list(tags))
    return FlowRun(id=number, flow_id=uuid4(), name="run", tags=list(tags))


def record(prefect: FakePrefect, run: FlowRun) -> dict[str, object]:
    """Return what Prefect has of a run."""
    return next(one for one in prefect.runs if one["id"] == str(run.id))


@pytest.fixture
def order(prefect: FakePrefect) -> ParticipantOrder:
    """The order by the list of runs."""
    return ParticipantOrder(PrefectApi(prefect.environment))


class TestPostpone:
    @pytest.mark.parametrize("state", ["SCHEDULED", "PENDING", "RUNNING", "CANCELLING"])
    def test_waits_for_the_one_before(
        self, prefect: FakePrefect, order: ParticipantOrder, state: str
    ) -> None:
        """A run waits in Prefect while an older one of the participant is not over."""
        older = add(prefect, state, P07, P08)
        younger = add(prefect, "PENDING", P07)

        assert order.postpone(younger) is True
        assert not order.postpone(older)
        assert record(prefect, younger)["state_name"] == "WaitingForParticipant"

    @pytest.mark.parametrize("state", ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"])
    def test_one_that_is_over_holds_up_nobody(
        self, prefect: FakePrefect, order: ParticipantOrder, state: str
    ) -> None:
        """However the run before it ended, the next may begin."""
        add(prefect, state, P07)

        assert not order.postpone(add(prefect, "PENDING", P07))

    def test_other_participants(self, prefect: FakePrefect, order: ParticipantOrder) -> None:
        """Runs of others, and runs of nobody, hold up nobody."""
        add(prefect, "RUNNING", P08)
        add(prefect, "RUNNING")

        assert not order.postpone(add(prefect, "PENDING", P07))
        assert not order.postpone(add(prefect, "PENDING"))


class TestRelease:
    def test_wakes_the_oldest_that_waits(
        self, prefect: FakePrefect, order: ParticipantOrder
    ) -> None:
        """The next run begins at once, and not only when it looks again."""
        first = add(prefect, "RUNNING", P07)
        second, third = (add(prefect, "PENDING", P07) for _ in range(2))
        order.postpone(third)
        order.postpone(second)
        later = record(prefect, second)["scheduled"]

        record(prefect, first)["state_type"] = "COMPLETED"
        order.release(first, again=False)

        assert str(record(prefect, second)["scheduled"]) < str(later)
        assert not order.postpone(second)
        assert order.postpone(third)

    def test_wakes_one_of_each_participant(
        self, prefect: FakePrefect, order: ParticipantOrder
    ) -> None:
        """A run of several participants held up runs of each of them."""
        first = add(prefect, "RUNNING", P07, P08)
        held = [add(prefect, "PENDING", tag) for tag in (P07, P08)]
        assert all(map(order.postpone, held))
        later = [str(record(prefect, one)["scheduled"]) for one in held]

        record(prefect, first)["state_type"] = "COMPLETED"
        order.release(first, again=False)

        now = [str(record(prefect, one)["scheduled"]) for one in held]
        assert all(one < before for one, before in zip(now, later, strict=True))

    def test_wakes_one_that_was_about_to_wait(
        self, prefect: FakePrefect, order: ParticipantOrder
    ) -> None:
        """A worker saw the run before it under way, and has it wait only after that one ended."""
        first = add(prefect, "COMPLETED", P07)
        second = add(prefect, "PENDING", P07)
        later = "2100-01-01T00:00:00+00:00"

        def wait() -> None:
            record(prefect, second).update(
                state_type="SCHEDULED", state_name="WaitingForParticipant", scheduled=later
            )

        prefect.then = [wait]
        order.release(first, again=False)

        assert str(record(prefect, second)["scheduled"]) < later

    def test_interrupted_run_begins_again(
        self, prefect: FakePrefect, order: ParticipantOrder
    ) -> None:
        """A run that its worker's stop interrupted is there for the next worker at once."""
        run = add(prefect, "CANCELLED", P07)
        done = add(prefect, "COMPLETED", P07)

        order.release(run, again=True)
        order.release(done, again=True)

        assert record(prefect, run)["state_name"] == "Interrupted"
        assert record(prefect, done)["state_type"] == "COMPLETED"

    def test_scheduler_that_is_away(self, prefect: FakePrefect, order: ParticipantOrder) -> None:
        """A wake-up that does not come through is no failure of the run."""
        run = add(prefect, "RUNNING", P07)
        prefect.codes = [500]

        order.release(run, again=False)
