# SPDX-License-Identifier: Apache-2.0
"""What this worker does now, and telling it to the clinical store, which others ask.

It is for show: nothing waits for it, and a note that does not arrive is followed by the next one.
Notes go out when something changes, no oftener than each two seconds, and with each heartbeat that
the worker sends to Prefect, so that whoever hears nothing knows that the worker is gone.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

import structlog

from flows.due import DueRecording, RecordingIds
from services.common import context, process_facts
from services.common.client import Peers
from services.common.errors import SottoError
from services.recordings_client.stages import Stage, StageProgress
from services.registry import identities
from sotto.storage.v1 import work_pb2, work_service_pb2_grpc

_log = structlog.get_logger(__name__)

_LEAST_SECONDS = 2.0
# After a note that did not arrive, the next one is that of a heartbeat.
_AFTER_FAILURE_SECONDS = 25.0
_TIMEOUT_SECONDS = 5.0
_MOST_HELD = 500  # as in the contract


@dataclass(slots=True)
class _AtWork:
    """A stage of a recording that is worked on."""

    stage: Stage
    begun_at: dt.datetime
    progress: StageProgress = field(default_factory=lambda: StageProgress(0.0))


class WorkBoard:
    """What the worker `name` with room for `places` runs does; for use on threads."""

    def __init__(
        self, peers: Peers, name: str, places: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._peers = peers
        self._name = name
        self._places = places
        self._clock = clock
        self._started_at = dt.datetime.now(dt.UTC)
        self._lock = threading.Lock()
        self._runs: dict[int, list[DueRecording]] = {}
        self._at_work: dict[str, _AtWork] = {}
        self._done = 0
        self._busy = 0.0
        self._stopped = False
        self._telling = threading.Lock()
        self._next_at = 0.0
        self._reached = True

    @contextlib.contextmanager
    def holding(self, recordings: Sequence[DueRecording]) -> Iterator[None]:
        """Note the recordings of a run, in their order, until the block ends."""
        run = object()
        with self._lock:
            self._runs[id(run)] = list(recordings)
        try:
            yield
        finally:
            with self._lock:
                del self._runs[id(run)]
            self.tell()

    @contextlib.contextmanager
    def working(self, due: DueRecording) -> Iterator[None]:
        """Note that a recording of a run is worked on, and after the block that it is done with."""
        began = self._clock()
        try:
            yield
        finally:
            with self._lock:
                self._done += 1
                self._busy += self._clock() - began
                self._at_work.pop(due.recording_id, None)
                for left in self._runs.values():
                    left[:] = [one for one in left if one != due]

    def stage(self, recording: RecordingIds, stage: Stage) -> None:
        """Note that a stage of a recording begins."""
        with self._lock:
            self._at_work[recording.recording_id] = _AtWork(stage, dt.datetime.now(dt.UTC))
        self._tell_if_due()

    def progress(self, recording: RecordingIds, progress: StageProgress) -> None:
        """Note how far the stage of a recording is."""
        with self._lock:
            if (at_work := self._at_work.get(recording.recording_id)) is not None:
                at_work.progress = progress
        self._tell_if_due()

    def stop(self) -> None:
        """Tell that the worker stops in good order."""
        with self._lock:
            self._stopped = True
            self._runs.clear()
        self.tell()

    def tell(self) -> None:
        """Tell what the worker does; what prevents that is logged once, and passes."""
        with self._telling:
            try:
                with context.acting(purpose="research", role="flow"):
                    work_service_pb2_grpc.WorkNoteServiceStub(
                        self._peers.channel(identities.CLINICAL)
                    ).NoteWork(self.note(), timeout=_TIMEOUT_SECONDS)
            except SottoError as error:
                if self._reached:
                    _log.warning("work_not_told", reason=error.reason)
                self._reached = False
                self._next_at = self._clock() + _AFTER_FAILURE_SECONDS
            else:
                self._reached = True
                self._next_at = self._clock() + _LEAST_SECONDS

    def _tell_if_due(self) -> None:
        if self._clock() >= self._next_at and not self._telling.locked():
            self.tell()

    def note(self) -> work_pb2.NoteWorkRequest:
        """Return what the worker does now."""
        with self._lock:
            note = work_pb2.NoteWorkRequest(
                worker=self._name,
                version=version("sotto"),
                stopped=self._stopped,
                places=self._places,
                recordings_done=self._done,
                busy_seconds=self._busy,
                recordings=list(self._held())[:_MOST_HELD],
            )
        note.started_at.FromDatetime(self._started_at)
        note.certificate_ends_at.FromDatetime(process_facts.certificate_end(self._peers.shown))
        return note

    def _held(self) -> Iterator[work_pb2.HeldRecording]:
        """Yield what runs hold: first what is worked on, then what comes next in each."""
        placed = [(place, due) for left in self._runs.values() for place, due in enumerate(left)]
        for place, due in sorted(placed):
            held = work_pb2.HeldRecording(ref=due.ids.ref, place=place)
            at_work = self._at_work.get(due.recording_id)
            if at_work is not None:
                held.stage = at_work.stage
                held.done_thousandths = round(10 * at_work.progress.percent)
                held.before = at_work.progress.before
                held.begun_at.FromDatetime(at_work.begun_at)
                if at_work.progress.seconds_left is not None:
                    held.seconds_left = at_work.progress.seconds_left
            yield held
