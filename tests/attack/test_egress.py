# SPDX-License-Identifier: Apache-2.0
"""Nothing that we start looks for a way out of the machine, and whoever did would be seen.

The whole pipeline is under the same eyes in `tests/e2e/test_demo.py`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.demo import egress
from tests.support.deployment import ROOT
from tests.support.tools import missing, need_tracing

TAGGER = ROOT / "services/deidentification/model/ner.int8.onnx"
LOAD = "import onnxruntime, sys; s = onnxruntime.InferenceSession(sys.argv[1]); sys.stdin.read()"
# In a namespace of its own: what a library may try, then what the kernel counted of it.
CALL_OUT = """
import contextlib, ctypes, encodings.ascii, encodings.idna, os, socket, sys
from pathlib import Path
from flows.demo import egress
if os.geteuid() != int(sys.argv[1]):
    os.setgid(int(sys.argv[1]))
    os.setuid(int(sys.argv[1]))
    ctypes.CDLL(None).prctl(4, 1)  # PR_SET_DUMPABLE, as it is where nobody changed the user
if not egress.enter_loopback():
    sys.exit(9)
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname()).close()
print(egress.Enclosed().check().passed)
for family, kind, address in (
    (socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 443)),
    (socket.AF_INET, socket.SOCK_DGRAM, ("192.0.2.1", 53)),
    (socket.AF_INET6, socket.SOCK_STREAM, ("2001:db8::1", 443)),
    (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.53", 53)),
):
    before = egress.count_attempts(Path("/proc/self/net"))
    with socket.socket(family, kind) as one, contextlib.suppress(OSError):
        one.connect(address)
        one.send(b"x")
    print(egress.count_attempts(Path("/proc/self/net")) - before)
print(egress.Enclosed().check().passed)
"""
NOBODY = 65534
V6 = (
    "{{sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), "
    'inet_pton(AF_INET6, "{}", &sin6_addr), sin6_scope_id=0}}'
)


class TestTracing:
    # The library calls its maker some ten seconds after the first model was loaded.
    def test_sees_a_library_that_calls_its_maker(self, tmp_path: Path) -> None:
        """onnxruntime without its switch looks for its maker's address, and strace shows it."""
        need_tracing()
        trace = tmp_path / "trace"
        # Nothing else: the library also holds back where a variable such as CI is set.
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        tracer = subprocess.Popen(
            [*egress.strace_command(trace), sys.executable, "-c", LOAD, str(TAGGER)],
            stdin=subprocess.PIPE,
            env={**environment, "TMPDIR": str(tmp_path)},
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + 60
            while not _beyond(trace) and time.monotonic() < deadline:
                assert tracer.poll() is None
                time.sleep(0.2)
            assert _beyond(trace)
        finally:
            os.killpg(tracer.pid, signal.SIGKILL)
            tracer.wait()
            assert tracer.stdin is not None
            tracer.stdin.close()
        assert egress.Traced(trace).check().passed is False

    @pytest.mark.parametrize(
        ("address", "beyond"),
        [
            ('{sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}', True),
            ('{sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}', True),
            ('{sa_family=AF_INET, sin_port=htons(4200), sin_addr=inet_addr("127.0.0.1")}', False),
            (V6.format("2001:db8::1"), True),
            (V6.format("::1"), False),
            (V6.format("::ffff:127.0.0.1"), False),
            (V6.format("::ffff:192.0.2.1"), True),
        ],
    )
    def test_reads_addresses(self, address: str, beyond: bool) -> None:
        """Any address but loopback's is beyond, and so is a name server on loopback."""
        for line in (
            f"7 connect(3, {address}, 28) = 0",
            f"connect(3, {address}, 28 <unfinished ...>",
            f'7 sendto(3, ""..., 50, MSG_NOSIGNAL, {address}, 28) = 50',
            f"7 sendmsg(3, {{msg_name={address}, msg_namelen=28, msg_controllen=0}}, 0) = 4",
        ):
            [found] = egress.destinations([line])
            assert egress.is_beyond(*found) is beyond

    def test_other_families_are_no_way_out(self) -> None:
        """What goes to a file's socket or to the kernel is not looked at."""
        lines = [
            '7 connect(3, {sa_family=AF_UNIX, sun_path="/run/nscd/socket"}, 110) = -1 ENOENT',
            "7 sendto(3, [{nlmsg_len=20}, ...], 20, 0, {sa_family=AF_NETLINK}, 12) = 20",
            "7 sendto(3, 0x7ffe8, 20, 0, NULL, 0) = 20",
        ]
        assert not list(egress.destinations(lines))

    def test_what_cannot_be_read_proves_nothing(self, tmp_path: Path) -> None:
        """Calls whose address was hidden from strace are named, and nothing counts as checked."""
        trace = tmp_path / "trace"
        trace.write_text(
            "7 connect(3, 0x7ffe8, 16) = 0\n"
            '7 sendto(3, ""..., 20, 0, 0x7ffe8, 16) = 20\n'
            "7 sendmsg(3, 0x7ffe8, MSG_NOSIGNAL <unfinished ...>\n"
            "7 sendmmsg(3, 0x7ffe8, 2, 0) = 2\n"
        )
        check = egress.Traced(trace).check()
        assert check.passed is None
        assert "4 could not be read" in check.figure


class TestNamespace:
    @pytest.mark.parametrize("user", [0, NOBODY])
    def test_counts_every_attempt_to_leave(self, user: int) -> None:
        """A connection, a datagram and a question for a name are counted; loopback is not."""
        if os.geteuid() != 0:
            user = os.geteuid()
        done = subprocess.run(
            [sys.executable, "-c", CALL_OUT, str(user)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}"},
            check=False,
        )
        if done.returncode == 9:
            missing("the system allows no network namespace here")
        assert done.returncode == 0, done.stderr
        first, *counted, last = done.stdout.split()
        assert (first, last) == ("True", "False")
        assert len(counted) == 4
        assert all(int(count) > 0 for count in counted)

    def test_without_any_means_nothing_is_claimed(self) -> None:
        """Where nothing can be proved the check says so, and how to get it proved."""
        check = egress.Unwatched().check()
        assert check.outcome == "not checked"
        assert "strace" in check.figure


def _beyond(trace: Path) -> bool:
    if not trace.exists():
        return False
    with trace.open(errors="replace") as lines:
        return any(egress.is_beyond(*one) for one in egress.destinations(lines))
