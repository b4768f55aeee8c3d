# SPDX-License-Identifier: Apache-2.0
"""What Prefect has to know of us: work pool, deployments with their schedules, one automation.

Every worker makes them at its start and changes only what is not as it should be: to write a
deployment again would drop the runs that its schedule has made already.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.events.actions import ChangeFlowRunState, RunDeployment
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

from flows import names
from flows.flow_worker import FlowWorker
from flows.settings import FlowSettings
from services.common.errors import WrongUse

_LOST_RUNS = "sotto: mark lost runs as crashed"
# Schedules count from here. A date long past, so that every worker means the same times.
_ANCHOR = dt.datetime(2026, 1, 1, 2, 0, tzinfo=dt.UTC)


Schedule = IntervalSchedule | CronSchedule


@dataclass(frozen=True, slots=True)
class Deployed:
    """A flow that Prefect can start, and when it starts it by itself; None for never."""

    flow: str
    schedule: Schedule | None = None


def wanted(settings: FlowSettings) -> list[Deployed]:
    """Return what is deployed under these settings."""

    def cron(expression: str) -> Schedule | None:
        if not expression:
            return None
        try:
            return CronSchedule(cron=expression, timezone=settings.schedule_timezone)
        except ValueError:
            raise WrongUse(
                f"the schedule {expression!r} in {settings.schedule_timezone!r} cannot be used;"
                " give five fields as cron takes them, and a zone such as Asia/Kuala_Lumpur"
            ) from None

    return [
        Deployed(names.PROCESS_RECORDINGS),
        Deployed(names.SWEEP, _every(dt.timedelta(minutes=settings.sweep_minutes))),
        Deployed(names.APPLY_RETENTION, _every(dt.timedelta(hours=settings.retention_hours))),
        Deployed(names.VERIFY_AUDIT_LOG, cron(settings.verify_log_schedule)),
        Deployed(names.SCRUB, cron(settings.scrub_schedule)),
        Deployed(names.EVIDENCE_REPORT, cron(settings.evidence_report_schedule)),
    ]


def _every(interval: dt.timedelta) -> Schedule | None:
    return IntervalSchedule(interval=interval, anchor_date=_ANCHOR) if interval else None


def ensure(client: SyncPrefectClient, settings: FlowSettings) -> None:
    """Make the work pool, the deployments and the automation where they are not as wanted."""
    _ensure_work_pool(client)
    ids = {one.flow: _ensure_deployment(client, one) for one in wanted(settings)}
    _ensure_automation(client, lost_runs(list(ids.values()), ids[names.SWEEP], settings))


def lost_runs(deployments: Sequence[UUID], sweep: UUID, settings: FlowSettings) -> AutomationCore:
    """Return the automation that marks runs as crashed whose heartbeat stops.

    It starts a sweep, which has another run take up what the lost one held.
    """
    return AutomationCore(
        name=_LOST_RUNS,
        description="A worker that was killed cannot say so; its runs are found by their silence.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat", "prefect.flow-run.Pending"},
            expect={
                "prefect.flow-run.heartbeat",
                "prefect.flow-run.Running",
                "prefect.flow-run.Scheduled",
                "prefect.flow-run.Completed",
                "prefect.flow-run.Failed",
                "prefect.flow-run.Crashed",
                "prefect.flow-run.Cancelled",
            },
            match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
            match_related=[
                ResourceSpecification(
                    {
                        "prefect.resource.id": [f"prefect.deployment.{one}" for one in deployments],
                        "prefect.resource.role": "deployment",
                    }
                )
            ],
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=dt.timedelta(seconds=settings.lost_seconds),
        ),
        actions=[
            ChangeFlowRunState(
                name="Crashed",
                state=StateType.CRASHED,
                message="its worker went silent; another run goes on",
                force=False,
            ),
            RunDeployment(source="selected", deployment_id=sweep, parameters={}, job_variables={}),
        ],
    )


def _ensure_work_pool(client: SyncPrefectClient) -> None:
    try:
        client.read_work_pool(names.WORK_POOL)
    except ObjectNotFound:
        pool = WorkPoolCreate(
            name=names.WORK_POOL,
            type=names.WORKER_TYPE,
            base_job_template=FlowWorker.get_default_base_job_template(),
        )
        try:
            client.create_work_pool(pool)
        except ObjectAlreadyExists:  # by a worker that starts at the same time
            return


def _ensure_deployment(client: SyncPrefectClient, wanted: Deployed) -> UUID:
    schedules = [] if wanted.schedule is None else [wanted.schedule]
    try:
        found = client.read_deployment_by_name(f"{wanted.flow}/{wanted.flow}")
        if [
            one.schedule for one in found.schedules
        ] == schedules and found.work_pool_name == names.WORK_POOL:
            return found.id
    except ObjectNotFound:
        pass
    return client.create_deployment(
        flow_id=client.create_flow_from_name(wanted.flow),
        name=wanted.flow,
        work_pool_name=names.WORK_POOL,
        schedules=[DeploymentScheduleCreate(schedule=one, active=True) for one in schedules],
        enforce_parameter_schema=False,
    )


def _ensure_automation(client: SyncPrefectClient, wanted: AutomationCore) -> None:
    found = client.read_automations_by_name(wanted.name)
    if not found:
        client.create_automation(wanted)
    elif found[0].model_dump(exclude={"id"}) != wanted.model_dump():
        client.update_automation(found[0].id, wanted)
