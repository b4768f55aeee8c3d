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

from flows import catalog, work_queue
from flows.due import list_pending
from flows.prefect_api import PrefectApi
from flows.settings import prefect_environment, settings_of
from flows.stages import Stage, progress_key
from flows.submit import submit
from services.common.errors import SottoError
from services.registry import identities
from sotto.storage.v1 import pending_service_pb2_grpc, recording_pb2

if TYPE_CHECKING:
    from flows.prefect_api import FlowRun
    from services.common.client import Peers
    from services.common.installation import Installation

_POLL_SECONDS = 0.5
# Of a bar: where it is when a stage begins, and how much the stage adds. Transcription takes most
# of the time.
_START_PERCENT = {Stage.TRANSCRIPTION: 0.0, Stage.DEIDENTIFICATION: 80.0}
_STAGE_PERCENT = {Stage.TRANSCRIPTION: 80.0, Stage.DEIDENTIFICATION: 20.0}


def wait_for(
    peers: Peers, installation: Installation, refs: Iterable[recording_pb2.RecordingRef]
) -> dict[str, catalog.RecordingSummary]:
    """Wait until nothing is due for any of the recordings; return what became of each, by its id.

    On a terminal, shows a progress bar for each.
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
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bars = {
            recording_id: progress.add_task(
                f"{ref.participant} {recording_id[:12]}", total=100.0, state="waiting"
            )
            for recording_id, ref in wanted.items()
        }
        while open_ones := _unfinished(peers, installation, wanted):
            stages = _stage_progress(installation) if console.is_terminal else {}
            for recording_id, bar in bars.items():
                is_open = recording_id in open_ones
                progress.update(
                    bar,
                    completed=percent_done(recording_id, stages) if is_open else 100.0,
                    state=_word(open_ones[recording_id]) if is_open else "done",
                )
            time.sleep(_POLL_SECONDS)
            sys.stderr.flush()
    return {recording_id: catalog.recording(peers, ref) for recording_id, ref in wanted.items()}


def percent_done(recording_id: str, stages: Mapping[str, float]) -> float:
    """Return how much of a recording's processing is done, in percent.

    `stages` is the progress of stages, in percent, by its key in Prefect.
    """
    for stage in reversed(_START_PERCENT):
        percent = stages.get(progress_key(recording_id, stage))
        if percent is not None:
            return _START_PERCENT[stage] + _STAGE_PERCENT[stage] * percent / 100.0
    return 0.0


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


def _word(run: FlowRun | None) -> str:
    return "in progress" if run is not None and work_queue.is_at_work(run) else "waiting"


def _stage_progress(installation: Installation) -> dict[str, float]:
    """Return the progress that flows report to Prefect, in percent by artifact key.

    Nothing when Prefect does not answer: progress is for show, and nothing waits for it.
    """
    try:
        return PrefectApi(prefect_environment(settings_of(installation))).progress()
    except SottoError:
        return {}
