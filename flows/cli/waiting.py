# SPDX-License-Identifier: Apache-2.0
"""Waits for recordings to be worked on, and shows how far they are."""

from __future__ import annotations

import base64
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Collection
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from flows import catalog
from flows.settings import prefect_environment
from services.common import supervisor

if TYPE_CHECKING:
    from services.common.client import Peers
    from services.common.installation import Installation

_STAGES = {"sealed": "transcription", "transcribed": "deidentification"}
_STAGE_SHARE = {"sealed": 0.0, "transcribed": 80.0, "deidentified": 100.0, "failed": 100.0}


def wait_for(
    peers: Peers, home: Installation, study: str, recording_ids: Collection[str]
) -> dict[str, catalog.RecordingStatus]:
    """Wait until all recordings are settled; returns their last states by id.

    Shows a bar for each on a terminal.
    """
    console = Console(stderr=True)
    live = console.is_terminal
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not live) as progress:
        bars = {
            one: progress.add_task(one[:12], total=100.0, state="sealed") for one in recording_ids
        }
        while True:
            states = {
                one.recording_id: one
                for one in catalog.recordings(peers, study)
                if one.recording_id in bars
            }
            shares = _shares(home) if live else {}
            for recording_id, one in states.items():
                stage = _STAGES.get(one.state, "")
                share = shares.get(f"{recording_id}-{stage}", 0.0)
                done = _STAGE_SHARE.get(one.state, 100.0) + share * (
                    0.8 if one.state == "sealed" else 0.2 if one.state == "transcribed" else 0.0
                )
                progress.update(
                    bars[recording_id],
                    completed=done,
                    state=one.state,
                    description=f"{one.participant} session {one.session}",
                )
            if len(states) == len(bars) and all(one.is_settled for one in states.values()):
                return states
            time.sleep(0.5)
            sys.stderr.flush()


def _shares(home: Installation) -> dict[str, float]:
    """Progress by artifact key, as flows report it to Prefect; empty when it does not answer."""
    state = supervisor.state(home)
    address = (state or {}).get("addresses", {}).get(supervisor.SCHEDULER)
    if not address:
        return {}
    environment = prefect_environment(home, address)
    token = base64.b64encode(environment["PREFECT_API_AUTH_STRING"].encode()).decode()
    request = urllib.request.Request(  # noqa: S310 - the scheme is ours
        f"{environment['PREFECT_API_URL']}/artifacts/latest/filter",
        data=json.dumps({"artifacts": {"type": {"any_": ["progress"]}}, "limit": 200}).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Basic {token}"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=2.0) as answer:
            artifacts = json.load(answer)
    except (urllib.error.URLError, ValueError, TimeoutError):
        return {}
    return {
        str(one["key"]): float(one["data"])
        for one in artifacts
        if isinstance(one.get("data"), int | float)
    }
