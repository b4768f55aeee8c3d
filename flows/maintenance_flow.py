# SPDX-License-Identifier: Apache-2.0
"""Flows that look after an installation: each asks a service and tells Prefect numbers alone.

What is found wrong is in the audit log and in the service's own log; here the run fails, so that
Prefect shows it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import anyio.to_thread
from prefect import flow, task
from prefect import states as prefect_states

from flows import names, task_context
from services.common import context
from services.registry import identities
from sotto.audit.v1 import audit_service_pb2_grpc, schedule_pb2
from sotto.storage.v1 import admin_pb2, admin_service_pb2_grpc

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

_ZONES = (identities.CLINICAL, identities.RESEARCH)
# To read a whole zone or log takes its time; the client's own limit is for quick calls.
_SECONDS = 12 * 3600.0


@task(name="verify-log", persist_result=False, log_prints=False)
def verify_log() -> tuple[bool, str]:
    """Verify the audit log; return whether it is whole, and counts."""
    with context.acting(purpose="security", role="flow"):
        found = _schedule().VerifyLog(schedule_pb2.VerifyLogRequest(), timeout=_SECONDS)
    return found.whole, f"{found.entries} entries, {found.faults} faults"


@task(name="write-report", persist_result=False, log_prints=False)
def write_report() -> tuple[bool, str]:
    """Write the report of the month before; return whether the log is whole, and counts."""
    with context.acting(purpose="security", role="flow"):
        found = _schedule().WriteEvidenceReport(
            schedule_pb2.WriteEvidenceReportRequest(), timeout=_SECONDS
        )
    return found.whole, f"{found.month}, {found.entries} entries"


@task(name="check-zone", persist_result=False, log_prints=False)
def check_zone(zone: str) -> tuple[bool, str]:
    """Read every object of a zone; return whether all are sound, and counts.

    An orphan is no damage: what an interrupted upload left, and what nothing refers to.
    """
    with context.acting(purpose="security", role="flow"):
        found = admin_service_pb2_grpc.StoreCheckServiceStub(
            task_context.current().peers.channel(zone)
        ).CheckZone(admin_pb2.CheckZoneRequest(), timeout=_SECONDS)
    counts = [f"{kind} {count}" for kind, count in sorted(found.findings.items()) if count]
    sound = not any(count for kind, count in found.findings.items() if kind != "orphan")
    return sound, ", ".join([f"{zone}: {found.scanned} objects", *counts])


@flow(name=names.VERIFY_AUDIT_LOG, persist_result=False, log_prints=False)
async def verify_audit_log() -> State[None]:
    """Verify the audit log as an auditor would."""
    return await anyio.to_thread.run_sync(conclude, verify_log)


@flow(name=names.EVIDENCE_REPORT, persist_result=False, log_prints=False)
async def evidence_report() -> State[None]:
    """Write the evidence report of the month before."""
    return await anyio.to_thread.run_sync(conclude, write_report)


@flow(name=names.SCRUB, persist_result=False, log_prints=False)
async def scrub() -> State[None]:
    """Check both zones, one after the other."""
    return await anyio.to_thread.run_sync(
        conclude, *(functools.partial(check_zone, zone) for zone in _ZONES)
    )


def conclude(*checks: Callable[[], tuple[bool, str]]) -> State[None]:
    """Run checks, all of them, and return what Prefect shows: failed unless all went well."""
    found = [check() for check in checks]
    kind = prefect_states.Completed if all(good for good, _ in found) else prefect_states.Failed
    return kind(message="; ".join(text for _, text in found))


def _schedule() -> audit_service_pb2_grpc.AuditScheduleServiceStub:
    return audit_service_pb2_grpc.AuditScheduleServiceStub(
        task_context.current().peers.channel(identities.AUDIT)
    )
