# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from prefect.states import Failed

from flows import recording_flow, task_context
from flows.recording_flow import Deidentified, Transcribed, is_retryable, read_to_result, run_stages
from flows.stages import Stage
from flows.task_context import TaskContext
from services.common import errors
from services.common.errors import (
    Cancelled,
    Erased,
    Internal,
    InvalidInput,
    SottoError,
    Unavailable,
)
from sotto.deidentification.v1 import deidentification_pb2
from sotto.transcription.v1 import transcription_pb2
from tests.unit.flows.fake_services import FakeServices, recording_id

IDS = ("s1", "P07", recording_id(0))
KEY = "0" * 32
OTHER_KEY = "1" * 32
ERRORS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, SottoError) and kind is not SottoError
]
SECRET = "Puan Halimah"


@pytest.fixture
def stopping(services: FakeServices) -> threading.Event:
    """Install the task context and return its event."""
    event = threading.Event()
    task_context.install(TaskContext(services.peers, event))
    return event


def progress(done: int, total: int) -> transcription_pb2.TranscribeResponse:
    """Return an update of the transcription service while it works."""
    return transcription_pb2.TranscribeResponse(
        progress=transcription_pb2.TranscribeProgress(done_ms=done, total_ms=total)
    )


TRANSCRIBED = transcription_pb2.TranscribeResponse(
    result=transcription_pb2.TranscribeResult(run_key=KEY, segments=7)
)
DEIDENTIFIED = deidentification_pb2.DeidentifyResponse(
    result=deidentification_pb2.DeidentifyResult(run_key=OTHER_KEY, replacements={"PERSON": 2})
)


@pytest.mark.usefixtures("stopping")
class TestIsRetryable:
    @pytest.mark.parametrize("kind", ERRORS)
    def test_every_error(self, stopping: threading.Event, kind: type[SottoError]) -> None:
        """Only what may succeed next time is retried, and nothing once the process stops."""
        state: Any = Failed(data=kind("a message"))
        unused: Any = None

        before = is_retryable(unused, unused, state)
        stopping.set()

        assert before is kind.retryable
        assert is_retryable(unused, unused, state) is False

    def test_retryable_errors(self) -> None:
        """The table of what is retried: no service, no room, no time, or somebody was faster."""
        assert {kind.__name__ for kind in ERRORS if kind.retryable} == {
            "Conflict", "Exhausted", "TimedOut", "Unavailable",
        }  # fmt: skip

    def test_defect_is_not_retried(self) -> None:
        """A defect is no better the second time."""
        state: Any = Failed(data=ValueError(SECRET))
        unused: Any = None

        assert is_retryable(unused, unused, state) is False

    @pytest.mark.parametrize("task", [recording_flow.transcribe, recording_flow.deidentify])
    def test_both_stages_are_retried_alike(self, task: Any) -> None:
        """A stage is tried again for about a minute, and its result stays out of Prefect."""
        assert task.retries == len(task.retry_delay_seconds) == 6
        assert 60 <= sum(task.retry_delay_seconds) <= 70
        assert task.retry_condition_fn is is_retryable
        assert task.persist_result is False
        assert task.log_prints is False


@pytest.mark.usefixtures("stopping")
class TestReadToResult:
    def _read(self, *updates: transcription_pb2.TranscribeResponse) -> list[float]:
        reported: list[float] = []
        found = read_to_result(
            updates,
            Stage.TRANSCRIPTION,
            lambda update: (update.progress.done_ms, update.progress.total_ms),
            reported.append,
        )
        assert found == TRANSCRIBED
        return reported

    def test_reports_in_steps(self) -> None:
        """The first progress is reported, then each 5 percent."""
        steps = [progress(done, 1000) for done in (0, 49, 50, 60, 99, 100, 900)]

        assert self._read(*steps, TRANSCRIBED) == [0.0, 5.0, 10.0, 90.0]

    def test_unknown_total(self) -> None:
        """Progress without a total is none."""
        assert self._read(progress(100, 0), progress(200, 0), TRANSCRIBED) == [0.0]

    def test_no_progress(self) -> None:
        """A result that was there already comes alone."""
        assert self._read(TRANSCRIBED) == []

    def test_end_without_result(self) -> None:
        """A stream that just ends is a defect of the service."""
        with pytest.raises(Internal, match="without a result"):
            self._read(progress(1, 2))

    def test_stopping(self, stopping: threading.Event) -> None:
        """A process that is about to stop reads no further."""
        stopping.set()

        with pytest.raises(Cancelled):
            self._read(progress(1, 2), TRANSCRIBED)


