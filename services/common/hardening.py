# SPDX-License-Identifier: Apache-2.0
"""Keeps the memory of a process, with its keys and what was said, from files and from others.

A core dump would write it to the disk, and any process of the same account could read it through
ptrace(2) or /proc/PID/mem.
"""

from __future__ import annotations

import ctypes
import os
import resource

#: Set where strace watches what processes send, which it reads from their memory.
TRACE_VARIABLE = "SOTTO_DEMO_TRACE"
_PR_SET_DUMPABLE = 4  # from <linux/prctl.h>


def protect_memory() -> None:
    """Have this process leave no core dump, and let no other one of its account look into it.

    Those that it starts leave no core dump either; the second each has to say for itself.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not os.environ.get(TRACE_VARIABLE):
        set_dumpable(False)


def set_dumpable(dumpable: bool) -> None:
    """Let processes of the same account look into this one, or not (prctl(2), PR_SET_DUMPABLE).

    Where they may not, the files below /proc/self belong to root. Raises OSError.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_DUMPABLE, ctypes.c_ulong(dumpable), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_DUMPABLE) fails")
