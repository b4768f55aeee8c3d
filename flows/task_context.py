# SPDX-License-Identifier: Apache-2.0
"""What a flow run needs of the worker that it runs in.

Prefect records the parameters of a flow, so that channels cannot be one: the worker provides them
around each run, and the tasks of the run ask for them here.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from flows.settings import FlowSettings
from flows.work_board import WorkBoard
from services.common.client import Peers
from services.common.errors import Internal


@dataclass(frozen=True, slots=True)
class TaskContext:
    """Channels, settings, the event that says that the run is to stop, and the worker's board."""

    peers: Peers
    settings: FlowSettings
    stopping: threading.Event
    board: WorkBoard


_CURRENT: ContextVar[TaskContext] = ContextVar("sotto_tasks")


@contextlib.contextmanager
def provided(context: TaskContext) -> Iterator[None]:
    """Provide the context to the flow run of a block."""
    token = _CURRENT.set(context)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current() -> TaskContext:
    """Return the context of the current flow run; raises Internal outside of one."""
    try:
        return _CURRENT.get()
    except LookupError:
        raise Internal(
            "a task ran outside of a worker, which has the channels to services"
        ) from None
