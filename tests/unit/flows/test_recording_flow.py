# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from typing import Any

import pytest
from prefect.states import Failed

from flows import recording_flow
from flows.due import DueRecording
from flows.recording_flow import is_retryable, run_recordings, run_stages
from services.common import errors
from services.common.errors import (
    Cancelled,
    Erased,
    Internal,
    InvalidInput,
    SottoError,
    Unavailable,
)
from services.recordings_client.stages import Stage
from tests.unit.flows.fake_services import FakeServices, recording_id

ERRORS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, SottoError) and kind is not SottoError
]
SECRET = "Puan Halimah"
DUE = DueRecording("s1", "P07", 1, recording_id(0), 1)


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

    @pytest.mark.parametrize(
        "task",
        [recording_flow.transcribe, recording_flow.deidentify, recording_flow.apply_review_rule],
    )
    def test_all_stages_are_retried_alike(self, task: Any) -> None:
        """A stage is tried again for about a minute, and its result stays out of Prefect."""
        assert task.retries == len(task.retry_delay_seconds) == 6
        assert 60 <= sum(task.retry_delay_seconds) <= 70
        assert task.retry_condition_fn is is_retryable
        assert task.persist_result is False
        assert task.log_prints is False


def run(due: DueRecording = DUE, **stages: Any) -> None:
    """Run the stages of a recording without Prefect."""
    given = {
        "transcribe": recording_flow.transcribe.fn,
        "deidentify": recording_flow.deidentify.fn,
        "apply_review_rule": recording_flow.apply_review_rule.fn,
        **stages,
    }
    run_stages(due, **given)


def failures(services: FakeServices) -> list[tuple[str, str, str]]:
    """Return what was written about failures of the recording."""
    found = [(one.ref.recording_id, one.failure) for one in services.clinical.failures]
    assert all(ref == DUE.recording_id for ref, _ in found)
    return [(failure.stage, failure.reason, failure.message) for _, failure in found]


