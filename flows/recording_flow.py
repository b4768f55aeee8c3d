# SPDX-License-Identifier: Apache-2.0
"""The flow of recordings that are due: one after the other, a task per stage.

Prefect sees ids, counts and states, nothing else. What is done is remembered in the stores, not in
Prefect: a task asks its service which run is wanted now, and works only where that one is not
there. So what a run left behind is taken up by any other run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import anyio.to_thread
import structlog
from prefect import flow, task
from prefect import states as prefect_states
from prefect.tasks import exponential_backoff

from flows import names, task_context
from flows.due import DueRecording, RecordingIds
from flows.stage_calls import Report, StageCalls
from services.common import context
from services.common.errors import Cancelled, Erased, Internal, SottoError
from services.recordings_client.stages import Stage

if TYPE_CHECKING:
    from prefect import Task
    from prefect.client.schemas.objects import State, TaskRun

_log = structlog.get_logger(__name__)

# A stage that failed for a reason that may pass is run again after 1, 2, 4, ... seconds: for about
# a minute in all.
RETRIES = 6
_RETRY_DELAYS = exponential_backoff(backoff_factor=1)


def is_retryable(_task: Task[..., object], _run: TaskRun, state: State[object]) -> bool:
    """Retry what may succeed next time, unless the run is to stop."""
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
def transcribe(recording: RecordingIds) -> str:
    """Have the recording transcribed, unless that was done; return the key of the transcript."""
    with context.acting(purpose="research", role="flow"):
        calls = _calls()
        report = _reporting(recording, Stage.TRANSCRIPTION)
        return calls.finished_transcript(recording) or calls.transcribe(recording, report)


@task(
    name="deidentify",
    retries=RETRIES,
    retry_delay_seconds=_RETRY_DELAYS,
    retry_condition_fn=is_retryable,
    persist_result=False,
    log_prints=False,
)
def deidentify(recording: RecordingIds, transcript: str) -> str:
    """Have the transcript de-identified, unless that was done; return the key of the run."""
    with context.acting(purpose="research", role="flow"):
        calls = _calls()
        report = _reporting(recording, Stage.DEIDENTIFICATION)
        return calls.finished_run(recording, transcript) or calls.deidentify(
            recording, transcript, report
        )


@task(
    name="apply-review-rule",
    retries=RETRIES,
    retry_delay_seconds=_RETRY_DELAYS,
    retry_condition_fn=is_retryable,
    persist_result=False,
    log_prints=False,
)
def apply_review_rule(recording: RecordingIds, run: str, mark: int) -> None:
    """Have the policy's rule applied to the run, and the recording taken off the list."""
    with context.acting(purpose="research", role="flow"):
        calls = _calls()
        _reporting(recording, Stage.REVIEW_RULE)
        calls.apply_review_rule(recording, run)
        calls.settle(recording, mark)


@flow(
    name=names.PROCESS_RECORDINGS, persist_result=False, log_prints=False, validate_parameters=False
)
async def process_recordings(recordings: Sequence[Mapping[str, object]]) -> State[None]:
    """Take recordings to reviewed transcripts, one after the other."""
    return await anyio.to_thread.run_sync(run_recordings, recordings, run_stages)


def run_recordings(
    recordings: Sequence[Mapping[str, object]], run: Callable[[DueRecording], None]
) -> State[None]:
    """Run the stages of each recording and return what Prefect shows of it.

    They are in the order of participants and interviews, so that pseudonyms are numbered in the
    order of the interviews on every run. One that fails does not hold up the next.
    """
    done = failed = 0
    board = task_context.current().board
    in_order = sorted(DueRecording.read(one) for one in recordings)
    with board.holding(in_order):
        for due in in_order:
            if task_context.current().stopping.is_set():
                break
            try:
                with board.working(due):
                    run(due)
                done += 1
            except Erased:
                _log.info("recording_erased", recording_id=due.recording_id)
            except Cancelled:
                _log.info("recording_interrupted", recording_id=due.recording_id)
            except SottoError as error:
                failed += 1
                _log.warning("recording_failed", recording_id=due.recording_id, reason=error.reason)
    message = f"{done} of {len(recordings)} recordings done, {failed} failed"
    if task_context.current().stopping.is_set():
        return prefect_states.Cancelled(message=f"stopped: {message}")
    return (prefect_states.Failed if failed else prefect_states.Completed)(message=message)


def run_stages(
    due: DueRecording,
    *,
    transcribe: Callable[[RecordingIds], str] = transcribe,
    deidentify: Callable[[RecordingIds, str], str] = deidentify,
    apply_review_rule: Callable[[RecordingIds, str, int], None] = apply_review_rule,
) -> None:
    """Run the stages of a recording in their order, and write down the failure of one.

    Nothing is written when the participant withdrew, or when the run is to stop: the recording is
    then taken up again by another one. Raises the error of a stage; Internal for one not of ours.
    """
    recording = due.ids
    stage = Stage.TRANSCRIPTION
    try:
        transcript = transcribe(recording)
        stage = Stage.DEIDENTIFICATION
        run = deidentify(recording, transcript)
        stage = Stage.REVIEW_RULE
        apply_review_rule(recording, run, due.mark)
    except Erased:
        raise
    except SottoError as error:
        if not (task_context.current().stopping.is_set() or isinstance(error, Cancelled)):
            _put_failure(due, stage, error)
        raise
    except Exception as error:
        _log.error("stage_failed", recording_id=recording.recording_id, stage=stage, exc_info=error)
        problem = Internal("an internal error of the flow; see the worker's log")
        _put_failure(due, stage, problem)
        raise problem from error


def _calls() -> StageCalls:
    current = task_context.current()
    return StageCalls(current.peers, current.stopping)


def _reporting(recording: RecordingIds, stage: Stage) -> Report:
    """Note on the worker's board that a stage begins; return what notes how far it is."""
    board = task_context.current().board
    board.stage(recording, stage)
    return partial(board.progress, recording)


def _put_failure(due: DueRecording, stage: Stage, error: SottoError) -> None:
    """Write a failure to the catalogue; one that cannot be written is only logged."""
    try:
        with context.acting(purpose="research", role="flow"):
            _calls().put_failure(due.ids, stage, error, due.mark)
    except SottoError as problem:
        # The recording stays on the list of pending ones, and the next sweep tries it again.
        _log.warning("failure_not_recorded", recording_id=due.recording_id, reason=problem.reason)
