# SPDX-License-Identifier: Apache-2.0
"""The flow that looks for recordings that are due and that no run holds.

Intake starts runs by itself. What it could not start, what a killed worker left, and what became
due because a study, a roster or an engine changed, is found here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection

import anyio.to_thread
import structlog
from prefect import flow, task

from flows import names, task_context
from flows.due import DueRecording, batches, list_pending
from flows.prefect_api import PrefectApi
from flows.settings import prefect_environment
from flows.submit import start
from services.common import context
from services.common.client import Peers
from services.registry import identities
from sotto.deidentification.v1 import deidentification_pb2, deidentification_service_pb2_grpc
from sotto.storage.v1 import pending_pb2, pending_service_pb2_grpc
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc

_log = structlog.get_logger(__name__)


@task(name="note-engines", persist_result=False, log_prints=False)
def note_engines() -> int:
    """Tell the store which engines are in use; return how many recordings that made due."""
    with context.acting(purpose="research", role="flow"):
        peers = task_context.current().peers
        return (
            _pending(peers)
            .PutEngines(pending_pb2.PutEnginesRequest(engines_sha256=engines_sha256(peers)))
            .marked
        )


@task(name="start-runs", persist_result=False, log_prints=False)
def start_runs() -> int:
    """Start runs for pending recordings that no run holds; return how many."""
    current = task_context.current()
    api = PrefectApi(prefect_environment(current.settings))
    # Held first: a run that starts after this list was made shows at worst as a second one, which
    # waits for the first and finds nothing to do.
    held = held_recordings(api)
    with context.acting(purpose="research", role="flow"):
        free = [
            one for one in list_pending(_pending(current.peers)) if one.recording_id not in held
        ]
    return start(api, batches(free, current.settings.recordings_at_once))


@flow(name=names.SWEEP, persist_result=False, log_prints=False, validate_parameters=False)
async def sweep() -> int:
    """Start runs for all that is due, and return how many."""
    return await anyio.to_thread.run_sync(run_steps, note_engines, start_runs)


def run_steps(note: Callable[[], int], start: Callable[[], int]) -> int:
    """Note the engines, then start runs. An engine that does not answer holds up nothing."""
    try:
        note()
    finally:
        started = start()
    if started:
        _log.info("sweep_started_runs", count=started)
    return started


def held_recordings(api: PrefectApi) -> Collection[str]:
    """Return the ids of the recordings that runs which are not over were started for."""
    return {
        DueRecording.read(one).recording_id
        for run in api.active_runs(names.PROCESS_RECORDINGS)
        for one in run.recordings
    }


def engines_sha256(peers: Peers) -> str:
    """Return a hash over names and versions of both engines, hexadecimal."""
    speech = transcription_service_pb2_grpc.TranscriptionServiceStub(
        peers.channel(identities.TRANSCRIPTION)
    ).DescribeEngine(transcription_pb2.DescribeEngineRequest())
    words = deidentification_service_pb2_grpc.DeidentificationServiceStub(
        peers.channel(identities.DEIDENTIFICATION)
    ).DescribeEngine(deidentification_pb2.DescribeEngineRequest())
    described = {
        "transcription": [
            speech.engine,
            speech.model,
            speech.model_sha256,
            speech.invents,
            speech.run_version,
        ],
        "deidentification": dict(words.versions),
    }
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def _pending(peers: Peers) -> pending_service_pb2_grpc.PendingServiceStub:
    return pending_service_pb2_grpc.PendingServiceStub(peers.channel(identities.CLINICAL))
