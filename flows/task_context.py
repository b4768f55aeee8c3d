# SPDX-License-Identifier: Apache-2.0
"""What the tasks of flows need of the process that they run in.

Prefect records the parameters of a flow, so that channels cannot be one: the process sets its
context once, before its first flow, and tasks ask for it here.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from services.common.client import Peers
from services.common.errors import Internal


@dataclass(frozen=True, slots=True)
class TaskContext:
    """Channels to the services, and the event that says that the process is about to stop."""

    peers: Peers
    stopping: threading.Event


_current: TaskContext | None = None


def install(context: TaskContext) -> None:
    """Set the context of all tasks of this process."""
    global _current  # noqa: PLW0603 - one process serves one installation
    _current = context


def current() -> TaskContext:
    """Return the context of this process's tasks; raises Internal when none was installed."""
    if _current is None:
        raise Internal("a task ran before its process had set the context of tasks")
    return _current
