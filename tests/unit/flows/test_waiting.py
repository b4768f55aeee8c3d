# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from pathlib import Path

import pytest

from flows.cli.waiting import percent_done, wait_for
from services.common.installation import Installation
from sotto.storage.v1 import catalog_pb2, recording_pb2, review_pb2
from sotto.storage.v1.catalog_pb2 import RecordingStatus
from tests.unit.flows.fake_services import (
    FakeServices,
    finished_run,
    recording_id,
    recording_ref,
)

SEALED = RecordingStatus.RECORDING_STATUS_SEALED
TRANSCRIBED = RecordingStatus.RECORDING_STATUS_TRANSCRIBED


class TestPercentDone:
    @pytest.mark.parametrize(
        ("status", "stages", "percent"),
        [
            (SEALED, {}, 0.0),
            (SEALED, {"r-transcription": 50.0}, 40.0),
            (SEALED, {"r-transcription": 100.0}, 80.0),
            (SEALED, {"other-transcription": 50.0, "r-deidentification": 9.0}, 0.0),
            (TRANSCRIBED, {}, 80.0),
            (TRANSCRIBED, {"r-transcription": 100.0}, 80.0),
            (TRANSCRIBED, {"r-deidentification": 50.0}, 89.5),
            (RecordingStatus.RECORDING_STATUS_DEIDENTIFIED, {}, 99.0),
            (RecordingStatus.RECORDING_STATUS_NEEDS_REVIEW, {}, 100.0),
            (RecordingStatus.RECORDING_STATUS_FAILED, {"r-transcription": 50.0}, 100.0),
            (RecordingStatus.RECORDING_STATUS_ERASED, {}, 100.0),
        ],
    )
    def test_by_state_and_stage(
        self, status: RecordingStatus, stages: dict[str, float], percent: float
    ) -> None:
        """Transcription takes the first 80 percent of a bar, de-identification most others."""
        assert percent_done("r", status, stages) == percent


class TestWaitFor:
    def test_until_all_are_settled(self, services: FakeServices, tmp_path: Path) -> None:
        """It waits for the recordings that it was given, and for no others."""
        states = [catalog_pb2.RecordingState(ref=recording_ref(number)) for number in range(3)]
        states[0].transcripts.append(finished_run())
        states[1].failure.CopyFrom(
            recording_pb2.StageFailure(stage="transcription", reason="INTERNAL", message="broken")
        )
        services.clinical.recordings = states

        def finish() -> None:
            run = finished_run()
            run.review.state = review_pb2.REVIEW_STATE_PENDING
            services.research.recordings = [
                catalog_pb2.RecordingState(ref=states[0].ref, transcripts=[run])
            ]

        timer = threading.Timer(0.1, finish)
        timer.start()
        wanted = [recording_id(0), recording_id(1)]
        settled = wait_for(services.peers, Installation(tmp_path), "s1", wanted)
        timer.join()

        assert {key: one.state for key, one in settled.items()} == {
            recording_id(0): "needs_review", recording_id(1): "failed",
        }  # fmt: skip
        assert settled[recording_id(1)].message == "broken"
