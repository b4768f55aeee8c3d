# SPDX-License-Identifier: Apache-2.0
"""Starts flow runs for recordings that may have work due; imports no Prefect, to be quick."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from flows import names
from flows.due import Batch, batches, list_pending
from flows.prefect_api import PrefectApi
from flows.settings import prefect_environment, settings_of
from services.common.client import Peers
from services.common.installation import Installation
from services.registry import identities
from sotto.storage.v1 import pending_service_pb2_grpc, recording_pb2

# Enough of a hash that no two sets of marks meet.
_KEY_DIGITS = 32


def submit(
    installation: Installation, peers: Peers, refs: Iterable[recording_pb2.RecordingRef]
) -> int:
    """Have runs started for these recordings; return how many.

    Those that are not on the list of pending recordings have nothing due and are left out. The
    same call again starts nothing more. Raises Unavailable when the scheduler cannot be reached,
    and NotFound before its first worker started: then the next sweep takes the recordings.
    """
    settings = settings_of(installation)
    api = PrefectApi(prefect_environment(settings))
    stub = pending_service_pb2_grpc.PendingServiceStub(peers.channel(identities.CLINICAL))
    wanted = {(ref.study_id, ref.participant, ref.recording_id) for ref in refs}
    due = [
        one
        for study_id in sorted({study_id for study_id, *_ in wanted})
        for one in list_pending(stub, study_id)
        if (*one.owner, one.recording_id) in wanted
    ]
    return start(api, batches(due, settings.recordings_at_once))


def start(api: PrefectApi, wanted: Iterable[Batch]) -> int:
    """Start a run for each batch, unless one for the very same is at it; return how many."""
    count = 0
    for batch in wanted:
        owners = sorted({due.owner for due in batch})
        first, last = owners[0], owners[-1]
        key = _hash(",".join(f"{due.recording_id}@{due.mark}" for due in batch))
        while True:
            run = api.create_run(
                names.PROCESS_RECORDINGS,
                f"{first[0]} {first[1]}" + (f" to {last[1]}" if last != first else ""),
                {"recordings": [due.parameter() for due in batch]},
                idempotency_key=key,
                tags=[names.participant_tag(*owner) for owner in owners],
            )
            if run.is_active:
                break
            # It is over, and the recordings are pending all the same: it crashed, or was cancelled.
            key = _hash(f"{key} after {run.id}")
        count += 1
    return count


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_KEY_DIGITS]
