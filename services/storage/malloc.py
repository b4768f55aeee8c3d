# SPDX-License-Identifier: Apache-2.0
"""Keeps the process's memory small while large objects pass through many threads."""

from __future__ import annotations

import contextlib
import ctypes

_MMAP_THRESHOLD = -3
_ARENA_MAX = -8
_LARGE = 4 << 20


def limit_arenas() -> None:
    """Have glibc give back large blocks at once, and share two arenas between all threads.

    By itself it keeps blocks of up to 32 MiB for later, in up to eight arenas a core. Does nothing
    where the C library is another one.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
        library.mallopt(_ARENA_MAX, 2)
