# SPDX-License-Identifier: Apache-2.0
"""What somebody would try who took over a process that reads files: a task of the sandbox.

The same attempts are made without a sandbox by `python -m tests.support.escape_attempts`, whose
first line on stdin is the order: what can be done there must be refused inside.
"""

from __future__ import annotations

import ctypes
import errno
import json
import mmap
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from services.common.sandbox.task import Order, Work

_libc = ctypes.CDLL(None, use_errno=True)
_PTRACE_SEIZE = 0x4206
_REMOVE = 0  # IPC_RMID
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


_held = ctypes.create_string_buffer(bytes(32), 128)


class _Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def prepare() -> None:
    """Look up the numbers of system calls while the library can be loaded."""
    library = ctypes.CDLL("libseccomp.so.2")
    for name in _CALLS:
        _NUMBERS[name] = library.seccomp_syscall_resolve_name(name.encode())


_CALLS = (
    "process_vm_readv process_vm_writev ptrace pidfd_open io_uring_setup keyctl add_key bpf "
    "userfaultfd mount umount2 unshare clone3 inotify_init1 shmget shmctl prctl"
).split()
_NUMBERS: dict[str, int] = {}


def work(file: BinaryIO, order: Order) -> Work:  # noqa: ARG001 - the shape of a task
    """Yield what was tried and what came of it, or without end until the parent reads no more."""
    while order.get("stay"):
        yield 0, bytes(1 << 20)
    yield 0, json.dumps(attempt_all(order)).encode()
    return {}


def attempt_all(order: Order) -> dict[str, str]:
    """Return the outcome of each attempt: `done`, or the name of the error."""
    outcomes = {}
    for name, attempt in _attempts(order).items():
        try:
            gained = attempt()
            outcomes[name] = gained if isinstance(gained, str) else "done"
        except OSError as error:
            outcomes[name] = errno.errorcode.get(error.errno or 0, "refused")
    return outcomes


Attempts = dict[str, Callable[[], object]]


def _attempts(order: Order) -> Attempts:
    """Return the attempts, harmless ones before those that take things away.

    `service` is its process id, `secret` where in its memory a secret of 32 bytes lies; `others`
    are names and process ids of those that have the addresses of this process.
    `folder` holds files `mine`, `other` and `spare` of the service's user, `port` is listened on,
    `exec` says whether to run another program in the end.
    """
    return {
        **_to_open(Path(order["folder"]), int(order["port"])),
        **_on_another("service", int(order["service"]), int(order["secret"])),
        **_on_others(order.get("others", {})),
        **_to_start(),
        **_on_the_kernel(order["folder"]),
        **_on_files(Path(order["folder"])),
        "new user namespace": lambda: _call("unshare", _CLONE_NEWUSER),
        "new network": lambda: _call("unshare", _CLONE_NEWNET),
        **({"exec": _execute} if order["exec"] else {}),
    }


def _to_open(folder: Path, port: int) -> Attempts:
    def connect() -> None:
        with socket.socket() as ours:
            ours.connect(("127.0.0.1", port))

    return {
        "open a file": lambda: _close(os.open("/etc/hostname", os.O_RDONLY)),
        "open a file of the user": lambda: _close(os.open(folder / "mine", os.O_RDWR)),
        "make a file": lambda: _close(os.open(folder / "new", os.O_CREAT | os.O_WRONLY)),
        "list a folder": lambda: _done(list(folder.iterdir())),
        "stat": lambda: _done((folder / "mine").stat()),
        "readlink": lambda: _done(Path("/proc/self/exe").readlink()),
        "pipe": lambda: _close(*os.pipe()),
        "socket of TCP": lambda: _done(socket.socket().close()),
        "socket of UDP": lambda: socket.socket(type=socket.SOCK_DGRAM).close(),
        "socket of Unix": lambda: socket.socket(socket.AF_UNIX).close(),
        "connect": connect,
        "memfd": lambda: _close(os.memfd_create("x")),
    }