@pytest.mark.usefixtures("stopping")
class TestRunStages:
    def test_one_after_the_other(self, services: FakeServices) -> None:
        """All stages run, each on what the one before made, and the recording is settled."""
        services.clinical.add(0)

        run()

        assert [one.ref.recording_id for one in services.transcription.requests] == [
            recording_id(0)
        ]
        assert services.deidentification.requests[0].source_run_key == services.transcription.wanted
        assert services.release.requests[0].run_key == services.deidentification.wanted
        assert not services.clinical.failures
        assert not services.clinical.marks

    def test_what_is_done_is_not_done_again(self, services: FakeServices) -> None:
        """A recording whose wanted runs are there is settled without asking an engine to work."""
        services.clinical.add(0)
        run()
        services.clinical.mark(recording_id(0))

        run(DueRecording("s1", "P07", 1, recording_id(0), 1))

        assert len(services.transcription.requests) == 1
        assert len(services.deidentification.requests) == 1
        assert not services.clinical.marks

    def test_another_policy_asks_for_deidentification_alone(self, services: FakeServices) -> None:
        """A run under an old policy does not count, and the transcript is not made again."""
        services.clinical.add(0)
        run()
        services.deidentification.wanted = "c" * 32

        run()

        assert len(services.transcription.requests) == 1
        assert len(services.deidentification.requests) == 2
        assert services.release.requests[-1].run_key == "c" * 32

    def test_an_earlier_policy_again(self, services: FakeServices) -> None:
        """The service is asked for a run that is there and not the newest, to make it that."""
        services.clinical.add(0)
        wanted = services.deidentification.wanted
        run()
        services.deidentification.wanted = "c" * 32
        run()
        services.deidentification.wanted = wanted

        run()

        assert len(services.deidentification.requests) == 3
        assert services.release.requests[-1].run_key == wanted

    def test_another_model_asks_for_all(self, services: FakeServices) -> None:
        """A transcript of another model does not count, nor what was made of it."""
        services.clinical.add(0)
        run()
        services.transcription.wanted = "d" * 32
        services.deidentification.wanted = "e" * 32

        run()

        assert services.deidentification.requests[-1].source_run_key == "d" * 32
        assert len(services.transcription.requests) == 2

    def test_content_that_was_deleted(self, services: FakeServices) -> None:
        """Where the recording itself is gone, its last transcript is what there is."""
        services.clinical.add(0)
        run()
        services.transcription.wanted = "d" * 32
        services.transcription.content_deleted = True
        services.deidentification.wanted = "e" * 32

        run()

        assert len(services.transcription.requests) == 1
        assert services.deidentification.requests[-1].source_run_key == "a" * 32

    def test_mark_that_came_meanwhile_stays(self, services: FakeServices) -> None:
        """What was marked after the run was started is looked at by another run."""
        services.clinical.add(0)
        services.clinical.mark(recording_id(0))

        run()

        assert services.clinical.marks == {recording_id(0): 2}

    def test_failure_leaves_a_mark_that_came_meanwhile(self, services: FakeServices) -> None:
        """What was put right while it failed is tried by another run."""
        services.clinical.add(0)
        services.clinical.mark(recording_id(0))
        services.transcription.error = InvalidInput("it is no audio; convert it")

        with pytest.raises(InvalidInput):
            run()

        assert len(failures(services)) == 1
        assert services.clinical.marks == {recording_id(0): 2}

    @pytest.mark.parametrize("stage", list(Stage))
    def test_failure_is_written_by_its_stage(self, services: FakeServices, stage: Stage) -> None:
        """The catalogue tells which stage failed, with status and message."""
        services.clinical.add(0)
        engine: Any = {
            Stage.TRANSCRIPTION: services.transcription,
            Stage.DEIDENTIFICATION: services.deidentification,
            Stage.REVIEW_RULE: services.release,
        }[stage]
        engine.error = InvalidInput("it is no audio; convert it", reason="no_audio")

        with pytest.raises(InvalidInput):
            run()

        assert failures(services) == [(stage, "INVALID_ARGUMENT", "it is no audio; convert it")]

    def test_message_is_cut_to_what_the_contract_takes(self, services: FakeServices) -> None:
        """A long message is written as far as it goes."""
        services.clinical.add(0)
        services.transcription.error = InvalidInput("x" * 600)

        with pytest.raises(InvalidInput):
            run()

        assert failures(services)[0][2] == "x" * 500

    @pytest.mark.parametrize("error", [Erased("withdrawn"), Cancelled("given up")])
    def test_no_failure_of_the_recording(self, services: FakeServices, error: SottoError) -> None:
        """Withdrawal and cancellation are no failures of a recording."""
        services.clinical.add(0)
        services.transcription.error = error

        with pytest.raises(type(error)):
            run()

        assert not services.clinical.failures

    def test_withdrawn_before_it_began(self, services: FakeServices) -> None:
        """A recording of somebody who withdrew is not worked on."""
        services.clinical.add(0)
        services.clinical.recordings[0].erased = True

        with pytest.raises(Erased):
            run()

        assert not services.transcription.requests

    def test_nothing_is_written_while_stopping(
        self, services: FakeServices, stopping: threading.Event
    ) -> None:
        """What breaks because the process stops goes on at the next start."""

        def transcribe(*_: object) -> str:
            stopping.set()
            raise Unavailable("the service stopped too")

        with pytest.raises(Unavailable):
            run(transcribe=transcribe)

        assert not services.clinical.failures

    def test_defect_is_written_without_its_text(self, services: FakeServices) -> None:
        """The text of a defect may be content: neither the catalogue nor Prefect gets it."""

        def transcribe(*_: object) -> str:
            raise ValueError(SECRET)

        with pytest.raises(Internal) as caught:
            run(transcribe=transcribe)

        [(stage, reason, message)] = failures(services)
        assert (stage, reason) == (Stage.TRANSCRIPTION, "INTERNAL")
        assert SECRET not in message
        assert SECRET not in caught.value.message

    def test_failure_that_cannot_be_written(self, services: FakeServices) -> None:
        """The error of the stage is the one that is raised; a sweep will try again."""
        services.clinical.add(0)
        services.transcription.error = InvalidInput("it is no audio")
        services.clinical.error = Unavailable("the store is not there", reason="store")

        with pytest.raises(InvalidInput, match="it is no audio"):
            run()


@pytest.mark.usefixtures("stopping")
class TestRunRecordings:
    def _recordings(self, *sessions: int) -> list[dict[str, object]]:
        return [
            DueRecording("s1", "P07", session, recording_id(session), 1).parameter()
            for session in sessions
        ]

    def test_in_the_order_of_the_interviews(self) -> None:
        """However they are given, the first interview is first."""
        seen: list[int] = []

        state = run_recordings(self._recordings(2, 3, 1), lambda due: seen.append(due.session))

        assert seen == [1, 2, 3]
        assert state.is_completed()

    def test_one_that_fails_holds_up_no_other(self) -> None:
        """The others are done, and the run tells in Prefect that not all went well."""
        seen: list[int] = []

        def work(due: DueRecording) -> None:
            seen.append(due.session)
            if due.session == 1:
                raise InvalidInput(SECRET)

        state = run_recordings(self._recordings(1, 2), work)

        assert seen == [1, 2]
        assert state.is_failed()
        assert state.message == "1 of 2 recordings done, 1 failed"

    def test_stopping(self, stopping: threading.Event) -> None:
        """A run that is to stop begins no further recording."""
        seen: list[int] = []

        def work(due: DueRecording) -> None:
            seen.append(due.session)
            stopping.set()
            raise Cancelled("stopped")

        state = run_recordings(self._recordings(1, 2), work)

        assert seen == [1]
        assert state.is_cancelled()
