# SPDX-License-Identifier: Apache-2.0
"""Rest for the collector of garbage while many objects are made that stay."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def no_collector() -> Iterator[None]:
    """Suspend it: entries of a log make no cycles, and it would go through all of them again and
    again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
