# SPDX-License-Identifier: Apache-2.0
"""Proves that nothing leaves the machine: by a network without a way out, else by tracing calls.

In a network namespace with loopback alone (network_namespaces(7)) nothing can leave, and the kernel
counts what tried to. Where the system allows none, strace(1) shows where every process wanted to
send. A list of switches, or a look now and then, proves nothing.
"""

from __future__ import annotations

import ctypes
import fcntl
import ipaddress
import os
import re
import shutil
import socket
import struct
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn, Protocol

from flows.demo.checks import Check
from services.common import hardening

NAME = "ways out of this machine"
"""Name of the check."""

_TRACE = hardening.TRACE_VARIABLE
_CALLS = "connect,sendto,sendmsg,sendmmsg"
_NAME_SERVICE_PORT = 53

# From <linux/sched.h> and <linux/if.h>.
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1

_CALL = re.compile(r"^(?:\d+ +)?(?:connect|sendto|sendmsg|sendmmsg)\((?P<arguments>.*)")
_ADDRESS = re.compile(
    r"sin6?_port=htons\((?P<port>\d+)\).*?"
    r"(?:inet_addr\(|inet_pton\(AF_INET6, )\"(?P<address>[0-9a-fA-F.:]+)\""
)
# An address that strace may not read, as that of a process that lets nobody look into it.
_UNREADABLE = re.compile(r"0x[0-9a-f]+, (?:\d+|MSG_[A-Z_|]+)(?:, [0-9A-Z_|]+)?(?:\)| <)")


class Proof(Protocol):
    """What watches the network while the demonstration runs."""

    def check(self) -> Check:
        """Return what it saw; `passed` is None where nothing was proved."""
        ...


def watched(arguments: Sequence[str], *, alone: bool) -> Proof:
    """Have the network of this process, and of all that it starts from now on, watched.

    Call it before there are threads. `alone`: everything that is needed runs on this machine, so a
    network of its own will do. May replace this process by the command `sotto` with `arguments`
    under strace, which comes here again.
    """
    if trace := os.environ.get(_TRACE):
        return Traced(Path(trace))
    if alone and enter_loopback():
        return Enclosed()
    if shutil.which("strace"):
        _run_traced(arguments)
    return Unwatched()


def enter_loopback() -> bool:
    """Move this process into a network namespace of its own, whose loopback is up.

    Without root it takes a user namespace as well. Returns False where the system refuses that.
    """
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_NETWORK if user == 0 else _NEW_NETWORK | _NEW_USER):
        return False
    if user:
        # The files belong to root as long as nobody may look into this process.
        hardening.set_dumpable(True)
        # user_namespaces(7): groups may be mapped only by who gave up setgroups(2).
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            Path("/proc/self", name).write_text(text, "ascii")
        hardening.set_dumpable(False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh22x", b"lo", 0)
        (flags,) = struct.unpack_from("h", fcntl.ioctl(any_socket, _GET_FLAGS, request), 16)
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh22x", b"lo", flags | _UP))
    return True


class Enclosed:
    """A proof by a namespace: there is no way out, and the kernel counts who looked for one."""

    def check(self) -> Check:
        """Check that nothing looked for a way out."""
        attempts = count_attempts(Path("/proc/self/net"))
        interfaces = [name for _, name in socket.if_nameindex()]
        return Check(
            NAME,
            attempts == 0 and interfaces == ["lo"],
            f"none: a network with {', '.join(interfaces)} alone; {attempts} attempts to leave",
        )


class Traced:
    """A proof by strace of every process, which writes to a file."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def check(self) -> Check:
        """Check that every destination was on loopback."""
        with self._trace.open(encoding="utf-8", errors="replace") as lines:
            found = list(destinations(lines))
        self._trace.unlink()
        beyond = {one for one in found if is_beyond(*one)}
        unreadable = sum(1 for address, _ in found if not address)
        named = "".join(f", {address}:{port}" for address, port in sorted(beyond))
        return Check(
            NAME,
            # Of calls that cannot be read nothing is known.
            None if unreadable and not beyond else not beyond and bool(found),
            f"{len(beyond)} of {len(found)} calls seen by strace went elsewhere{named}"
            + (f"; {unreadable} could not be read, so run it as root" if unreadable else ""),
        )


class Unwatched:
    """No proof, as this machine offers none."""

    def check(self) -> Check:
        """Say how to get a proof."""
        return Check(
            NAME, None, "install strace, or run it as root, or allow user namespaces, to know"
        )


def count_attempts(net: Path) -> int:
    """Return how often something in the network of a process looked for a way out.

    `net` is its folder in /proc. Counted are packets without a route (RFC 4293, OutNoRoutes) and
    datagrams, which Sotto sends none of: those are questions for names.
    """
    before: list[str] = []
    counts: dict[str, int] = {}
    for line in (net / "snmp").read_text("ascii").splitlines():
        names = line.split()
        if before and before[0] == names[0] and names[1].lstrip("-").isdigit():
            keys = (f"{names[0]}{key}" for key in before[1:])
            counts.update(zip(keys, map(int, names[1:]), strict=True))
        before = names
    attempts = counts["Ip:OutNoRoutes"] + counts["Udp:OutDatagrams"]
    if (net / "snmp6").exists():
        more = dict(line.split() for line in (net / "snmp6").read_text("ascii").splitlines())
        attempts += int(more["Ip6OutNoRoutes"]) + int(more["Udp6OutDatagrams"])
    return attempts


def destinations(trace: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield address and port of each call in strace's output that names an Internet address.

    The address is empty where strace could not read it.
    """
    for line in trace:
        call = _CALL.match(line)
        if call is None:
            continue
        found = _ADDRESS.search(call["arguments"])
        if found:
            yield found["address"], int(found["port"])
        elif _UNREADABLE.search(call["arguments"]):
            yield "", 0


def is_beyond(address: str, port: int) -> bool:
    """Return whether a destination is not on this machine, or is a name server wherever it is."""
    if not address:
        return False
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    # Nothing is sent to the unspecified address: Linux takes it for loopback.
    return port == _NAME_SERVICE_PORT or not (parsed.is_loopback or parsed.is_unspecified)


def strace_command(trace: Path) -> list[str]:
    """Return strace's command line up to the traced command; payloads are not written down."""
    return [
        *("strace", "-f", "-qqq", "--seccomp-bpf", "-s", "0", "-e", "signal=none"),
        *("-e", f"trace={_CALLS}", "-o", str(trace)),
    ]


def _run_traced(arguments: Sequence[str]) -> NoReturn:
    handle, name = tempfile.mkstemp(prefix="sotto-trace-")
    os.close(handle)
    command = [*strace_command(Path(name)), sys.executable, "-m", "flows.cli.main", *arguments]
    os.execvpe(command[0], command, {**os.environ, _TRACE: name})  # noqa: S606 - no shell is wanted
