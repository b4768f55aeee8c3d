# SPDX-License-Identifier: Apache-2.0
"""Shows the list of recordings again and again, with what waits and when it is done."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from flows import work_queue
from flows.cli.recording_table import COLUMNS, row
from flows.prefect_api import PrefectApi
from flows.settings import prefect_environment, settings_of
from services.recordings_client import catalog, work
from services.recordings_client.work import Work

if TYPE_CHECKING:
    from services.common.client import Peers
    from services.common.installation import Installation
    from services.recordings_client.catalog import RecordingSummary

_SECONDS = 2.0


def watch(peers: Peers, installation: Installation, recordings: Sequence[RecordingSummary]) -> None:
    """Show recordings until no run holds one of them; Ctrl-C ends it before.

    Only recordings that a run held since the last look are read again. Raises Unavailable when the
    scheduler cannot be reached.
    """
    api = PrefectApi(prefect_environment(settings_of(installation)))
    known = {one.recording_id: one for one in recordings}
    console = Console()
    held = _held(api, known)

    def shown() -> Group:
        return _shown(known.values(), work.read(peers))

    with Live(shown(), console=console) as live:
        while held:
            time.sleep(_SECONDS)
            again = _held(api, known)
            for recording_id in held | again:
                known[recording_id] = catalog.recording(peers, known[recording_id].ref)
            live.update(shown())
            held = again


def _held(api: PrefectApi, known: Collection[str]) -> set[str]:
    return {recording_id for recording_id in work_queue.holders(api) if recording_id in known}


def _shown(recordings: Collection[RecordingSummary], now: Work) -> Group:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for one in recordings:
        cells = row(one, now.progress.get(one.recording_id))
        table.add_row(*(str(cell) for cell in cells))
    return Group(table, f"Work: {now.queue.label}")
