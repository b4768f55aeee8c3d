# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import State, StateType
from prefect.states import Completed, Crashed, Running

from flows import stale_runs


@dataclass
class Run:
    """A flow run as Prefect lists it."""

    state: State[Any]
    id: UUID = field(default_factory=uuid4)


class Prefect:
    """Prefect's API as far as it is used here: it filters by state, and lists a page at a time."""

    def __init__(self, states: list[State[Any]]) -> None:
        self.runs = [Run(state) for state in states]

    def read_flow_runs(self, *, flow_run_filter: FlowRunFilter, limit: int) -> list[Run]:
        """List runs in the states of the filter."""
        assert flow_run_filter.state is not None
        assert flow_run_filter.state.type is not None
        wanted = flow_run_filter.state.type.any_ or []
        return [run for run in self.runs if run.state.type in wanted][: min(limit, 2)]

    def set_flow_run_state(self, run_id: UUID, state: State[Any], *, force: bool) -> None:
        """Set the state of a run; without force Prefect refuses some changes."""
        assert force
        [run] = [run for run in self.runs if run.id == run_id]
        run.state = state


class TestMarkCrashed:
    def test_every_open_run(self) -> None:
        """Each run that is not at its end becomes crashed, over all pages; others stay."""
        kinds = [StateType.RUNNING, StateType.PENDING, StateType.SCHEDULED, StateType.CANCELLING]
        ended: list[State[Any]] = [Completed(), Crashed(message="before")]
        prefect: Any = Prefect([*(State(type=kind) for kind in kinds), Running(), *ended])

        assert stale_runs.mark_crashed(prefect) == 5

        assert [run.state.type for run in prefect.runs] == [
            *[StateType.CRASHED] * 5, StateType.COMPLETED, StateType.CRASHED,
        ]  # fmt: skip
        assert prefect.runs[0].state.message == "the worker stopped; a new run goes on"
        assert prefect.runs[-1].state.message == "before"

    def test_no_open_run(self) -> None:
        """Where nothing is open nothing happens."""
        prefect: Any = Prefect([Completed()])

        assert stale_runs.mark_crashed(prefect) == 0
