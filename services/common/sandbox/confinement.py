# SPDX-License-Identifier: Apache-2.0
"""Makes walls around the process that calls it: for good, and not to be undone from inside.

Each wall is there for the case that another has a hole. seccomp alone refuses every system call
that opens, connects, starts, traces, signals or renames; Landlock refuses files and ports again;
limits of resources refuse new descriptors and processes again.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal

from services.common import hardening
from services.common.sandbox import landlock, seccomp
from services.common.sandbox.limits import Limits, Walls

# From linux/prctl.h.
_PDEATHSIG, _NO_NEW_PRIVS = 1, 38

_LONGEST_REASON = 200

_NOBODY = 65534
"""The user without files that every Linux knows; root becomes it."""


def find_filter() -> seccomp.Filter | str:
    """Return the filter of system calls, or why there is none; forks use what their parent made."""
    try:
        return seccomp.Filter()
    except OSError as error:
        return str(error)


def confine(limits: Limits, parent: int, rules: seccomp.Filter | str) -> Walls:
    """Confine this process, whose parent has the process id `parent`; return what confines it.

    `rules` are of `find_filter`. Whoever calls has imported all that is needed: nothing can be
    opened afterwards. Raises OSError where a wall that every Linux has cannot be made.
    """
    _give_up_root()
    # Changing the user takes both of the next back, so they come after it.
    hardening.set_dumpable(False)
    _prctl(_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise OSError("the parent is gone")
    _prctl(_NO_NEW_PRIVS, 1)
    version = landlock.give_up_everything()
    _limit(limits)
    missing = rules if isinstance(rules, str) else _load(rules)
    return Walls(not missing, version, missing[:_LONGEST_REASON])


def _load(rules: seccomp.Filter) -> str:
    """Load the filter; return why it cannot be, or nothing."""
    try:
        rules.load()
    except OSError as error:
        return str(error)
    return ""


def _give_up_root() -> None:
    if os.geteuid() == 0:
        # In a container that knows one user alone there is nobody else to become.
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)


def _limit(limits: Limits) -> None:
    for limit, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        # Each new file, socket, pipe or process needs one of these.
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (value, value))
    # At the soft limit the signal tells the parent why; the hard one is for who ignores it.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl {option} fails")