@pytest.mark.usefixtures("stopping")
class TestStages:
    def test_transcribe(self, services: FakeServices) -> None:
        """The service is asked by ids; what comes back is a run key and counts."""
        services.transcription.updates = [TRANSCRIBED]

        assert recording_flow.transcribe.fn(*IDS) == Transcribed(KEY, 7, False)
        [request] = services.transcription.requests
        assert (request.ref.study_id, request.ref.participant, request.ref.recording_id) == IDS

    def test_deidentify(self, services: FakeServices) -> None:
        """The run that was transcribed is the one that is de-identified."""
        services.deidentification.updates = [DEIDENTIFIED]

        assert recording_flow.deidentify.fn(*IDS, KEY) == Deidentified(
            OTHER_KEY, {"PERSON": 2}, False
        )
        [request] = services.deidentification.requests
        assert request.source_run_key == KEY
        assert request.ref.recording_id == IDS[2]


@pytest.mark.usefixtures("stopping")
class TestRunStages:
    def _run(self) -> Deidentified:
        return run_stages(IDS, recording_flow.transcribe.fn, recording_flow.deidentify.fn)

    def _failures(self, services: FakeServices) -> Sequence[tuple[str, str, str]]:
        found = [(one.ref.recording_id, one.failure) for one in services.clinical.failures]
        assert all(ref == IDS[2] for ref, _ in found)
        return [(failure.stage, failure.reason, failure.message) for _, failure in found]

    def test_one_after_the_other(self, services: FakeServices) -> None:
        """Both stages run, and no failure is written."""
        services.transcription.updates = [TRANSCRIBED]
        services.deidentification.updates = [DEIDENTIFIED]

        assert self._run().run_key == OTHER_KEY
        assert services.deidentification.requests[0].source_run_key == KEY
        assert not services.clinical.failures

    @pytest.mark.parametrize("stage", list(Stage))
    def test_failure_is_written_by_its_stage(self, services: FakeServices, stage: Stage) -> None:
        """The catalogue tells which stage failed, with status and message."""
        services.transcription.updates = [TRANSCRIBED]
        engine: Any = (
            services.transcription if stage is Stage.TRANSCRIPTION else services.deidentification
        )
        engine.updates = ()
        engine.error = InvalidInput("it is no audio; convert it", reason="no_audio")

        with pytest.raises(InvalidInput):
            self._run()

        assert self._failures(services) == [
            (stage, "INVALID_ARGUMENT", "it is no audio; convert it")
        ]

    def test_message_is_cut_to_what_the_contract_takes(self, services: FakeServices) -> None:
        """A long message is written as far as it goes."""
        services.transcription.error = InvalidInput("x" * 600)

        with pytest.raises(InvalidInput):
            self._run()

        assert self._failures(services)[0][2] == "x" * 500

    @pytest.mark.parametrize("error", [Erased("withdrawn"), Cancelled("given up")])
    def test_no_failure_of_the_recording(self, services: FakeServices, error: SottoError) -> None:
        """Withdrawal and cancellation are no failures of a recording."""
        services.transcription.error = error

        with pytest.raises(type(error)):
            self._run()

        assert not services.clinical.failures

    def test_nothing_is_written_while_stopping(
        self, services: FakeServices, stopping: threading.Event
    ) -> None:
        """What breaks because the process stops goes on at the next start."""

        def transcribe(*_ids: str) -> Transcribed:
            stopping.set()
            raise Unavailable("the service stopped too")

        with pytest.raises(Unavailable):
            run_stages(IDS, transcribe, recording_flow.deidentify.fn)

        assert not services.clinical.failures

    def test_defect_is_written_without_its_text(self, services: FakeServices) -> None:
        """The text of a defect may be content: the catalogue gets none of it."""

        def transcribe(*_ids: str) -> Transcribed:
            raise ValueError(SECRET)

        with pytest.raises(ValueError, match=SECRET):
            run_stages(IDS, transcribe, recording_flow.deidentify.fn)

        [(stage, reason, message)] = self._failures(services)
        assert (stage, reason) == (Stage.TRANSCRIPTION, "INTERNAL")
        assert SECRET not in message

    def test_failure_that_cannot_be_written(self, services: FakeServices) -> None:
        """The error of the stage is the one that is raised; the worker will try again."""
        services.transcription.error = InvalidInput("it is no audio")
        services.clinical.error = Unavailable("the store is not there", reason="store")

        with pytest.raises(InvalidInput, match="it is no audio"):
            self._run()
