# SPDX-License-Identifier: Apache-2.0
"""Seccomp: the list of system calls that a confined process may make; all others are refused.

The filter is made by libseccomp, which Debian, Ubuntu, Fedora and RHEL have on every system. It is
called directly: the package `pyseccomp` starts `ldconfig`, and sometimes a compiler, to find it.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os

_LIBRARY = "libseccomp.so.2"

ALLOWED = (
    # what came in and what goes out, through pipes that are open already
    "read write readv writev close lseek "
    # memory; mmap and mprotect are added below, without the right to execute
    "brk munmap mremap madvise "
    # locks between threads that there are already, signals that the process gets
    "futex rt_sigreturn rt_sigprocmask sigaltstack restart_syscall "
    # time, random numbers, and the end
    "clock_gettime clock_getres gettimeofday time getrandom exit exit_group"
).split()

_NEVER_EXECUTABLE = ("mmap", "mprotect")
_PROTECTION = 2
"""Number of the argument of these two calls that holds the rights on the memory."""

_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM
_MASKED_EQUAL = 7
_ALL_THREADS = 4
"""The attribute SCMP_FLTATR_CTL_TSYNC: a library may have started a thread when it was loaded."""


class _Condition(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operation", ctypes.c_int),
        ("mask", ctypes.c_uint64),
        ("value", ctypes.c_uint64),
    )


class Filter:
    """The filter, made while libraries can still be loaded; raises OSError without libseccomp."""

    def __init__(self) -> None:
        self._library = library = ctypes.CDLL(_LIBRARY)
        library.seccomp_init.restype = ctypes.c_void_p
        library.seccomp_load.argtypes = (ctypes.c_void_p,)
        library.seccomp_rule_add_array.argtypes = (
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_void_p,
        )
        self._rules: int | None = library.seccomp_init(ctypes.c_uint32(_REFUSE))
        if not self._rules:
            raise OSError(errno.ENOMEM, "libseccomp makes no filter")
        if failed := library.seccomp_attr_set(
            ctypes.c_void_p(self._rules), _ALL_THREADS, ctypes.c_uint32(1)
        ):
            raise OSError(-failed, "libseccomp does not filter all threads")
        unexecutable = _Condition(_PROTECTION, _MASKED_EQUAL, mmap.PROT_EXEC, 0)
        for name in ALLOWED:
            self._add(name, None)
        for name in _NEVER_EXECUTABLE:
            self._add(name, unexecutable)

    def load(self) -> None:
        """Refuse all threads of this process what is not listed, with EPERM; for good.

        A call by the numbers of another architecture (32 bits, x32) kills it. Needs
        `PR_SET_NO_NEW_PRIVS`. Raises OSError where the kernel has no seccomp.
        """
        failed = self._library.seccomp_load(self._rules)
        if failed:
            raise OSError(-failed, os.strerror(-failed))

    def _add(self, name: str, condition: _Condition | None) -> None:
        number = self._library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            # This architecture has no call of that name, such as `time` on ARM.
            return
        conditions = None if condition is None else ctypes.byref(condition)
        failed = self._library.seccomp_rule_add_array(
            self._rules, _ALLOW, number, 0 if condition is None else 1, conditions
        )
        if failed:
            raise OSError(-failed, f"libseccomp does not take {name}")
