# SPDX-License-Identifier: Apache-2.0
"""A task of the sandbox, one of whose libraries maps memory that its forks would share."""

from __future__ import annotations

import mmap
from typing import BinaryIO

from services.common.sandbox.task import Order, Work

_mapped: list[mmap.mmap] = []


def prepare() -> None:
    """Map memory as shared, which is what Python does by itself."""
    _mapped.append(mmap.mmap(-1, mmap.PAGESIZE))


def work(file: BinaryIO, order: Order) -> Work:  # noqa: ARG001 - the shape of a task
    """Tell what an earlier run left in the memory, and leave something."""
    yield 0, _mapped[0][:].strip(b"\0")
    _mapped[0][:4] = b"left"
    return {}
