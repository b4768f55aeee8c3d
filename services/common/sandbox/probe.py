# SPDX-License-Identifier: Apache-2.0
"""The task that does nothing: running it shows which walls this system has."""

from __future__ import annotations

from typing import BinaryIO

from services.common.sandbox.task import Order, Work


def prepare() -> None:
    """Import nothing."""


def work(file: BinaryIO, order: Order) -> Work:  # noqa: ARG001 - the shape of a task
    """Do nothing."""
    yield from ()
    return {}
