# SPDX-License-Identifier: Apache-2.0
"""Waits for recordings to be processed, and shows their progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from flows import catalog
from flows.prefect_api import PrefectApi
from flows.settings import prefect_environment, settings_of
from flows.stages import Stage, next_stage, progress_key
from services.common.errors import SottoError

if TYPE_CHECKING:
    from services.common.client import Peers
    from services.common.installation import Installation
    from sotto.storage.v1.catalog_pb2 import RecordingStatus

_POLL_SECONDS = 0.5
# Of a bar: where it is when a stage begins, and how much the stage adds. Transcription takes most
# of the time.
_START_PERCENT = {
    Stage.TRANSCRIPTION: 0.0,
    Stage.DEIDENTIFICATION: 80.0,
    Stage.REVIEW_RULE: 99.0,
}
_STAGE_PERCENT = {
    Stage.TRANSCRIPTION: 80.0,
    Stage.DEIDENTIFICATION: 19.0,
    Stage.REVIEW_RULE: 1.0,
}


def wait_for(
    peers: Peers, installation: Installation, study: str, recording_ids: Collection[str]
) -> dict[str, catalog.RecordingSummary]:
    """Wait until all recordings are settled and return their last status by id.

    On a terminal, shows a progress bar for each.
    """
    console = Console(stderr=True)
    is_live = console.is_terminal
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not is_live) as progress:
        bars = {
            recording_id: progress.add_task(recording_id[:12], total=100.0, state="sealed")
            for recording_id in recording_ids
        }
        while True:
            found = {
                recording.recording_id: recording
                for recording in catalog.recordings(peers, study)
                if recording.recording_id in bars
            }
            stages = _stage_progress(installation) if is_live else {}
            for recording_id, recording in found.items():
                progress.update(
                    bars[recording_id],
                    completed=percent_done(recording_id, recording.status, stages),
                    state=recording.state,
                    description=f"{recording.participant} session {recording.session}",
                )
            if len(found) == len(bars) and all(one.is_settled for one in found.values()):
                return found
            time.sleep(_POLL_SECONDS)
            sys.stderr.flush()


def percent_done(recording_id: str, status: RecordingStatus, stages: Mapping[str, float]) -> float:
    """Return how much of a recording's processing is done, in percent.

    `stages` is the progress of each stage that runs, in percent, by its key in Prefect.
    """
    stage = next_stage(status)
    if stage is None:
        return 100.0
    stage_percent = stages.get(progress_key(recording_id, stage), 0.0)
    return _START_PERCENT[stage] + _STAGE_PERCENT[stage] * stage_percent / 100.0


def _stage_progress(installation: Installation) -> dict[str, float]:
    """Return the progress that flows report to Prefect, in percent by artifact key.

    Nothing when Prefect does not answer: progress is for show, and nothing waits for it.
    """
    try:
        return PrefectApi(prefect_environment(settings_of(installation))).progress()
    except SottoError:
        return {}
