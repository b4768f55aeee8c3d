# SPDX-License-Identifier: Apache-2.0
"""The flow that applies the studies' rules of retention, and ends uploads that nobody finished.

Prefect sees counts alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import anyio.to_thread
import structlog
from prefect import flow, task

from flows import names, retention, task_context
from flows.retention import RetentionState
from services.common import context
from services.registry import identities
from sotto.storage.v1 import upload_pb2, upload_service_pb2_grpc

_log = structlog.get_logger(__name__)


@task(name="plan-retention", persist_result=False, log_prints=False)
def count_by_state() -> dict[str, int]:
    """Count the recordings by what the rules ask for, and delete nothing."""
    planned = retention.plan(task_context.current().peers)
    return dict(Counter(entry.state.value for entry in planned))


@task(name="delete-content", persist_result=False, log_prints=False)
def delete_due() -> dict[str, int]:
    """Delete the content of recordings that are due, and count all by their state after it."""
    peers = task_context.current().peers
    planned = retention.plan(peers)
    return dict(Counter(entry.state.value for entry in retention.apply(peers, planned)))


@task(name="end-uploads", persist_result=False, log_prints=False)
def end_uploads() -> int:
    """Delete what is left of uploads that nobody finished for a day; return how many."""
    channel = task_context.current().peers.channel(identities.CLINICAL)
    stub = upload_service_pb2_grpc.UploadExpiryServiceStub(channel)
    return stub.EndUploads(upload_pb2.EndUploadsRequest()).ended


@flow(name=names.APPLY_RETENTION, persist_result=False, log_prints=False, validate_parameters=False)
async def apply_retention(dry_run: bool = False) -> dict[str, int]:
    """Count first, then delete unless this is a dry run; return the counts by state."""
    return await anyio.to_thread.run_sync(
        run_steps, dry_run, count_by_state, delete_due, end_uploads
    )


def run_steps(
    dry_run: bool,
    count: Callable[[], dict[str, int]],
    delete: Callable[[], dict[str, int]],
    end: Callable[[], int] = lambda: 0,
) -> dict[str, int]:
    """Run the steps of the flow: nothing is deleted in a dry run, or when nothing is due."""
    with context.acting(purpose="retention", role="flow"):
        if not dry_run and (ended := end()):
            _log.info("uploads_ended", count=ended)
        counts = count()
        _log.info("retention_planned", counts=counts)
        if dry_run or not counts.get(RetentionState.DUE):
            return counts
        counts = delete()
        _log.info("retention_applied", counts=counts)
    return counts
