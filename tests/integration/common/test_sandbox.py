# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from services.common.errors import InvalidInput, NotFound, NotReady
from services.common.sandbox import messages, templates
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
        # Python adds LC_CTYPE.
        assert set(told["environment"]) <= {
            "PYTHONPATH", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LC_CTYPE",
        }  # fmt: skip
        assert set(told["descriptors"]) == {0, 1, 2}
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
        [child] = _forked(_template(_TASK))
        running.close()
        assert not child.is_running()

    def test_it_dies_with_its_parent(self) -> None:
        """A service that is killed leaves no process behind, however busy that is."""
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
            left = psutil.Process(service.pid).children(recursive=True)
            service.send_signal(signal.SIGKILL)
        assert len(left) == 2
        assert psutil.wait_procs(left, timeout=20)[1] == []


class TestTemplates:
    def test_one_process_forks_all_runs(self) -> None:
        """A task is loaded once, and each run is a process of its own."""
        run("tell")
        template = _template(_TASK)
        children = []
        for _ in range(2):
            running = Sandbox(_TASK).run(io.BytesIO(), {"do": "flood"})
            next(running)
            children += _forked(template)
            running.close()
        assert children[0].pid != children[1].pid
        assert _template(_TASK) == template

    def test_runs_at_the_same_time(self) -> None:
        """Each of many runs at once gets its own file, and no descriptor of another."""
        contents = [os.urandom(1 << 20) for _ in range(24)]
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda content: run("read", content)[0], contents))
        assert found == [[(1, content[-3:]), (2, content)] for content in contents]
        beside = Sandbox(_TASK).run(io.BytesIO(), {"do": "flood"})
        next(beside)
        [(_, data)], _ = run("look")
        beside.close()
        # Three of any process, and the pipe that messages go by.
        assert json.loads(data) == [0, 1, 2, 3]

    def test_one_that_died(self) -> None:
        """Where the template is gone, the next run starts another; one that ran breaks."""
        running = Sandbox(_TASK).run(io.BytesIO(), {"do": "flood"})
        next(running)
        template = _template(_TASK)
        [child] = _forked(template)
        template.kill()
        with pytest.raises(SandboxFailed):
            list(running)
        assert psutil.wait_procs([child], timeout=20)[1] == []
        assert run("read", b"abc")[1].result == {"size": 3}
        assert _template(_TASK).pid != template.pid

    def test_a_fault_ends_it(self) -> None:
        """After a fault, which may be a guess at addresses, the next run has other addresses."""
        running = Sandbox(_TASK).run(io.BytesIO(), {"do": "spin"})
        next(running)
        template = _template(_TASK)
        with pytest.raises(SandboxFailed):
            run("crash")
        [(_, told)], _ = run("tell")
        assert json.loads(told)["template"] != template.pid
        # What ran beside it goes on, and takes the old one with it.
        assert len(_forked(template)) == 1
        running.close()
        assert psutil.wait_procs([template], timeout=20)[1] == []

    def test_an_end_by_us_or_an_error_is_no_fault(self) -> None:
        """A run that we end, that fails or that is refused costs no new start."""
        run("tell")
        template = _template(_TASK)
        running = Sandbox(_TASK).run(io.BytesIO(), {"do": "spin"})
        next(running)
        running.close()
        with pytest.raises(SandboxFailed):
            run("fail")
        with pytest.raises(InvalidInput):
            run("refuse")
        run("tell")
        assert _template(_TASK) == template

    def test_shared_memory_is_never_shared(self) -> None:
        """Where a library maps memory as shared, each process loads it for itself."""
        sandbox = Sandbox("tests.support.sharing_task", Limits(wait_seconds=60.0))
        assert [list(sandbox.run(io.BytesIO(), {})) for _ in range(2)] == [[(0, b"")]] * 2

    def test_nobody_looks_into_it(self) -> None:
        """The template has one thread, and no way in for others of its account."""
        run("tell")
        template = _template(_TASK)
        assert template.num_threads() == 1
        # That of a process that may be looked into belongs to its account.
        assert Path(f"/proc/{template.pid}/fd").stat().st_uid == 0


class TestWithoutSeccomp:
    @pytest.fixture
    def without_seccomp(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """A system without libseccomp."""
        (tmp_path / "libseccomp.so.2").touch()
        interpreter = tmp_path / "python"
        interpreter.write_text(
            f'#!/bin/sh\nLD_LIBRARY_PATH={tmp_path} exec {sys.executable} "$@"\n'
        )
        interpreter.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(interpreter))
        templates.close_all()
        yield
        templates.close_all()

    @pytest.mark.usefixtures("without_seccomp")
    @pytest.mark.parametrize(("allow_weak", "kinds"), [(False, b"W"), (True, b"WD")])
    def test_the_process_reads_nothing_unless_allowed(self, allow_weak: bool, kinds: bytes) -> None:
        """Where libseccomp is missing the process says so, and works only where that is allowed."""
        order = {"limits": asdict(Limits()), "size": 0, "allow_weak": allow_weak, "order": {}}
        with templates.start("services.common.sandbox.probe") as child:
            os.write(child.to, json.dumps(order).encode() + b"\n")
            with os.fdopen(os.dup(child.of), "rb") as said:
                found = b""
                while header := said.read(HEADER.size):
                    kind, _, length = HEADER.unpack(header)
                    found += kind
                    data = json.loads(said.read(length))
                    assert kind != messages.WALLS or not data["seccomp"]
                    assert kind != messages.WALLS or "libseccomp" in data["missing"]
        assert found == kinds

    @pytest.mark.usefixtures("without_seccomp")
    def test_the_parent_refuses_unless_allowed(self) -> None:
        """A service does not start there, and says what to install and what would allow it."""
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
        monkeypatch.setattr(sys, "executable", str(broken))
        with pytest.raises(NotReady, match="cannot be started"):
            find_walls(allow_weak=True)
        with pytest.raises(NotReady, match="cannot be started"):
            list(Sandbox("tests.support.missing_task").run(io.BytesIO(), {}))


def _template(task: str) -> psutil.Process:
    """The one process of the task that forks; one that had a fault and waits does not count."""
    [found] = [
        one
        for one in psutil.Process().children()
        if one.status() != psutil.STATUS_ZOMBIE and one.cmdline()[-1:] == [task]
    ]
    return found


def _forked(template: psutil.Process) -> list[psutil.Process]:
    return [one for one in template.children() if one.status() != psutil.STATUS_ZOMBIE]
