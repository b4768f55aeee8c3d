# SPDX-License-Identifier: Apache-2.0
"""The flow of one recording: a task per stage. Prefect sees ids, counts and states, nothing else.

What is done is remembered in the stores, not in Prefect: a rerun asks each service again and is
told at once what exists.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

import structlog
from prefect import flow, task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.tasks import exponential_backoff

from services.common import context
from services.common.client import Peers
from services.common.errors import Cancelled, Erased, Internal, SottoError
from services.registry import identities
from sotto.deidentification.v1 import deidentification_pb2, deidentification_service_pb2_grpc
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc, recording_pb2
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc

_log = structlog.get_logger(__name__)


class House:
    """What tasks need of the process that they run in. One process serves one house."""

    peers: Peers
    stopping: threading.Event

    @classmethod
    def open(cls, peers: Peers, stopping: threading.Event) -> None:
        """Set up for all tasks of this process."""
        cls.peers, cls.stopping = peers, stopping


def _is_retryable(_task: Any, _run: Any, state: Any) -> bool:
    """Retry what may go better next time, unless the process is about to stop."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, SottoError) and error.retryable and not House.stopping.is_set()


# How every stage is run: what may go better next time is tried again, for about a minute.
_STAGE: dict[str, Any] = {
    "retries": 6,
    "retry_delay_seconds": exponential_backoff(backoff_factor=1),
    "retry_condition_fn": _is_retryable,
    "persist_result": False,
    "log_prints": False,
}


@task(name="transcribe", **_STAGE)
def transcribe(study_id: str, participant: str, recording_id: str) -> dict[str, Any]:
    """Have the recording transcribed; returns run key and number of segments."""
    stub = transcription_service_pb2_grpc.TranscriptionServiceStub(
        House.peers.channel(identities.TRANSCRIPTION)
    )
    request = transcription_pb2.TranscribeRequest(ref=_ref(study_id, participant, recording_id))
    with context.acting(purpose="research", role="flow"):
        result = _follow(
            stub.Transcribe(request),
            recording_id,
            "transcription",
            lambda update: (update.done_ms, update.total_ms),
        )
    return {"run_key": result.run_key, "segments": result.segments, "existed": result.existed}


@task(name="deidentify", **_STAGE)
def deidentify(
    study_id: str, participant: str, recording_id: str, source_run_key: str
) -> dict[str, Any]:
    """Have the transcript de-identified; returns run key, counts by entity type and risk."""
    stub = deidentification_service_pb2_grpc.DeidentificationServiceStub(
        House.peers.channel(identities.DEIDENTIFICATION)
    )
    request = deidentification_pb2.DeidentifyRequest(
        ref=_ref(study_id, participant, recording_id), source_run_key=source_run_key
    )
    with context.acting(purpose="research", role="flow"):
        result = _follow(
            stub.Deidentify(request),
            recording_id,
            "deidentification",
            lambda update: (update.done, update.total),
        )
    return {
        "run_key": result.run_key,
        "replacements": dict(result.replacements),
        "needs_review": result.needs_review,
        "existed": result.existed,
    }


@flow(
    name="process-recording",
    flow_run_name="{recording_id}",
    persist_result=False,
    log_prints=False,
    validate_parameters=False,
)
def process_recording(study_id: str, participant: str, recording_id: str) -> dict[str, Any]:
    """Take one sealed recording to a de-identified transcript.

    A failure that a retry does not mend is written to the catalogue, where people look for it.
    """
    ids = (study_id, participant, recording_id)
    stage = "transcription"
    try:
        transcribed = transcribe(*ids)
        stage = "deidentification"
        done = deidentify(*ids, transcribed["run_key"])
    except Erased:
        _log.info("recording_erased", recording_id=recording_id, stage=stage)
        raise
    except SottoError as error:
        if not (House.stopping.is_set() or isinstance(error, Cancelled)):
            _put_failure(ids, stage, error)
        raise
    except Exception as error:
        _log.error("stage_failed", recording_id=recording_id, stage=stage, exc_info=error)
        _put_failure(ids, stage, Internal("an internal error of the flow; see the worker's log"))
        raise
    return {"segments": transcribed["segments"], "replacements": done["replacements"]}


def _follow(updates: Iterable[Any], recording_id: str, stage: str, measure: Any) -> Any:
    """Read a stream of progress to its result; shows progress as an artifact of the run."""
    artifact: UUID | None = None
    shown = -1.0
    for update in updates:
        if House.stopping.is_set():
            msg = "the worker is stopping; the stage goes on when it is back"
            raise Cancelled(msg)
        if update.HasField("result"):
            if artifact is not None:
                update_progress_artifact(artifact, progress=100.0)
            return update.result
        done, total = measure(update.progress)
        percent = round(100.0 * done / total, 1) if total else 0.0
        if percent - shown >= 5.0:
            shown = percent
            if artifact is None:
                artifact = cast(
                    "UUID",  # the call is synchronous here
                    create_progress_artifact(
                        progress=percent, key=f"{recording_id}-{stage}", description=stage
                    ),
                )
            else:
                update_progress_artifact(artifact, progress=percent)
    msg = f"{stage} ended without a result; try again"
    raise Internal(msg)


def _put_failure(ids: tuple[str, str, str], stage: str, error: SottoError) -> None:
    stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(
        House.peers.channel(identities.CLINICAL)
    )
    failure = recording_pb2.StageFailure(
        stage=stage, reason=error.status, message=error.message[:500]
    )
    try:
        stub.PutFailure(catalog_pb2.PutFailureRequest(ref=_ref(*ids), failure=failure))
    except SottoError as problem:
        # The worker will find the recording unfinished and try it again.
        _log.warning("failure_not_recorded", recording_id=ids[2], reason=problem.reason)


def _ref(study_id: str, participant: str, recording_id: str) -> recording_pb2.RecordingRef:
    return recording_pb2.RecordingRef(
        study_id=study_id, participant=participant, recording_id=recording_id
    )
