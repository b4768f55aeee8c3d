# SPDX-License-Identifier: Apache-2.0
"""Names by which Prefect knows our work pool and deployments. Commands use them without Prefect."""

from __future__ import annotations

WORK_POOL = "sotto"
WORKER_TYPE = "sotto"

PROCESS_RECORDINGS = "process-recordings"
SWEEP = "sweep"
APPLY_RETENTION = "apply-retention"
VERIFY_AUDIT_LOG = "verify-audit-log"
EVIDENCE_REPORT = "evidence-report"
SCRUB = "scrub"

PARTICIPANT = "participant:"
"""How the tag of runs that work on a participant's recordings begins."""


def deployment(flow: str) -> str:
    """Return the full name of the one deployment of a flow: flow and deployment share a name."""
    return f"{flow}/{flow}"


def participant_tag(study_id: str, participant: str) -> str:
    """Return the tag of runs that work on a participant's recordings."""
    return f"{PARTICIPANT}{study_id}/{participant}"