def _on_another(name: str, process: int, secret: int) -> Attempts:
    """Return the attempts on a process that has a secret of 32 bytes at that address."""

    def read_memory() -> str:
        data = ctypes.create_string_buffer(32)
        here = _Vector(ctypes.cast(data, ctypes.c_void_p), 32)
        there = _Vector(secret, 32)
        _call("process_vm_readv", process, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
        return data.raw.hex()

    def write_memory() -> None:
        data = ctypes.create_string_buffer(b"x", 1)
        here = _Vector(ctypes.cast(data, ctypes.c_void_p), 1)
        there = _Vector(secret + 64, 1)
        _call("process_vm_writev", process, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)

    def read_proc() -> str:
        handle = os.open(f"/proc/{process}/mem", os.O_RDONLY)
        try:
            return os.pread(handle, 32, secret).hex()
        finally:
            os.close(handle)

    return {
        f"read memory of the {name}": read_memory,
        f"write memory of the {name}": write_memory,
        f"read /proc/PID/mem of the {name}": read_proc,
        f"read /proc/PID/environ of the {name}": lambda: _done(
            Path(f"/proc/{process}/environ").read_bytes()
        ),
        f"signal the {name}": lambda: os.kill(process, signal.SIGCONT),
        f"pidfd of the {name}": lambda: _close(_call("pidfd_open", process, 0)),
        f"trace the {name}": lambda: _call("ptrace", _PTRACE_SEIZE, process, 0, 0),
    }


def _on_others(others: Mapping[str, int]) -> Attempts:
    return {
        name: attempt
        for other, process in others.items()
        for name, attempt in _on_another(other, process, ctypes.addressof(_held)).items()
    }


def _to_start() -> Attempts:
    def fork() -> None:
        if os.fork() == 0:
            os._exit(0)
        os.wait()

    def clone3() -> None:
        arguments = (ctypes.c_uint64 * 8)(0, 0, 0, 0, signal.SIGCHLD)
        if _libc.syscall(_NUMBERS["clone3"], ctypes.byref(arguments), 64) == 0:
            os._exit(0)
        os.wait()

    def run_from_memory() -> None:
        handle = os.memfd_create("program", 0)
        os.write(handle, b"#!/bin/true\n")
        child = os.fork()
        if child == 0:
            try:
                os.execve(handle, ["program"], {})  # noqa: S606 - this is the attempt
            finally:
                os._exit(1)
        if os.waitpid(child, 0)[1]:
            raise PermissionError(errno.EPERM, "it did not run")

    return {
        "fork": fork,
        "clone3": clone3,
        "memfd and exec": run_from_memory,
        "memory to execute": lambda: _memory_to_execute().close(),
    }


def _on_the_kernel(folder: str) -> Attempts:
    nofile = resource.RLIMIT_NOFILE

    def mount() -> None:
        _call("mount", b"none", folder.encode(), b"tmpfs", 0, 0)
        _call("umount2", folder.encode(), 0)

    def share() -> None:
        _call("shmctl", _call("shmget", 0, 4096, 0o1600), _REMOVE, 0)

    return {
        "io_uring": lambda: _close(_call("io_uring_setup", 4, (ctypes.c_char * 256)())),
        "keyctl": lambda: _call("keyctl", 0, -3, 1),
        "add_key": lambda: _call("add_key", b"user", b"x", b"y", 1, -1),
        "bpf": lambda: _close(_call("bpf", 0, (ctypes.c_uint32 * 18)(2, 4, 4, 1), 72)),
        "userfaultfd": lambda: _close(_call("userfaultfd", 1)),
        "mount": mount,
        "shared memory": share,
        "inotify": lambda: _close(_call("inotify_init1", 0)),
        "be dumpable": lambda: _call("prctl", 4, 1, 0, 0, 0),
        "raise a limit": lambda: resource.setrlimit(nofile, resource.getrlimit(nofile)),
        "change folder": lambda: os.chdir("/"),
    }


def _on_files(folder: Path) -> Attempts:
    mine, other, spare = (folder / name for name in ("mine", "other", "spare"))
    return {
        "chmod": lambda: mine.chmod(0o640),
        "truncate": lambda: os.truncate(mine, 0),
        "rename": lambda: _done(other.rename(folder / "gone")),
        "link": lambda: (folder / "linked").hardlink_to(spare),
        "symlink": lambda: (folder / "symbolic").symlink_to(spare),
        "mkdir": (folder / "made").mkdir,
        "utime": lambda: os.utime(spare),
        "unlink": spare.unlink,
    }


def _execute() -> None:
    os.execv("/bin/true", ["true"])  # noqa: S606 - this is the attempt


def _memory_to_execute() -> mmap.mmap:
    return mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)


def _done(_: object) -> None:
    """Take what an attempt gained for done."""


def _call(name: str, *arguments: object) -> int:
    """Make a system call by its name; raises OSError."""
    # Plain integers would go as 32 bits, with whatever stands beside them on the stack.
    wide = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    made = _libc.syscall(ctypes.c_long(_NUMBERS[name]), *wide)
    if made < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(made)


def _close(*handles: int) -> None:
    for handle in handles:
        os.close(handle)


def become(uid: int) -> None:
    """Become another user, unless it is 0."""
    if uid:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def main() -> None:
    """Make the attempts as they come on stdin, without a sandbox."""
    prepare()
    order = json.loads(sys.stdin.readline())
    become(int(order["uid"]))
    sys.stdout.write(json.dumps(attempt_all(order)))


if __name__ == "__main__":
    main()
