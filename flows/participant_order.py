# SPDX-License-Identifier: Apache-2.0
"""Keeps the runs of one participant in the order of their creation, never two at a time.

Prefect's concurrency limits would need one for each participant, give no order, and a slot of a
killed process, or of a restarted server, stays taken. The list of runs itself is exact: among the
runs of a participant that are not over, the oldest may work, all others wait in Prefect.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import structlog

from flows import names
from flows.prefect_api import FlowRun, PrefectApi
from services.common.errors import SottoError

if TYPE_CHECKING:
    from prefect.client.schemas import objects

_log = structlog.get_logger(__name__)

_WAITING = "WaitingForParticipant"
_INTERRUPTED = "Interrupted"
# The run before a waiting one wakes it; this is for the case that it could not.
_LOOK_AGAIN = dt.timedelta(seconds=60)
# A run that a worker has just taken decides whether it waits: so often, and with such pauses, it is
# looked at until it has.
_LOOKS = 50
_PAUSE_SECONDS = 0.1


class ParticipantOrder:
    """The order of runs by Prefect's list of them; for use on threads."""

    def __init__(self, api: PrefectApi) -> None:
        self._api = api

    def postpone(self, run: objects.FlowRun) -> bool:
        """Return whether a run has to wait for an older one; it is scheduled again then."""
        older = run_before(str(run.id), self._active(run))
        if older is None:
            return False
        self._api.schedule(str(run.id), _in(_LOOK_AGAIN), name=_WAITING)
        _log.info("flow_run_waits", flow_run_id=str(run.id))
        return True

    def release(self, run: objects.FlowRun, *, again: bool) -> None:
        """Let the next runs of its participants begin, or this one again when it was interrupted.

        For each participant that is the oldest run that is not over.
        """
        try:
            if again:
                if self._api.state_type(str(run.id)) == "CANCELLED":
                    self._api.schedule(str(run.id), _in(dt.timedelta()), name=_INTERRUPTED)
                return
            self._wake_next(run)
        except SottoError as error:
            _log.warning("next_run_not_woken", flow_run_id=str(run.id), reason=error.reason)

    def _wake_next(self, run: objects.FlowRun) -> None:
        woken = set[str]()
        for _ in range(_LOOKS):
            following = self._following(run)
            for one in following:
                if one.state_name == _WAITING and one.id not in woken:
                    self._api.schedule(one.id, _in(dt.timedelta()), name=_WAITING)
                    woken.add(one.id)
            if all(one.state_type != "PENDING" for one in following):
                return
            time.sleep(_PAUSE_SECONDS)

    def _following(self, run: objects.FlowRun) -> list[FlowRun]:
        """Return the oldest other run of each participant of a run."""
        others = [one for one in self._active(run) if one.id != str(run.id)]
        oldest = (
            min((one for one in others if tag in one.tags), key=_age, default=None)
            for tag in _participants(run)
        )
        return list({one.id: one for one in oldest if one is not None}.values())

    def _active(self, run: objects.FlowRun) -> list[FlowRun]:
        tags = _participants(run)
        if not tags:
            return []
        return list(self._api.active_runs(names.PROCESS_RECORDINGS, tags=tags))


def _participants(run: objects.FlowRun) -> list[str]:
    return [tag for tag in run.tags if tag.startswith(names.PARTICIPANT)]


def run_before(run_id: str, active: Iterable[FlowRun]) -> FlowRun | None:
    """Return the oldest of the active runs, None when that is the run itself."""
    oldest = min(active, key=_age, default=None)
    return None if oldest is None or oldest.id == run_id else oldest


def _age(run: FlowRun) -> tuple[dt.datetime, str]:
    return run.created, run.id


def _in(time: dt.timedelta) -> str:
    return (dt.datetime.now(dt.UTC) + time).isoformat()
