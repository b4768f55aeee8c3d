# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading

import pytest

from flows.stage_calls import Pace, read_to_result
from services.common.errors import Cancelled, Internal
from services.recordings_client.stages import Stage, StageProgress
from sotto.transcription.v1 import transcription_pb2

KEY = "0" * 32


def progress(done: int, before: int = 0) -> transcription_pb2.TranscribeResponse:
    """Return an update of the transcription service while it works."""
    return transcription_pb2.TranscribeResponse(
        progress=transcription_pb2.TranscribeProgress(done=done, before=before)
    )


TRANSCRIBED = transcription_pb2.TranscribeResponse(
    result=transcription_pb2.TranscribeResult(run_key=KEY, segments=7)
)


class TestReadToResult:
    def _read(
        self, *updates: transcription_pb2.TranscribeResponse, stopping: bool = False
    ) -> list[tuple[float, int]]:
        event = threading.Event()
        if stopping:
            event.set()
        reported: list[StageProgress] = []
        found = read_to_result(
            updates,
            Stage.TRANSCRIPTION,
            lambda update: (update.progress.done, 1000, update.progress.before),
            reported.append,
            event,
        )
        assert found == TRANSCRIBED
        return [(one.percent, one.before) for one in reported]

    def test_reports_each_update(self) -> None:
        """How far it is, and its place in the line, are reported as they come."""
        steps = [progress(0, 2), progress(0, 1), progress(0), progress(49), progress(900)]

        assert self._read(*steps, TRANSCRIBED) == [
            (0.0, 2), (0.0, 1), (0.0, 0), (4.9, 0), (90.0, 0),
        ]  # fmt: skip

    def test_no_progress(self) -> None:
        """A result that was there already comes alone."""
        assert self._read(TRANSCRIBED) == []

    def test_end_without_result(self) -> None:
        """A stream that just ends is a defect of the service."""
        with pytest.raises(Internal, match="without a result"):
            self._read(progress(500))

    def test_stopping(self) -> None:
        """A run that is to stop reads no further."""
        with pytest.raises(Cancelled):
            self._read(progress(500), TRANSCRIBED, stopping=True)


class TestPace:
    def test_what_is_left_at_the_pace_of_late(self) -> None:
        """The rest takes as long as its share of what was done; unknown before there is any."""
        times = iter((0.0, 0.0, 10.0, 20.0))
        pace = Pace(lambda: next(times))

        assert [pace.seconds_left(one) for one in (0.0, 0.0, 5.0, 20.0)] == [None, None, 190, 80]

    def test_what_was_done_before_passes(self) -> None:
        """A resumed run tells at once what it finds; after some updates that counts no more."""
        times = iter([0.0, 0.0, *(10.0 * n for n in range(1, 20))])
        pace = Pace(lambda: next(times))

        left = [pace.seconds_left(one) for one in (0.0, 50.0, *(50.0 + n for n in range(1, 20)))]

        assert left[-1] == 310
