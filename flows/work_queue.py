# SPDX-License-Identifier: Apache-2.0
"""Which runs of Prefect hold recordings, for whoever waits until they are over."""

from __future__ import annotations

from collections.abc import Mapping

from flows import names
from flows.due import DueRecording
from flows.prefect_api import FlowRun, PrefectApi

_AT_WORK = ("RUNNING", "CANCELLING")


def holders(api: PrefectApi) -> Mapping[str, FlowRun]:
    """Return the run that holds each recording, by the recording's id."""
    return {
        DueRecording.read(one).recording_id: run
        for run in api.active_runs(names.PROCESS_RECORDINGS)
        for one in run.recordings
    }


def is_at_work(run: FlowRun) -> bool:
    """Return whether a run has begun."""
    return run.state_type in _AT_WORK
