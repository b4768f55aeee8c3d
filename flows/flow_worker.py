# SPDX-License-Identifier: Apache-2.0
"""A Prefect worker that runs our flows in its own process, each in a thread.

Prefect's process worker starts a Python process for each run, which costs three seconds of
imports, 150 MB, and a second logging set-up that our allow-list would have to reach. Our flows only
wait for services, so threads do.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import anyio
import anyio.abc
import anyio.lowlevel
import anyio.to_thread
import structlog
from prefect import Flow
from prefect.client.schemas.objects import FlowRun
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.exceptions import Abort, Pause
from prefect.flow_engine import run_flow_async
from prefect.workers.base import (
    BaseJobConfiguration,
    BaseVariables,
    BaseWorker,
    BaseWorkerResult,
)

from flows import names, task_context
from flows.participant_order import ParticipantOrder
from flows.task_context import TaskContext

_log = structlog.get_logger(__name__)

_POLL_DELAY_SECONDS = 0.05
# How often a worker looks whether it is to stop, and whether its runs have ended then.
_END_SECONDS = 0.25

Flows = Mapping[str, Flow[..., Any]]
"""The flows that a worker can run, by name."""


class FlowWorkerResult(BaseWorkerResult):
    """How a run left the worker; what came of it is the state of the run."""


class FlowWorker(BaseWorker[BaseJobConfiguration, BaseVariables, FlowWorkerResult]):
    """A worker for the runs of our work pool; `limit` of them at a time, others wait in Prefect."""

    type = names.WORKER_TYPE
    job_configuration = BaseJobConfiguration
    _description = "Runs Sotto's flows in the threads of a process that holds its certificate."
    _display_name = "Sotto"

    def __init__(
        self, name: str, limit: int, flows: Flows, context: TaskContext, order: ParticipantOrder
    ) -> None:
        super().__init__(
            work_pool_name=names.WORK_POOL, name=name, limit=limit, create_pool_if_not_found=False
        )
        self._flows = flows
        self._context = context
        self._order = order
        self._flow_names: dict[UUID, str] = {}
        self._running: dict[UUID, threading.Event] = {}
        self._poll_is_due = False

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,  # noqa: ARG002 - the library's signature
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> FlowWorkerResult:
        """Run a flow in a thread and return when it has ended."""
        flow = self._flows[await self._flow_name(flow_run)]
        if task_status is not None:
            task_status.started(os.getpid())
        if await anyio.to_thread.run_sync(self._order.postpone, flow_run):
            return FlowWorkerResult(status_code=0, identifier=str(flow_run.id))
        stopping = self._running[flow_run.id] = threading.Event()
        if self._context.stopping.is_set():
            stopping.set()
        try:
            await self._execute(flow, flow_run.id, stopping)
            again = self._context.stopping.is_set()
            await anyio.to_thread.run_sync(lambda: self._order.release(flow_run, again=again))
        finally:
            del self._running[flow_run.id]
            self._poll_again()
        return FlowWorkerResult(status_code=0, identifier=str(flow_run.id))

    async def serve(self) -> None:
        """Run flows until `stop` is called, and return when the last one has ended."""
        polling = asyncio.ensure_future(self.start(printer=lambda *_: None))
        watching = asyncio.ensure_future(self._watch())
        while not polling.done() and (self._running or not self._context.stopping.is_set()):
            await asyncio.wait({polling}, timeout=_END_SECONDS)
        # A run that is cancelled from outside counts as crashed; here they ended by themselves.
        for one in (watching, polling):
            one.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await polling

    async def _watch(self) -> None:
        """Poll as soon as Prefect schedules a run. Without this, runs wait for the next poll."""
        scheduled = EventFilter(event=EventNameFilter(name=["prefect.flow-run.Scheduled"]))
        while True:
            # The connection ends with the server, which may be started again.
            with contextlib.suppress(Exception):
                async with get_events_subscriber(scheduled, reconnection_attempts=0) as events:
                    async for _ in events:
                        self._poll_again()
            await asyncio.sleep(self._context.settings.query_seconds)

    async def sync_with_backend(self) -> None:
        """Tell the clinical store what the worker does, with each heartbeat to Prefect."""
        await anyio.to_thread.run_sync(self._context.board.tell)
        await super().sync_with_backend()

    def stop(self) -> None:
        """Have all runs end soon, to be taken up by another worker; from any thread."""
        self._context.stopping.set()
        for stopping in list(self._running.values()):
            stopping.set()

    async def _execute(self, flow: Flow[..., Any], run_id: UUID, stopping: threading.Event) -> None:
        context = replace(self._context, stopping=stopping)
        try:
            run = await self.client.read_flow_run(run_id)
            with task_context.provided(context):
                await run_flow_async(
                    flow, flow_run=run, parameters=run.parameters, return_type="state"
                )
        except (Abort, Pause):
            _log.info("flow_run_not_begun", flow_run_id=str(run_id))
        except Exception as error:  # noqa: BLE001 - one run must not stop the worker
            _log.error("flow_run_lost", flow_run_id=str(run_id), exc_info=error)

    def _poll_again(self) -> None:
        """Ask Prefect for runs soon: a free place must not wait for the next poll."""
        if self._runs_task_group is None or self._poll_is_due or self._context.stopping.is_set():
            return
        self._poll_is_due = True
        self._runs_task_group.start_soon(self._poll)

    async def _poll(self) -> None:
        # Several runs may end or come at the same moment; one poll is for all of them.
        await anyio.sleep(_POLL_DELAY_SECONDS)
        self._poll_is_due = False
        if self.limiter.available_tokens > 0:
            try:
                await self.get_and_submit_flow_runs()
            except Exception as error:  # noqa: BLE001 - the next poll comes anyway
                _log.warning("poll_failed", exc_info=error)

    async def _propose_submitting_state(self, flow_run: FlowRun) -> None:
        """Leave out a state between two others: nothing is submitted anywhere from here."""

    async def _give_worker_labels_to_flow_run(self, flow_run_id: UUID) -> None:
        """Leave out labels that nobody reads."""

    async def _flow_name(self, flow_run: FlowRun) -> str:
        if flow_run.flow_id not in self._flow_names:
            self._flow_names[flow_run.flow_id] = (
                await self.client.read_flow(flow_run.flow_id)
            ).name
        return self._flow_names[flow_run.flow_id]
