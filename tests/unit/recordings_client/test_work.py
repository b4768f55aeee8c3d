# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.recordings_client.work import Work, WorkProgress, WorkQueue, duration, work_of
from sotto.storage.v1 import work_pb2

ALIVE, SILENT = work_pb2.WORKER_STATE_ALIVE, work_pb2.WORKER_STATE_SILENT
TOLD_AT = "2026-01-01T00:00:10+00:00"


def worker(
    name: str, state: work_pb2.WorkerState = ALIVE, *, done: int = 0, busy: float = 0.0
) -> work_pb2.Worker:
    """Return a worker with room for two runs."""
    return work_pb2.Worker(
        name=name, state=state, places=2, recordings_done=done, busy_seconds=busy
    )


def held(
    name: str, recording_id: str, place: int = 0, *, stale: bool = False, **more: object
) -> work_pb2.RecordingWork:
    """Return a recording that a worker holds."""
    one = work_pb2.RecordingWork(worker=name, stale=stale)
    one.held.ref.recording_id = recording_id
    one.held.place = place
    one.held.MergeFrom(work_pb2.HeldRecording(**more))  # type: ignore[arg-type]
    one.noted_at.FromJsonString("2026-01-01T00:00:10Z")
    return one


def found(*parts: work_pb2.Worker | work_pb2.RecordingWork, due: str) -> Work:
    """Return the work where the recordings of `due`, a letter each, are due in this order."""
    told = work_pb2.ListWorkResponse(
        workers=[one for one in parts if isinstance(one, work_pb2.Worker)],
        recordings=[one for one in parts if isinstance(one, work_pb2.RecordingWork)],
    )
    return work_of(told, {letter: mark for mark, letter in enumerate(due)})


class TestProgress:
    def test_under_way_then_next_ones_then_what_waits(self) -> None:
        """Runs go on side by side; what no run holds comes last, in the order of its marks."""
        work = found(
            worker("w", done=4, busy=40.0),
            held("w", "a", stage="transcription", done_thousandths=450, seconds_left=130),
            held("w", "b", 1), held("w", "c", 2),
            held("w", "d", stage="deidentification"), held("w", "e", 1),
            due="fabcdeg",
        )  # fmt: skip

        before = {key: one.before for key, one in work.progress.items()}
        assert before == {"a": 0, "d": 0, "b": 2, "e": 3, "c": 4, "f": 5, "g": 6}
        assert work.progress["a"] == WorkProgress(
            "transcription", 45.0, 130, told_at=TOLD_AT, worker="w"
        )
        assert work.progress["b"].starts_in == 10
        assert work.queue == WorkQueue(5, 2, 2, 10.0, 130.0)

    def test_what_is_due_no_more_is_not_told(self) -> None:
        """What a worker told before its recording was settled counts no more."""
        assert found(worker("w"), held("w", "a"), due="").progress == {}

    def test_a_worker_that_died(self) -> None:
        """What it held is told as stale with the time, and waits; nobody forecasts it."""
        work = found(
            worker("w", SILENT, done=1, busy=5.0),
            held("w", "a", stale=True, stage="transcription", done_thousandths=450),
            held("w", "b", 1, stale=True),
            due="ab",
        )

        assert work.progress == {
            "a": WorkProgress("transcription", 45.0, stale=True, told_at=TOLD_AT, worker="w"),
            "b": WorkProgress(before=1),
        }
        assert "fell silent" in work.progress["a"].label
        assert TOLD_AT in work.progress["a"].label
        assert work.queue.seconds_left is None
        assert "no worker is alive" in work.queue.label

    def test_another_one_took_it_up(self) -> None:
        """Of two workers that told of a recording the one that is alive counts."""
        for parts in ([0, 1], [1, 0]):
            both = [held("dead", "a", stale=True), held("w", "a", stage="transcription")]
            work = found(worker("w"), *(both[at] for at in parts), due="a")
            assert work.progress["a"].worker == "w"
            assert work.progress["a"].is_under_way

    def test_room_is_left(self) -> None:
        """As long as a place is free nothing is before what became due."""
        work = found(worker("w"), held("w", "a"), due="ab")
        assert work.progress["b"] == WorkProgress()
        assert work.progress["b"].label == "waiting"


class TestLabel:
    @pytest.mark.parametrize(
        ("progress", "label"),
        [
            (WorkProgress(worker="w"), "in progress"),
            (WorkProgress(before=3), "waiting, 3 before it"),
            (
                WorkProgress(before=3, starts_in=300),
                "waiting, 3 before it, its turn in about 5 min",
            ),
            (WorkProgress("transcription", before=1, worker="w"), "waiting, 1 before it"),
            (WorkProgress("transcription", 45.2, worker="w"), "transcribing 45 %"),
            (
                WorkProgress("transcription", 45.2, 130, worker="w"),
                "transcribing 45 %, about 2 min left",
            ),
            (
                WorkProgress("deidentification", 5.0, 8, worker="w"),
                "de-identifying 5 %, about 8 s left",
            ),
            (WorkProgress("release", worker="w"), "applying the review rule"),
        ],
    )
    def test_says_what_is_done_and_how_long_still(self, progress: WorkProgress, label: str) -> None:
        """People read the stage, how much of it is done, and how long it takes still."""
        assert progress.label == label


class TestQueue:
    @pytest.mark.parametrize(
        ("queue", "left"),
        [
            (WorkQueue(0, 0, 0, None), 0.0),
            (WorkQueue(2, 0, 2, None), None),
            (WorkQueue(2, 0, 0, 3.0), None),
            (WorkQueue(7, 3, 2, 6.0), 30.0),
            (WorkQueue(0, 1, 2, 6.0), 6.0),
            (WorkQueue(0, 1, 2, 6.0, 3600.0), 3600.0),
        ],
    )
    def test_seconds_left(self, queue: WorkQueue, left: float | None) -> None:
        """Places share what is left, and the slowest one counts; else there is no forecast."""
        assert queue.seconds_left == left

    def test_label(self) -> None:
        """People read counts, what is left and the pace."""
        assert WorkQueue(0, 0, 0, 3.0).label == "nothing waits"
        assert WorkQueue(7, 3, 2, 60.0).label == (
            "3 in progress, 7 waiting; about 5 min left at 60.0 s each, the pace so far"
        )
        assert "no forecast" in WorkQueue(7, 3, 2, None).label


class TestDuration:
    def test_units(self) -> None:
        """Short times are in seconds, long ones in minutes or hours."""
        assert [duration(one) for one in (7.4, 300, 9000)] == ["7 s", "5 min", "2.5 h"]
