# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.catalog import RecordingSummary
from flows.settings import FlowSettings
from flows.worker import startable, work
from services.common.errors import Unavailable
from sotto.storage.v1.catalog_pb2 import RecordingStatus


def status(
    code: str,
    session: int,
    state: RecordingStatus = RecordingStatus.RECORDING_STATUS_SEALED,
    study: str = "s1",
) -> RecordingSummary:
    """Return a recording as the catalogue lists it."""
    return RecordingSummary(
        study_id=study,
        participant=code,
        recording_id=f"{study}-{code}-{session}",
        session=session,
        kind="media",
        status=state,
        sealed_at="",
        transcript_run="",
        release_run="",
        segments=0,
        replacements=0,
        residual_risk=0.0,
        review="",
        decided_by="",
        released="",
        stage="",
        reason="",
        message="",
    )


class TestStartable:
    def _ids(
        self, recordings: list[RecordingSummary], busy: set[tuple[str, str]], free: int = 9
    ) -> list[str]:
        return [one.recording_id for one in startable(recordings, busy, free)]

    def test_one_interview_of_a_participant_at_a_time(self) -> None:
        """The first interview goes first, so that pseudonyms are numbered in that order."""
        recordings = [status("P07", 1), status("P07", 2), status("P08", 1)]

        assert self._ids(recordings, set()) == ["s1-P07-1", "s1-P08-1"]

    def test_participant_with_a_recording_running(self) -> None:
        """The second interview waits for the first, and is not started beside itself."""
        recordings = [status("P07", 1), status("P07", 2), status("P08", 1)]

        assert self._ids(recordings, {("s1", "P07")}) == ["s1-P08-1"]

    def test_first_is_done(self) -> None:
        """The second interview starts once the first is settled, whatever came of it."""
        for state in RecordingStatus.values():
            if status("P07", 1, state).is_settled:
                assert self._ids([status("P07", 1, state), status("P07", 2)], set()) == ["s1-P07-2"]

    def test_transcribed_goes_on(self) -> None:
        """A recording that stopped between two stages is taken up again."""
        assert self._ids(
            [status("P07", 1, RecordingStatus.RECORDING_STATUS_TRANSCRIBED)], set()
        ) == ["s1-P07-1"]

    def test_codes_are_of_a_study(self) -> None:
        """The same code in another study is another participant."""
        recordings = [status("P07", 1), status("P07", 1, study="s2")]

        assert self._ids(recordings, set()) == ["s1-P07-1", "s2-P07-1"]
        assert self._ids(recordings, {("s1", "P07")}) == ["s2-P07-1"]

    @pytest.mark.parametrize("free", [0, 1, 2])
    def test_limit(self, free: int) -> None:
        """No more are started than there is room for."""
        recordings = [status(f"P0{number}", 1) for number in range(5)]

        assert self._ids(recordings, set(), free) == [one.recording_id for one in recordings[:free]]


class Catalogue:
    """Recordings whose state a worker changes by processing them."""

    def __init__(self, *recordings: RecordingSummary) -> None:
        self.recordings = list(recordings)
        self.processed: list[str] = []
        self.at_once = 0
        self._running = 0
        self._lock = threading.Lock()

    def process(self, recording: RecordingSummary) -> None:
        """Settle the recording, and remember how many ran at the same time."""
        with self._lock:
            self._running += 1
            self.at_once = max(self.at_once, self._running)
        threading.Event().wait(0.02)
        with self._lock:
            self._running -= 1
            self.processed.append(recording.recording_id)
            self.recordings = [
                status(one.participant, one.session, RecordingStatus.RECORDING_STATUS_DEIDENTIFIED)
                if one.recording_id == recording.recording_id
                else one
                for one in self.recordings
            ]


def _settings(folder: Path, **values: float) -> FlowSettings:
    given = {"poll_seconds": 0.005, "retention_hours": 0.0, **values}
    return FlowSettings.load(home=folder, service="worker", **given)


def _until(condition: Callable[[], bool], stopping: threading.Event) -> threading.Timer:
    """Stop the worker when the condition holds, or after some seconds."""

    def look() -> None:
        for _ in range(500):
            if condition():
                break
            threading.Event().wait(0.01)
        stopping.set()

    timer = threading.Timer(0.0, look)
    timer.start()
    return timer


class TestWork:
    def test_takes_all_in_order(self, tmp_path: Path) -> None:
        """All recordings are processed, a participant's one after the other, a few at a time."""
        catalogue = Catalogue(*(status(f"P0{code}", n) for code in (1, 2, 3) for n in (1, 2)))
        stopping = threading.Event()
        timer = _until(lambda: len(catalogue.processed) == 6, stopping)

        work(
            _settings(tmp_path, recordings_at_once=2),
            stopping,
            lambda: catalogue.recordings,
            catalogue.process,
            lambda: None,
        )
        timer.join()

        done = catalogue.processed
        assert sorted(done) == sorted(one.recording_id for one in catalogue.recordings)
        assert catalogue.at_once == 2
        for code in ("P01", "P02", "P03"):
            assert done.index(f"s1-{code}-1") < done.index(f"s1-{code}-2")

    def test_catalogue_that_cannot_be_read(self, tmp_path: Path) -> None:
        """A store that does not answer is asked again at the next poll."""
        catalogue = Catalogue(status("P01", 1))
        stopping = threading.Event()
        asked: list[int] = []

        def recordings() -> list[RecordingSummary]:
            asked.append(1)
            if len(asked) < 3:
                raise Unavailable("the store is not there")
            return catalogue.recordings

        timer = _until(lambda: bool(catalogue.processed), stopping)
        work(_settings(tmp_path), stopping, recordings, catalogue.process, lambda: None)
        timer.join()

        assert catalogue.processed == ["s1-P01-1"]

    def test_what_runs_is_finished_before_the_end(self, tmp_path: Path) -> None:
        """A worker that is told to stop waits for what it has started."""
        catalogue = Catalogue(status("P01", 1))
        stopping = threading.Event()

        def process(recording: RecordingSummary) -> None:
            stopping.set()
            catalogue.process(recording)

        work(_settings(tmp_path), stopping, lambda: catalogue.recordings, process, lambda: None)

        assert catalogue.processed == ["s1-P01-1"]

    @pytest.mark.parametrize(("hours", "times"), [(24.0, 1), (0.0, 0)])
    def test_retention_on_its_hours(self, tmp_path: Path, hours: float, times: int) -> None:
        """Rules of retention are applied after the first minutes, then each so many hours."""
        stopping = threading.Event()
        applied: list[int] = []
        polls: list[int] = []

        def recordings() -> list[RecordingSummary]:
            polls.append(1)
            if len(polls) == 5:
                stopping.set()
            return []

        work(
            _settings(tmp_path, retention_hours=hours, retention_first_minutes=0.0),
            stopping,
            recordings,
            lambda _recording: None,
            lambda: applied.append(1),
        )

        assert len(applied) == times
