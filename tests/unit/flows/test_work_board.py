# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import structlog.testing

from flows.due import DueRecording
from flows.work_board import WorkBoard
from services.common.errors import Unavailable
from services.recordings_client.stages import Stage, StageProgress
from tests.unit.flows.fake_services import FakeServices, recording_id, recording_ref


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def due(number: int) -> DueRecording:
    """Return a recording of the study s1."""
    return DueRecording("s1", "P07", number + 1, recording_id(number), 1)


@pytest.fixture
def clock() -> Clock:
    """The clock of the board."""
    return Clock()


@pytest.fixture
def board(services: FakeServices, clock: Clock) -> WorkBoard:
    """The board of a worker with two places."""
    return WorkBoard(services.peers, "host-1", 2, clock)


class TestNote:
    def test_what_is_held(self, board: WorkBoard, clock: Clock) -> None:
        """A note has what is worked on with its stage, then what comes next in each run."""
        with board.holding([due(0), due(1)]), board.holding([due(2)]), board.working(due(0)):
            board.stage(due(0).ids, Stage.TRANSCRIPTION)
            board.progress(due(0).ids, StageProgress(45.0, 130, 2))
            note = board.note()
            clock.now += 8

        assert [(one.ref, one.place) for one in note.recordings] == [
            (recording_ref(0), 0), (recording_ref(2), 0), (recording_ref(1), 1),
        ]  # fmt: skip
        at_work = note.recordings[0]
        assert (at_work.stage, at_work.done_thousandths, at_work.seconds_left, at_work.before) == (
            "transcription", 450, 130, 2,
        )  # fmt: skip
        assert at_work.HasField("begun_at")
        assert not note.recordings[1].stage
        assert (note.worker, note.places, note.stopped) == ("host-1", 2, False)
        assert note.HasField("certificate_ends_at")

        after = board.note()
        assert (list(after.recordings), after.recordings_done, after.busy_seconds) == ([], 1, 8.0)

    def test_done_with_one_of_a_run(self, board: WorkBoard) -> None:
        """The next of a run moves up once one is done with, whether that failed or not."""
        with board.holding([due(0), due(1)]):
            with pytest.raises(Unavailable), board.working(due(0)):
                raise Unavailable("gone")
            assert [(one.ref, one.place) for one in board.note().recordings] == [
                (recording_ref(1), 0)
            ]


class TestTell:
    def test_no_oftener_than_each_two_seconds(
        self, services: FakeServices, board: WorkBoard, clock: Clock
    ) -> None:
        """Updates in between wait for the next one; the end of a run and heartbeats are told."""
        notes = services.clinical.notes
        with board.holding([due(0)]), board.working(due(0)):
            board.stage(due(0).ids, Stage.TRANSCRIPTION)
            for percent in range(10):
                board.progress(due(0).ids, StageProgress(float(percent)))
            assert len(notes) == 1
            clock.now += 2
            board.progress(due(0).ids, StageProgress(50.0))
            assert [one.recordings[0].done_thousandths for one in notes] == [0, 500]
        assert len(notes) == 3
        assert not notes[-1].recordings

        board.stop()
        assert notes[-1].stopped

    def test_a_store_that_does_not_answer(
        self, services: FakeServices, board: WorkBoard, clock: Clock
    ) -> None:
        """Work goes on, the log says it once, and the store is left alone for a while."""
        services.clinical.error = Unavailable("gone")
        with structlog.testing.capture_logs() as logged:
            for _ in range(5):
                clock.now += 3
                board.stage(due(0).ids, Stage.TRANSCRIPTION)
            board.tell()
        assert [one["event"] for one in logged] == ["work_not_told"]

        services.clinical.error = None
        clock.now += 30
        board.stage(due(0).ids, Stage.TRANSCRIPTION)
        assert len(services.clinical.notes) == 1
