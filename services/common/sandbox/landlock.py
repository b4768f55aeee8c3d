# SPDX-License-Identifier: Apache-2.0
"""Landlock (Linux 5.13): a process gives up its rights on files, TCP ports and other processes.

Source: Documentation/userspace-api/landlock.rst of Linux. The package `landlock` of PyPI is a
pre-release and knows neither ports nor signals.
"""

from __future__ import annotations

import ctypes
import os

# The same on every architecture but Alpha.
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_VERSION = 1

_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""How many rights on files the versions of Landlock know; each adds behind those before."""

_PORTS, _SCOPES = 0b11, 0b11
"""Bind and connect of TCP from version 4; abstract sockets and signals from version 6."""


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("ports", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


def give_up_everything() -> int:
    """Leave this process no path and no port; return Landlock's version, 0 where there is none.

    Needs `PR_SET_NO_NEW_PRIVS`. Raises OSError where the kernel has Landlock and it fails.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = int(libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION))
    if version < 1:
        return 0
    files = max(count for since, count in _RIGHTS.items() if since <= version)
    rules = _Ruleset(
        (1 << files) - 1, _PORTS if version >= 4 else 0, _SCOPES if version >= 6 else 0
    )
    # Old kernels refuse a structure that is longer than the one they know.
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "Landlock makes no rules")
    failed = libc.syscall(_RESTRICT_SELF, ruleset, 0)
    error = ctypes.get_errno()
    os.close(ruleset)
    if failed:
        raise OSError(error, "Landlock does not restrict this process")
    return version
