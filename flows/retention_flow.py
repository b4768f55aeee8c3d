# SPDX-License-Identifier: Apache-2.0
"""The flow that applies the studies' rules of retention once a day. Prefect sees counts alone."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import structlog
from prefect import flow, task

from flows import retention
from flows.recording import House
from services.common import context

_log = structlog.get_logger(__name__)


@task(name="plan-retention", persist_result=False, log_prints=False)
def look() -> dict[str, int]:
    """Count what the rules say, and delete nothing."""
    planned = retention.plan(House.peers, dt.datetime.now(dt.UTC))
    return dict(Counter(one.state for one in planned))


@task(name="delete-content", persist_result=False, log_prints=False)
def delete() -> dict[str, int]:
    """Delete what is due; count what came of it."""
    planned = retention.plan(House.peers, dt.datetime.now(dt.UTC))
    return dict(Counter(one.state for one in retention.apply(House.peers, planned)))


@flow(name="apply-retention", persist_result=False, log_prints=False, validate_parameters=False)
def apply_retention(dry_run: bool) -> dict[str, int]:
    """Look first, then delete unless this is a dry run; returns counts by state."""
    with context.acting(purpose="retention", role="flow"):
        counts = look()
        _log.info("retention_planned", counts=counts)
        if dry_run or not counts.get("due"):
            return counts
        counts = delete()
        _log.info("retention_applied", counts=counts)
    return counts
