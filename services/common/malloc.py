# SPDX-License-Identifier: Apache-2.0
"""Limits the memory that glibc keeps while much of it passes through many threads."""

from __future__ import annotations

import contextlib
import ctypes

# Parameters of mallopt(3).
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_ARENAS = 2  # by default eight for each core, and each keeps its free blocks


def limit_arenas(*, return_from: int = 0) -> None:
    """Share two arenas between all threads, and return blocks of at least so many bytes at once.

    By itself glibc keeps blocks of up to 32 MiB for later, in up to eight arenas a core. To return
    them costs processor time where each is soon asked for again; 0 leaves that as it is. Does
    nothing where the C library is another one.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        if return_from:
            library.mallopt(_M_MMAP_THRESHOLD, return_from)
        library.mallopt(_M_ARENA_MAX, _ARENAS)
