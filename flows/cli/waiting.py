# SPDX-License-Identifier: Apache-2.0
"""Waits for recordings to be processed, and shows their progress."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from flows import work_queue
from flows.due import list_pending
from flows.prefect_api import PrefectApi
from flows.settings import prefect_environment, settings_of
from flows.submit import submit
from services.common.errors import SottoError
from services.common.output import print_message
from services.recordings_client import catalog, work
from services.recordings_client.stages import Stage
from services.recordings_client.work import WorkProgress
from services.registry import identities
from sotto.storage.v1 import pending_service_pb2_grpc, recording_pb2

if TYPE_CHECKING:
    from flows.prefect_api import FlowRun
    from services.common.client import Peers
    from services.common.installation import Installation

_POLL_SECONDS = 0.5
# How often progress is asked for, and from which difference on a line is worth printing.
_LOOK_SECONDS = 2.0
_STEP_PERCENT = 10.0
# Of a bar: where it is when a stage begins, and how much the stage adds. Transcription takes most
# of the time.
_START_PERCENT = {
    Stage.TRANSCRIPTION: 0.0, Stage.DEIDENTIFICATION: 80.0, Stage.REVIEW_RULE: 100.0,
}  # fmt: skip
_STAGE_PERCENT = {
    Stage.TRANSCRIPTION: 80.0, Stage.DEIDENTIFICATION: 20.0, Stage.REVIEW_RULE: 0.0,
}  # fmt: skip


def wait_for(
    peers: Peers, installation: Installation, refs: Iterable[recording_pb2.RecordingRef]
) -> dict[str, catalog.RecordingSummary]:
    """Wait until nothing is due for any of the recordings; return what became of each, by its id.

    Shows how far each is: as a bar on a terminal, else as a line from time to time.
    """
    wanted = {ref.recording_id: ref for ref in refs}
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
    )
    names = {key: f"{ref.participant} {key[:12]}" for key, ref in wanted.items()}
    lines = _Lines()
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bars = {key: progress.add_task(name, total=100.0, state="") for key, name in names.items()}
        looked = -_LOOK_SECONDS
        found: Mapping[str, WorkProgress] = {}
        while open_ones := _unfinished(peers, installation, wanted):
            if time.monotonic() - looked >= _LOOK_SECONDS:
                found, looked = _progress(peers), time.monotonic()
            for key, bar in bars.items():
                if key not in open_ones:
                    progress.update(bar, completed=100.0, state="done")
                    continue
                one = found.get(key) or _without_progress(open_ones[key])
                state = one.label if one else "waiting"
                progress.update(bar, completed=percent_done(one), state=state)
                if not console.is_terminal:
                    lines.tell(names[key], one, state)
            time.sleep(_POLL_SECONDS)
            sys.stderr.flush()
    return {recording_id: catalog.recording(peers, ref) for recording_id, ref in wanted.items()}


def percent_done(progress: WorkProgress | None) -> float:
    """Return how much of a recording's processing is done, in percent of its bar."""
    if progress is None or not progress.stage:
        return 0.0
    stage = Stage(progress.stage)
    return _START_PERCENT[stage] + _STAGE_PERCENT[stage] * progress.percent / 100.0


class _Lines:
    """What is told where there is no terminal: a line for each stage, place and tenth."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[str, int, int]] = {}

    def tell(self, name: str, progress: WorkProgress | None, state: str) -> None:
        """Print a line about a recording, unless nothing has changed that is worth one."""
        news = progress or WorkProgress(before=-1)
        step = news.stage, news.before, int(news.percent // _STEP_PERCENT)
        if self._told.get(name) != step:
            self._told[name] = step
            print_message(f"{name}: {state}")


def _progress(peers: Peers) -> Mapping[str, WorkProgress]:
    """Return how far recordings are; it is for show, so that what hinders it is passed over."""
    try:
        return work.read(peers).progress
    except SottoError:
        return {}


def _without_progress(run: FlowRun | None) -> WorkProgress | None:
    """Return what is known where no progress is: whether it is worked on at all."""
    return WorkProgress() if run is not None and work_queue.is_at_work(run) else None


def _unfinished(
    peers: Peers, installation: Installation, wanted: Mapping[str, recording_pb2.RecordingRef]
) -> dict[str, FlowRun | None]:
    """Return the wanted recordings that have work due, each with the run that holds it, if any.

    As long as a run holds one of them the store is not asked. For what no run holds and is on the
    list of pending recordings, because it was marked again meanwhile, one is started.
    """
    try:
        runs = work_queue.holders(PrefectApi(prefect_environment(settings_of(installation))))
    except SottoError:
        runs = {}  # the list of pending recordings tells it as well
    held: dict[str, FlowRun | None] = {
        recording_id: runs[recording_id] for recording_id in wanted if recording_id in runs
    }
    if held:
        return held
    stub = pending_service_pb2_grpc.PendingServiceStub(peers.channel(identities.CLINICAL))
    pending = [
        wanted[one.recording_id]
        for study_id in sorted({ref.study_id for ref in wanted.values()})
        for one in list_pending(stub, study_id)
        if one.recording_id in wanted
    ]
    if pending:
        with contextlib.suppress(SottoError):  # the next sweep starts one as well
            submit(installation, peers, pending)
    return {ref.recording_id: None for ref in pending}
