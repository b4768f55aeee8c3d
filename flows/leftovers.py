# SPDX-License-Identifier: Apache-2.0
"""Runs that a killed worker left "Running" in Prefect are closed when the next worker starts."""

from __future__ import annotations

import structlog
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.states import Crashed

_log = structlog.get_logger(__name__)

_OPEN = [StateType.RUNNING, StateType.PENDING, StateType.SCHEDULED, StateType.CANCELLING]


def close() -> int:
    """Mark all open runs as crashed; returns how many. One worker serves one home."""
    unfinished = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_OPEN)))
    closed = 0
    with get_client(sync_client=True) as client:
        while runs := client.read_flow_runs(flow_run_filter=unfinished, limit=100):
            for run in runs:
                client.set_flow_run_state(
                    run.id, Crashed(message="the worker stopped; a new run goes on"), force=True
                )
                closed += 1
    if closed:
        _log.info("runs_closed", count=closed)
    return closed
