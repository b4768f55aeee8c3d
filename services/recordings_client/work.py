# SPDX-License-Identifier: Apache-2.0
"""What workers do, how far recordings are, and when all is done, for command and console.

Workers tell the clinical store what they do, and it tells when each of them last did. What is
known is in percent, since the flows do not learn how long a recording is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from services.common.client import Channels
from services.recordings_client.stages import Stage
from services.registry import identities
from services.storage_client.recordings_pending import pending
from sotto.storage.v1 import work_pb2, work_service_pb2_grpc

_DOING = {
    Stage.TRANSCRIPTION: "transcribing",
    Stage.DEIDENTIFICATION: "de-identifying",
    Stage.REVIEW_RULE: "applying the review rule",
}
_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class WorkProgress:
    """How far a recording is that is due.

    `stage` is empty, and `percent` 0, while it waits, and between stages; `seconds_left`, those of
    the stage, is None where no pace is known; `before` is how many have their turn first, and
    `starts_in` after about how many seconds its own turn comes, None where nobody knows. `stale`
    says that the worker that held it fell silent, at `told_at`: what it told is not how it is now.
    """

    stage: str = ""
    percent: float = 0.0
    seconds_left: int | None = None
    before: int = 0
    starts_in: int | None = None
    stale: bool = False
    told_at: str = ""
    worker: str = ""

    @property
    def is_under_way(self) -> bool:
        """Whether a worker that is alive works on it."""
        return bool(self.worker) and not self.stale

    @property
    def label(self) -> str:
        """What people read of it, such as "transcribing 45 %, about 2 min left"."""
        if self.stale:
            return (
                f"{self._doing} when its worker fell silent at {self.told_at}; another one takes it"
                " up"
            )
        if self.before:
            told = f"waiting, {self.before} before it"
            if self.starts_in is None:
                return told
            return f"{told}, its turn in about {duration(self.starts_in)}"
        if not self.is_under_way:
            return "waiting"
        if self.seconds_left is None:
            return self._doing
        return f"{self._doing}, about {duration(self.seconds_left)} left"

    @property
    def _doing(self) -> str:
        if not self.stage:
            return "in progress"
        doing = _DOING[Stage(self.stage)]
        return doing if self.stage == Stage.REVIEW_RULE else f"{doing} {self.percent:.0f} %"

    def as_record(self) -> dict[str, object]:
        """Return it as programs read it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """Recordings that are due, and the pace at which they are done.

    `waiting` and `running` count recordings, `places` how many can be worked on at once now.
    `seconds_each` is how long a worker took for a recording of late, None before the first was
    done; `longest_left` is what the slowest of those under way still takes, as far as it is known.
    """

    waiting: int
    running: int
    places: int
    seconds_each: float | None
    longest_left: float = 0.0

    @property
    def seconds_left(self) -> float | None:
        """When all is done at this pace; None where nobody knows."""
        left = self.waiting + self.running
        if not left:
            return 0.0
        if self.seconds_each is None or not self.places:
            return None
        return max(left * self.seconds_each / min(self.places, left), self.longest_left)

    def starts_in(self, before: int) -> int | None:
        """Return after how many seconds one has its turn that so many are before; or None."""
        if self.seconds_each is None or not self.places:
            return None
        return round(before * self.seconds_each / self.places)

    @property
    def label(self) -> str:
        """What people read of it."""
        if not self.waiting + self.running:
            return "nothing waits"
        told = f"{self.running} in progress, {self.waiting} waiting"
        if not self.places:
            return f"{told}; no worker is alive, so nothing goes on: see the parts in sotto status"
        if self.seconds_left is None or self.seconds_each is None:
            return f"{told}; no forecast before the first is done"
        return (
            f"{told}; about {duration(self.seconds_left)} left at {self.seconds_each:.1f} s each,"
            " the pace so far"
        )


@dataclass(frozen=True, slots=True)
class Work:
    """Workers, the queue, and how far each recording is that is due, by its id."""

    workers: Sequence[work_pb2.Worker] = ()
    recordings: Sequence[work_pb2.RecordingWork] = ()
    progress: Mapping[str, WorkProgress] = field(default_factory=dict)
    queue: WorkQueue = field(default_factory=lambda: WorkQueue(0, 0, 0, None))


