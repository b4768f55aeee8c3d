# SPDX-License-Identifier: Apache-2.0
"""A task of the sandbox, one of whose libraries started a thread when it was loaded."""

from __future__ import annotations

import os
import threading
from typing import BinaryIO

from services.common.sandbox.task import Order, Work

_walls = threading.Event()
_tried = threading.Event()
_outcomes: list[bytes] = []


def prepare() -> None:
    """Start a thread that makes a system call that is not listed, once the walls are there."""
    threading.Thread(target=_try, daemon=True).start()


def work(file: BinaryIO, order: Order) -> Work:  # noqa: ARG001 - the shape of a task
    """Tell what the thread achieved."""
    _walls.set()
    _tried.wait()
    yield 1, _outcomes[0]
    return {}


def _try() -> None:
    _walls.wait()
    try:
        os.sched_yield()
    except PermissionError:
        _outcomes.append(b"refused")
    else:
        _outcomes.append(b"done")
    _tried.set()
