# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from services.common.errors import InvalidInput, NotFound, NotReady
from services.common.sandbox import messages, parent
from services.common.sandbox.limits import Limits
from services.common.sandbox.messages import HEADER
from services.common.sandbox.parent import Ending, Sandbox, SandboxFailed, find_walls

_ROOT = Path(__file__).parents[3]
_TASK = "tests.support.unruly_task"


def run(
    do: str,
    content: bytes = b"",
    limits: Limits | None = None,
    errors: tuple[type[InvalidInput] | type[NotFound], ...] = (InvalidInput,),
) -> tuple[list[tuple[int, bytes]], Ending]:
    """Items of the task and how it ended."""
    running = Sandbox(_TASK, limits or Limits(wait_seconds=60.0), errors).run(
        io.BytesIO(content), {"do": do}
    )
    items = []
    while True:
        try:
            items.append(next(running))
        except StopIteration as end:
            return items, end.value


class TestWork:
    def test_items_and_result(self) -> None:
        """A task reads its file at any offset, and gives items in order and a result."""
        content = os.urandom(3 * messages.MOST_READ_BYTES)
        items, ending = run("read", content)
        assert items == [(1, content[-3:]), (2, content)]
        assert ending.result == {"size": len(content)}
        assert ending.walls.seccomp

    def test_nothing_comes_over_from_the_parent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The process has neither our environment nor our descriptors nor our folder."""
        monkeypatch.setenv("SOTTO_SECRET", "x")
        with Path("/proc/self/environ").open("rb") as held:
            os.set_inheritable(held.fileno(), True)
            [(number, data)], _ = run("tell")
        assert number == 7
        told = json.loads(data)
        # Python adds LC_CTYPE; the last descriptor is that of the listing, now and then.
        assert set(told["environment"]) <= {
            "PYTHONPATH", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LC_CTYPE",
        }  # fmt: skip
        assert set(told["descriptors"]) == {0, 1, 2, 3}
        assert told["folder"] == "/"

    def test_the_walls_are_around_all_threads(self) -> None:
        """A thread that a library started when it was loaded may do no more than the task."""
        running = Sandbox("tests.support.threaded_task", Limits(wait_seconds=60.0)).run(
            io.BytesIO(), {}
        )
        assert list(running) == [(1, b"refused")]

    def test_errors(self) -> None:
        """An error that was named comes as it is, any other as the first one, cut short."""
        with pytest.raises(NotFound, match="there is none"):
            run("refuse", errors=(InvalidInput, NotFound))
        with pytest.raises(InvalidInput, match="there is none"):
            run("refuse")
        with pytest.raises(InvalidInput) as caught:
            run("refuse otherwise")
        assert len(caught.value.message) == 500


class TestLimits:
    @pytest.mark.parametrize(
        ("do", "limits", "named"),
        [
            ("spin", Limits(cpu_seconds=1), "1 s of processor time"),
            ("wait", Limits(wait_seconds=2.0), "2 s of time"),
            ("fill", Limits(memory_bytes=256 * 1024**2), "256 MiB of memory"),
            ("flood", Limits(output_bytes=1 << 20), "1048576 bytes of what was read"),
        ],
    )
    def test_what_is_hit_is_named(self, do: str, limits: Limits, named: str) -> None:
        """Processor, time, memory and output have limits, and the error says which was hit."""
        with pytest.raises(SandboxFailed) as caught:
            run(do, limits=limits)
        assert caught.value.limit == named

    @pytest.mark.parametrize("do", ["crash", "fail", "nothing known"])
    def test_what_breaks(self, do: str) -> None:
        """A process that crashes or fails hits no limit, and tells nothing of why."""
        with pytest.raises(SandboxFailed) as caught:
            run(do)
        assert caught.value.limit == ""

    def test_leaving_ends_it(self) -> None:
        """A reader that leaves takes the process with it."""
        running = Sandbox(_TASK).run(io.BytesIO(), {"do": "flood"})
        next(running)
        [child] = [one for one in psutil.Process().children() if _is_ours(one)]
        running.close()
        assert not child.is_running()

    def test_it_dies_with_its_parent(self) -> None:
        """A service that is killed leaves no confined process behind, however busy that is."""
        code = (
            "import io\n"
            "from services.common.sandbox.parent import Sandbox\n"
            f"running = Sandbox({_TASK!r}).run(io.BytesIO(), {{'do': 'spin'}})\n"
            "next(running)\n"
            "print('up', flush=True)\n"
            "input()\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            env={**os.environ, "PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'protos'}"},
        ) as service:
            assert service.stdout is not None
            assert service.stdout.readline() == b"up\n"
            [child] = psutil.Process(service.pid).children()
            service.send_signal(signal.SIGKILL)
        assert psutil.wait_procs([child], timeout=20)[1] == []


class TestWithoutSeccomp:
    @pytest.mark.parametrize(("allow_weak", "kinds"), [(False, b"W"), (True, b"WD")])
    def test_the_process_reads_nothing_unless_allowed(
        self, tmp_path: Path, allow_weak: bool, kinds: bytes
    ) -> None:
        """Where libseccomp is missing the process says so, and works only where that is allowed."""
        (tmp_path / "libseccomp.so.2").touch()
        order = {
            "task": "services.common.sandbox.probe",
            "limits": asdict(Limits()),
            "parent": os.getpid(),
            "size": 0,
            "allow_weak": allow_weak,
            "order": {},
        }
        done = subprocess.run(
            [sys.executable, "-m", "services.common.sandbox"],
            input=json.dumps(order).encode() + b"\n",
            capture_output=True,
            cwd=_ROOT,
            env={
                "PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'protos'}",
                "LD_LIBRARY_PATH": str(tmp_path),
            },
            check=False,
        )
        said, found = io.BytesIO(done.stdout), b""
        while header := said.read(HEADER.size):
            kind, _, length = HEADER.unpack(header)
            found += kind
            data = json.loads(said.read(length))
            assert kind != messages.WALLS or not data["seccomp"]
            assert kind != messages.WALLS or "libseccomp" in data["missing"]
        assert found == kinds

    def test_the_parent_refuses_unless_allowed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A service does not start there, and says what to install and what would allow it."""
        (tmp_path / "libseccomp.so.2").touch()
        interpreter = tmp_path / "python"
        interpreter.write_text(
            f'#!/bin/sh\nLD_LIBRARY_PATH={tmp_path} exec {sys.executable} "$@"\n'
        )
        interpreter.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(interpreter))
        with pytest.raises(NotReady, match=r"libseccomp2.*allow_weak_sandbox") as caught:
            find_walls(allow_weak=False)
        assert caught.value.reason == "no_sandbox"
        walls = find_walls(allow_weak=True)
        assert not walls.seccomp
        assert "seccomp" not in walls.names

    def test_here(self) -> None:
        """This system has what Sotto needs, and says what it has."""
        assert find_walls(allow_weak=False).names.startswith("seccomp")

    def test_a_process_that_cannot_be_started(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where the process does not come up, the service says so instead of waiting."""
        broken = tmp_path / "python"
        broken.write_text("#!/bin/sh\nexit 1\n")
        broken.chmod(0o700)
        monkeypatch.setattr(parent.sys, "executable", str(broken))
        with pytest.raises(NotReady, match="cannot be started"):
            find_walls(allow_weak=True)


def _is_ours(process: psutil.Process) -> bool:
    return "services.common.sandbox" in process.cmdline()
