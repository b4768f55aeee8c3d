# SPDX-License-Identifier: Apache-2.0
"""The flow of one recording: a task per stage. Prefect sees ids, counts and states, nothing else.

What is done is remembered in the stores, not in Prefect: a rerun asks each service again, which
answers at once with what exists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast
from uuid import UUID

import structlog
from prefect import flow, task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.tasks import exponential_backoff

from flows import task_context
from flows.stages import Stage, progress_key
from services.common import context
from services.common.errors import Cancelled, Erased, Internal, SottoError
from services.registry import identities
from services.storage_client.catalog import recording_ref
from sotto.deidentification.v1 import deidentification_pb2, deidentification_service_pb2_grpc
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc, recording_pb2
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc

if TYPE_CHECKING:
    from prefect import State
    from prefect.client.schemas.objects import TaskRun
    from prefect.tasks import Task

_log = structlog.get_logger(__name__)

# A stage that failed for a reason that may pass is run again after 1, 2, 4, ... seconds: for about
# a minute in all.
RETRIES = 6
_RETRY_DELAYS = exponential_backoff(backoff_factor=1)

_PROGRESS_STEP = 5.0
_MOST_MESSAGE = 500

Ids = tuple[str, str, str]
"""The names of a recording: study id, participant code, recording id."""

_Update = TypeVar(
    "_Update", transcription_pb2.TranscribeResponse, deidentification_pb2.DeidentifyResponse
)


@dataclass(frozen=True, slots=True)
class Transcribed:
    """The result of transcription: ids and counts."""

    run_key: str
    segments: int
    existed: bool


@dataclass(frozen=True, slots=True)
class Deidentified:
    """The result of de-identification: ids and counts by entity type."""

    run_key: str
    replacements: dict[str, int]
    existed: bool


def is_retryable(_task: Task[..., object], _run: TaskRun, state: State[object]) -> bool:
    """Retry what may succeed next time, unless the process is about to stop."""
    error = state.result(raise_on_failure=False)
    stopping = task_context.current().stopping
    return isinstance(error, SottoError) and error.retryable and not stopping.is_set()


@task(
    name="transcribe",
    retries=RETRIES,
    retry_delay_seconds=_RETRY_DELAYS,
    retry_condition_fn=is_retryable,
    persist_result=False,
    log_prints=False,
)
def transcribe(study_id: str, participant: str, recording_id: str) -> Transcribed:
    """Have the recording transcribed."""
    stub = transcription_service_pb2_grpc.TranscriptionServiceStub(
        task_context.current().peers.channel(identities.TRANSCRIPTION)
    )
    request = transcription_pb2.TranscribeRequest(
        ref=recording_ref(study_id, participant, recording_id)
    )
    artifact = _ProgressArtifact(recording_id, Stage.TRANSCRIPTION)
    with context.acting(purpose="research", role="flow"):
        result = read_to_result(
            stub.Transcribe(request),
            Stage.TRANSCRIPTION,
            lambda update: (update.progress.done_ms, update.progress.total_ms),
            artifact.report,
        ).result
    artifact.complete()
    return Transcribed(result.run_key, result.segments, result.existed)


@task(
    name="deidentify",
    retries=RETRIES,
    retry_delay_seconds=_RETRY_DELAYS,
    retry_condition_fn=is_retryable,
    persist_result=False,
    log_prints=False,
)
def deidentify(
    study_id: str, participant: str, recording_id: str, source_run_key: str
) -> Deidentified:
    """Have the transcript de-identified."""
    stub = deidentification_service_pb2_grpc.DeidentificationServiceStub(
        task_context.current().peers.channel(identities.DEIDENTIFICATION)
    )
    request = deidentification_pb2.DeidentifyRequest(
        ref=recording_ref(study_id, participant, recording_id), source_run_key=source_run_key
    )
    artifact = _ProgressArtifact(recording_id, Stage.DEIDENTIFICATION)
    with context.acting(purpose="research", role="flow"):
        result = read_to_result(
            stub.Deidentify(request),
            Stage.DEIDENTIFICATION,
            lambda update: (update.progress.done, update.progress.total),
            artifact.report,
        ).result
    artifact.complete()
    return Deidentified(result.run_key, dict(result.replacements), result.existed)


@flow(
    name="process-recording",
    flow_run_name="{recording_id}",
    persist_result=False,
    log_prints=False,
    validate_parameters=False,
)
def process_recording(study_id: str, participant: str, recording_id: str) -> Deidentified:
    """Take one sealed recording to a de-identified transcript.

    A failure that retries do not cure is written to the catalogue, where people look for it.
    """
    return run_stages((study_id, participant, recording_id), transcribe, deidentify)


def run_stages(
    ids: Ids,
    transcribe: Callable[[str, str, str], Transcribed],
    deidentify: Callable[[str, str, str, str], Deidentified],
) -> Deidentified:
    """Run the stages of a recording in their order, and write down the failure of one.

    Nothing is written when the participant withdrew, or when the stage was cancelled because the
    process is about to stop: the recording is then taken up again.
    """
    stage = Stage.TRANSCRIPTION
    try:
        transcribed = transcribe(*ids)
        stage = Stage.DEIDENTIFICATION
        return deidentify(*ids, transcribed.run_key)
    except Erased:
        _log.info("recording_erased", recording_id=ids[2], stage=stage)
        raise
    except SottoError as error:
        if not (task_context.current().stopping.is_set() or isinstance(error, Cancelled)):
            _put_failure(ids, stage, error)
        raise
    except Exception as error:
        _log.error("stage_failed", recording_id=ids[2], stage=stage, exc_info=error)
        _put_failure(ids, stage, Internal("an internal error of the flow; see the worker's log"))
        raise


def read_to_result(
    updates: Iterable[_Update],
    stage: Stage,
    progress: Callable[[_Update], tuple[int, int]],
    report: Callable[[float], None],
) -> _Update:
    """Read a stream of updates to the one with the result, and return that.

    `progress` returns how much of an update's work is done, and of how much; `report` is called
    with the percentage, in steps of 5 or more. Raises Cancelled when the process is about to stop,
    Internal when the stream ends without a result.
    """
    reported = -_PROGRESS_STEP
    for update in updates:
        if task_context.current().stopping.is_set():
            raise Cancelled("the worker is stopping; the stage goes on when it is back")
        if update.HasField("result"):
            return update
        done, total = progress(update)
        percent = round(100.0 * done / total, 1) if total else 0.0
        if percent - reported >= _PROGRESS_STEP:
            reported = percent
            report(percent)
    raise Internal(f"{stage} ended without a result; try again")


class _ProgressArtifact:
    """The progress of a stage as Prefect shows it; made by the first report."""

    def __init__(self, recording_id: str, stage: Stage) -> None:
        self._key = progress_key(recording_id, stage)
        self._stage = stage
        self._id: UUID | None = None

    def report(self, percent: float) -> None:
        if self._id is None:
            made = create_progress_artifact(
                progress=percent, key=self._key, description=self._stage
            )
            self._id = cast("UUID", made)  # the call is synchronous here
        else:
            update_progress_artifact(self._id, progress=percent)

    def complete(self) -> None:
        """Report 100 percent, unless nothing was reported at all."""
        if self._id is not None:
            self.report(100.0)


def _put_failure(ids: Ids, stage: Stage, error: SottoError) -> None:
    """Write a failure to the catalogue; one that cannot be written is only logged."""
    stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(
        task_context.current().peers.channel(identities.CLINICAL)
    )
    failure = recording_pb2.StageFailure(
        stage=stage, reason=error.status, message=error.message[:_MOST_MESSAGE]
    )
    try:
        stub.PutFailure(catalog_pb2.PutFailureRequest(ref=recording_ref(*ids), failure=failure))
    except SottoError as problem:
        # The worker will find the recording unfinished and try it again.
        _log.warning("failure_not_recorded", recording_id=ids[2], reason=problem.reason)
