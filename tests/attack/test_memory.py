# SPDX-License-Identifier: Apache-2.0
"""No memory of a process, which holds keys and what was said, reaches a file or another process."""

from __future__ import annotations

import importlib.util
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.registry.identities import AUDIT
from services.registry.processes import PROCESSES
from tests.support.deployment import ROOT, Deployment, wait_until
from tests.support.tools import need, need_system

_NOBODY = "65534"
# ptrace(PTRACE_ATTACH), which gives access to memory and registers; see ptrace(2).
_LOOK = """
import ctypes, sys
pid = int(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
print("attached" if libc.ptrace(16, pid, 0, 0) == 0 else "refused")
try:
    open(f"/proc/{pid}/mem", "rb").close()
    open(f"/proc/{pid}/environ", "rb").read()
    print("opened")
except PermissionError:
    print("refused")
"""


@pytest.fixture
def dumping() -> Iterator[None]:
    """Let processes leave core dumps of any size, as a hospital's defaults may."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


def _core_limits(pid: int) -> list[str]:
    lines = Path(f"/proc/{pid}/limits").read_text("ascii").splitlines()
    [line] = [one for one in lines if one.startswith("Max core file size")]
    return line.split()[4:6]


def _account() -> list[str]:
    """Return what puts before a command that it runs under an account without rights."""
    if os.geteuid():
        return []
    need("setpriv")
    return ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]


def _looked_into(source: str) -> list[str]:
    """Run a program and another one of its account that looks into it; return what that got."""
    python = [*_account(), sys.executable, "-c"]
    target = subprocess.Popen(
        [*python, f"{source}\nprint('ready', flush=True)\ninput()\n"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd="/",
    )
    assert target.stdin is not None
    assert target.stdout is not None
    try:
        assert target.stdout.readline() == b"ready\n"
        looking = subprocess.run(
            [*python, _LOOK, str(target.pid)], capture_output=True, check=True, cwd="/"
        )
    finally:
        target.kill()
        target.wait()
        target.stdin.close()
        target.stdout.close()
    return looking.stdout.decode().split()


class TestCoreDumps:
    @pytest.mark.usefixtures("dumping")
    def test_crash_leaves_none(self, tmp_path: Path) -> None:
        """A service that crashes writes no memory into its home, whatever the shell allows."""
        with Deployment(tmp_path / "home").start(AUDIT) as deployment:
            pid = deployment.pid(AUDIT)
            assert _core_limits(pid) == ["0", "0"]
            process = deployment.supervisor._processes[AUDIT]
            os.kill(pid, signal.SIGABRT)
            wait_until(lambda: process.poll() is not None, seconds=30, what="the crash")
            assert process.returncode == -signal.SIGABRT
            deployment.kill(AUDIT)

        assert [one for one in tmp_path.rglob("core*") if one.is_file()] == []


class TestOtherProcesses:
    def test_protected_process_cannot_be_looked_into(self) -> None:
        """A process of the same account can neither attach to ours nor read its memory."""
        # As text, since another account may not read this checkout.
        source = (ROOT / "services/common/hardening.py").read_text("utf-8")

        assert _looked_into(f"{source}\nprotect_memory()") == ["refused", "refused"]

    def test_others_can(self) -> None:
        """The look is a real one: it gets into a process that is not protected."""
        scope = Path("/proc/sys/kernel/yama/ptrace_scope")
        need_system(
            not scope.exists() or scope.read_text().strip() == "0",
            "this system lets nobody attach (Yama)",
        )

        assert _looked_into("pass") == ["attached", "opened"]

    @pytest.mark.parametrize("module", sorted({one.module for one in PROCESSES}))
    def test_every_process_protects_itself(self, module: str) -> None:
        """Each process of an installation starts by `run_process`, which protects first."""
        spec = importlib.util.find_spec(module)
        assert spec is not None
        assert spec.origin is not None
        path = Path(spec.origin)
        source = path.with_name("__main__.py") if path.name == "__init__.py" else path
        assert source.read_text("utf-8").rstrip().endswith("run_process(main)")

    def test_command_protects_itself(self) -> None:
        """So does the command, which holds keys of people."""
        limits = (
            "import atexit; from pathlib import Path; from flows.cli.main import run;"
            "atexit.register(lambda: print(Path('/proc/self/limits').read_text()));"
            "run(['--help'])"
        )
        done = subprocess.run(
            [sys.executable, "-c", limits], capture_output=True, check=True, cwd=ROOT
        )
        [line] = [one for one in done.stdout.decode().splitlines() if "Max core" in one]
        assert line.split()[4:6] == ["0", "0"]
