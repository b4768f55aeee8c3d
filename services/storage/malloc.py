# SPDX-License-Identifier: Apache-2.0
"""Limits the memory that glibc keeps while large objects pass through many threads."""

from __future__ import annotations

import contextlib
import ctypes

# Parameters of mallopt(3).
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_LARGE = 4 << 20  # bytes; the largest piece that a sender or S3 holds is 5 MiB
_ARENAS = 2  # by default eight for each core, and each keeps its free blocks


def limit_arenas() -> None:
    """Make glibc return large blocks at once, and share two arenas between all threads.

    By itself it keeps blocks of up to 32 MiB for later, in up to eight arenas a core. Does nothing
    where the C library is another one.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE)
        library.mallopt(_M_ARENA_MAX, _ARENAS)