def read(peers: Channels, study_id: str = "") -> Work:
    """Return what workers do, and how far what is due is, of one study or of all."""
    channel = peers.channel(identities.CLINICAL)
    told = work_service_pb2_grpc.WorkReaderServiceStub(channel).ListWork(
        work_pb2.ListWorkRequest(), timeout=_TIMEOUT_SECONDS
    )
    marks = {one.recording_id: one.mark for one in pending(channel, study_id)}
    return work_of(told, marks)


def work_of(told: work_pb2.ListWorkResponse, marks: Mapping[str, int]) -> Work:
    """Return the work by what workers told and by the marks of what is due, by recording id.

    Those under way have none before them. Then come the next ones of each run, side by side, and
    then what no run of a worker holds, in the order in which it became due.
    """
    held: dict[str, work_pb2.RecordingWork] = {}
    for one in told.recordings:
        recording_id = one.held.ref.recording_id
        known = held.get(recording_id)
        if recording_id in marks and (known is None or _rank(one) < _rank(known)):
            held[recording_id] = one
    under_way = [key for key, one in held.items() if not one.stale and not one.held.place]
    line = sorted(
        marks.keys() - set(under_way),
        key=lambda key: (*_line_rank(held.get(key)), marks[key], key),
    )
    queue = _queue(told, under_way, held, len(line))
    progress = {key: _under_way(held[key]) for key in under_way}
    for place, key in enumerate(line, start=len(under_way)):
        # With room left its turn is now, once a worker asks for work.
        before = place if place >= queue.places else 0
        progress[key] = _waiting(held.get(key), before, queue.starts_in(before))
    return Work(tuple(told.workers), tuple(told.recordings), progress, queue)


def _rank(one: work_pb2.RecordingWork) -> tuple[bool, int, int]:
    """Return what sorts first of two that tell of the same recording: who is alive, then newer."""
    return one.stale, one.held.place, -one.noted_at.ToNanoseconds()


def _line_rank(one: work_pb2.RecordingWork | None) -> tuple[bool, int]:
    if one is None or one.stale:
        return True, 0
    return False, one.held.place


def _queue(
    told: work_pb2.ListWorkResponse,
    under_way: Sequence[str],
    held: Mapping[str, work_pb2.RecordingWork],
    waiting: int,
) -> WorkQueue:
    alive = [one for one in told.workers if one.state == work_pb2.WORKER_STATE_ALIVE]
    done = sum(one.recordings_done for one in told.workers)
    busy = sum(one.busy_seconds for one in told.workers)
    return WorkQueue(
        waiting=waiting,
        running=len(under_way),
        places=sum(one.places for one in alive),
        seconds_each=busy / done if done else None,
        longest_left=max((float(held[key].held.seconds_left) for key in under_way), default=0.0),
    )


def _under_way(one: work_pb2.RecordingWork) -> WorkProgress:
    held = one.held
    return WorkProgress(
        stage=held.stage,
        percent=held.done_thousandths / 10,
        seconds_left=held.seconds_left if held.HasField("seconds_left") else None,
        before=held.before,
        told_at=moment(one),
        worker=one.worker,
    )


def _waiting(
    one: work_pb2.RecordingWork | None, before: int, starts_in: int | None
) -> WorkProgress:
    if one is None or not one.stale or one.held.place:
        return WorkProgress(before=before, starts_in=starts_in if before else None)
    return WorkProgress(
        stage=one.held.stage,
        percent=one.held.done_thousandths / 10,
        before=before,
        stale=True,
        told_at=moment(one),
        worker=one.worker,
    )


def moment(one: work_pb2.RecordingWork | work_pb2.Worker) -> str:
    """Return when a worker last told of itself, or of a recording, in ISO 8601."""
    return one.noted_at.ToDatetime(dt.UTC).isoformat(timespec="seconds")


def duration(seconds: float) -> str:
    """Return seconds as people say them: in seconds, minutes or hours."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
