# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from pathlib import Path

import pytest

from flows.cli.waiting import percent_done, wait_for
from flows.due import DueRecording
from services.common.installation import Installation
from services.recordings_client.work import WorkProgress
from sotto.storage.v1 import recording_pb2, review_pb2, work_pb2
from tests.unit.flows.fake_prefect import FakePrefect
from tests.unit.flows.fake_services import (
    FakeServices,
    recording_id,
    recording_ref,
)


def held(*numbers: int) -> dict[str, object]:
    """Return the parameters of a run that holds recordings."""
    due = [DueRecording("s1", "P07", 1, recording_id(number), 1) for number in numbers]
    return {"recordings": [one.parameter() for one in due]}


def at_work(number: int) -> work_pb2.ListWorkResponse:
    """Return what a worker told that transcribes a recording."""
    held = work_pb2.HeldRecording(
        ref=recording_ref(number), stage="transcription", done_thousandths=450, seconds_left=100
    )
    work = work_pb2.RecordingWork(held=held, worker="host-1")
    work.noted_at.FromJsonString("2026-01-01T00:00:10Z")
    worker = work_pb2.Worker(name="host-1", state=work_pb2.WORKER_STATE_ALIVE, places=1)
    return work_pb2.ListWorkResponse(workers=[worker], recordings=[work])


class TestPercentDone:
    @pytest.mark.parametrize(
        ("progress", "percent"),
        [
            (None, 0.0),
            (WorkProgress(before=2), 0.0),
            (WorkProgress("transcription", 50.0), 40.0),
            (WorkProgress("transcription", 100.0), 80.0),
            (WorkProgress("deidentification", 50.0), 90.0),
            (WorkProgress("release"), 100.0),
        ],
    )
    def test_by_stage(self, progress: WorkProgress | None, percent: float) -> None:
        """Transcription takes the first 80 percent of a bar, de-identification the rest."""
        assert percent_done(progress) == percent


class TestWaitFor:
    def test_until_no_run_holds_them(
        self,
        services: FakeServices,
        prefect: FakePrefect,
        installation: Installation,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """It waits for the runs of what it was given, and tells in plain lines where there is no
        terminal how far they are."""
        for number in range(3):
            services.clinical.add(number)
        services.clinical.state(recording_ref(1)).failure.CopyFrom(  # type: ignore[union-attr]
            recording_pb2.StageFailure(stage="transcription", reason="INTERNAL", message="broken")
        )
        run = prefect.add("ours", "RUNNING", parameters=held(0, 1))
        services.clinical.work = at_work(0)

        def finish() -> None:
            services.clinical.commit(recording_ref(0), "1" * 32)
            services.research.commit(recording_ref(0), "1" * 32)
            reviewed = services.research.recordings[0].transcripts[0]
            reviewed.review.state = review_pb2.REVIEW_STATE_PENDING
            services.clinical.marks = {recording_id(2): 1}
            run["state_type"] = "COMPLETED"

        timer = threading.Timer(0.1, finish)
        timer.start()
        settled = wait_for(services.peers, installation, [recording_ref(0), recording_ref(1)])
        timer.join()

        assert {key: one.state for key, one in settled.items()} == {
            recording_id(0): "needs_review", recording_id(1): "failed",
        }  # fmt: skip
        assert settled[recording_id(1)].message == "broken"
        told = capsys.readouterr().err.splitlines()
        name = f"P07 {recording_id(0)[:12]}"
        assert told[0] == f"{name}: transcribing 45 %, about 2 min left"
        assert told[1].endswith(": waiting, 1 before it")

    def test_marked_again(
        self, services: FakeServices, prefect: FakePrefect, installation: Installation
    ) -> None:
        """What is marked and held by no run has one started, and is waited for."""
        services.clinical.add(0)

        over = threading.Event()

        def work() -> None:
            while not over.wait(0.02):
                for run in list(prefect.runs):
                    services.clinical.marks.clear()
                    run["state_type"] = "COMPLETED"

        worker = threading.Thread(target=work)
        worker.start()
        wait_for(services.peers, installation, [recording_ref(0)])
        over.set()
        worker.join()

        # Another one where the list was read just before the first one settled its recording.
        assert {run["name"] for run in prefect.runs} == {"s1 P07"}

    def test_nothing_due(self, services: FakeServices, tmp_path: Path) -> None:
        """Where nothing is due it returns at once, also when the scheduler cannot be reached."""
        services.clinical.add(0)
        services.clinical.marks.clear()

        settled = wait_for(services.peers, Installation(tmp_path), [recording_ref(0)])

        assert settled[recording_id(0)].state == "sealed"
