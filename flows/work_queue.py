# SPDX-License-Identifier: Apache-2.0
"""What Prefect has to do with recordings: how many wait, which are worked on, when it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest

from flows import names
from flows.due import DueRecording
from flows.prefect_api import FlowRun, PrefectApi

# The name of the task that ends a recording in a run, as its runs' names begin.
_LAST_TASK = "apply-review-rule"
_AT_WORK = ("RUNNING", "CANCELLING")
# Runs that ended last, from which the pace is taken.
_PACE_RUNS = 50


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """Recordings that runs hold, and the pace at which they are done.

    `waiting` and `running` count recordings, `runs` the runs that are at work. `seconds_each` is
    how long a run took for a recording of late, None before the first was done.
    """

    waiting: int
    running: int
    runs: int
    seconds_each: float | None

    @property
    def seconds_left(self) -> float | None:
        """When all is done at this pace; None where no pace is known."""
        left = self.waiting + self.running
        if self.seconds_each is None:
            return None if left else 0.0
        return left * self.seconds_each / max(self.runs, 1)

    @property
    def label(self) -> str:
        """What people read of it."""
        if not self.waiting + self.running:
            return "nothing waits"
        told = f"{self.running} in progress, {self.waiting} waiting"
        if self.seconds_left is None or self.seconds_each is None:
            return f"{told}; no forecast before the first is done"
        return (
            f"{told}; about {duration(self.seconds_left)} left at {self.seconds_each:.1f} s each,"
            " the pace so far"
        )


def read(api: PrefectApi) -> WorkQueue:
    """Return the queue as it is now; raises Unavailable when Prefect cannot be reached."""
    active = list(api.active_runs(names.PROCESS_RECORDINGS))
    at_work = [run for run in active if run.state_type in _AT_WORK]
    done = api.count_tasks([run.id for run in at_work], _LAST_TASK) if at_work else 0
    held = sum(_size(run) for run in at_work)
    ended = api.ended_runs(names.PROCESS_RECORDINGS, _PACE_RUNS)
    counted = done + sum(_size(run) for run in ended)
    seconds = sum(run.seconds for run in (*at_work, *ended))
    return WorkQueue(
        waiting=sum(_size(run) for run in active) - held,
        running=max(held - done, 0),
        runs=len(at_work),
        seconds_each=seconds / counted if counted else None,
    )


def holders(api: PrefectApi) -> Mapping[str, FlowRun]:
    """Return the run that holds each recording, by the recording's id."""
    return {
        DueRecording.read(one).recording_id: run
        for run in api.active_runs(names.PROCESS_RECORDINGS)
        for one in run.recordings
    }


def places(api: PrefectApi) -> dict[str, int]:
    """Return how many recordings have their turn before each that a run holds, by its id.

    0 for the one that a run at work is at: runs take theirs one after the other.
    """
    active = sorted(api.active_runs(names.PROCESS_RECORDINGS), key=lambda run: run.created)
    under_way, behind, waiting = [], [], []
    for run in active:
        due = [one.recording_id for one in sorted(map(DueRecording.read, run.recordings))]
        if not is_at_work(run):
            waiting += due
            continue
        left = due[api.count_tasks([run.id], _LAST_TASK) :]
        under_way += left[:1]
        behind.append(left[1:])
    # Runs at work go on side by side.
    next_ones = [one for row in zip_longest(*behind) for one in row if one is not None]
    line = dict.fromkeys((*under_way, *next_ones, *waiting))
    first = set(under_way)
    return {one: 0 if one in first else place for place, one in enumerate(line)}


def is_at_work(run: FlowRun) -> bool:
    """Return whether a run has begun."""
    return run.state_type in _AT_WORK


def duration(seconds: float) -> str:
    """Return seconds as people say them: in seconds, minutes or hours."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _size(run: FlowRun) -> int:
    return len(run.recordings)
