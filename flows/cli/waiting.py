# SPDX-License-Identifier: Apache-2.0
"""Waits for recordings to be processed, and shows their progress."""

from __future__ import annotations

import base64
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from flows import catalog
from flows.settings import prefect_environment
from flows.stages import Stage, next_stage, progress_key
from services.common import supervisor
from services.registry.processes import SCHEDULER

if TYPE_CHECKING:
    from services.common.client import Peers
    from services.common.installation import Installation
    from sotto.storage.v1.catalog_pb2 import RecordingStatus

_POLL_SECONDS = 0.5
_PREFECT_SECONDS = 2.0
# Of a bar: where it is when a stage begins, and how much the stage adds. Transcription takes most
# of the time.
_START_PERCENT = {Stage.TRANSCRIPTION: 0.0, Stage.DEIDENTIFICATION: 80.0}
_STAGE_PERCENT = {Stage.TRANSCRIPTION: 80.0, Stage.DEIDENTIFICATION: 20.0}


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
    """Return the progress that flows report to Prefect, in percent by artifact key."""
    state = supervisor.state(installation)
    address = (state or {}).get("addresses", {}).get(SCHEDULER)
    return read_progress(prefect_environment(installation, address)) if address else {}


def read_progress(environment: Mapping[str, str]) -> dict[str, float]:
    """Read the newest progress artifacts from Prefect's API: percent by key.

    `environment` is that of Prefect in this installation. Returns nothing when Prefect does not
    answer: progress is for show, and nothing waits for it.
    """
    token = base64.b64encode(environment["PREFECT_API_AUTH_STRING"].encode()).decode()
    request = urllib.request.Request(  # noqa: S310 - the scheme is ours
        f"{environment['PREFECT_API_URL']}/artifacts/latest/filter",
        data=json.dumps({"artifacts": {"type": {"any_": ["progress"]}}, "limit": 200}).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Basic {token}"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_PREFECT_SECONDS) as answer:
            artifacts = json.load(answer)
    except (urllib.error.URLError, ValueError, TimeoutError):
        return {}
    return {
        str(artifact["key"]): float(artifact["data"])
        for artifact in artifacts
        if isinstance(artifact.get("data"), int | float)
    }
