# SPDX-License-Identifier: Apache-2.0
"""Closes flow runs that a killed worker left open in Prefect, when the next worker starts."""

from __future__ import annotations

import structlog
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.states import Crashed

_log = structlog.get_logger(__name__)

OPEN_STATES = [StateType.RUNNING, StateType.PENDING, StateType.SCHEDULED, StateType.CANCELLING]
_PAGE = 100


def mark_crashed(client: SyncPrefectClient) -> int:
    """Mark all open flow runs as crashed and return how many there were.

    That is right because one worker serves one installation: no other process can have a run open.
    """
    unfinished = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=OPEN_STATES))
    )
    marked = 0
    while runs := client.read_flow_runs(flow_run_filter=unfinished, limit=_PAGE):
        for run in runs:
            client.set_flow_run_state(
                run.id, Crashed(message="the worker stopped; a new run goes on"), force=True
            )
            marked += 1
    if marked:
        _log.info("stale_runs_marked_crashed", count=marked)
    return marked
