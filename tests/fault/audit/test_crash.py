# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.audit.cli.verify import verify_log
from services.audit_evidence.query import Query
from tests.support.audit import REPOSITORY, LogFixture
from tests.support.audit_events import fact
from tests.support.tools import need_tracing

APPENDER = Path(__file__).with_name("appender.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'protos'}"}
# All that the append path asks of the system and that changes, orders or locks anything.
CALLS = tuple(
    "fdatasync fsync pwrite64 write pread64 openat rename ftruncate unlink mkdir chmod fcntl"
    " flock".split()
)


def _command(folder: Path, count: int, threads: int) -> list[str]:
    return [sys.executable, str(APPENDER), str(folder), str(count), str(threads)]


def _acknowledged(output: str) -> dict[int, str]:
    """Index and person of each acknowledged append; a last line may be cut off."""
    lines = re.findall(r"^(\d+) (t\d+-\d+)\n", output, re.MULTILINE)
    return {int(index): person for index, person in lines}


def _check(folder: Path, output: str) -> None:
    """Everything acknowledged is there, the log is whole, and it goes on growing."""
    acknowledged = _acknowledged(output)
    assert len(acknowledged) == len(re.findall(r"^\d+ t\d+-\d+\n", output, re.MULTILINE))
    # Killed before its first checkpoint went out, a new log has nothing that could be verified.
    begun = acknowledged or (folder / "checkpoint").exists()
    report = verify_log(folder) if begun else None
    assert report is None or report.ok, report.findings
    fixture = LogFixture(folder)
    people: dict[int, str] = {}
    start: int | None = 0
    while start is not None:
        entries, start = fixture.log.page(Query(), start, 1000)
        people |= {entry.index: entry.event.person for entry in entries}
    assert acknowledged.items() <= people.items()
    assert sorted(people) == list(range(len(people)))
    fixture.add(fact())
    fixture.close()
    assert verify_log(folder).ok


class TestKilled:
    """Kill -9 at any moment."""

    @pytest.mark.parametrize("wait", [0.0, 0.02, 0.05, 0.11, 0.3])
    def test_in_the_middle_of_appends(self, tmp_path: Path, wait: float) -> None:
        """All that was acknowledged before the kill is there, and the tree over it is whole."""
        folder = tmp_path / "audit"
        with subprocess.Popen(
            _command(folder, 10_000, 8), stdout=subprocess.PIPE, env=ENVIRONMENT
        ) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            assert first == b"open\n"
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
            output = process.stdout.read().decode()
        _check(folder, output)


class Tracer:
    """Runs the append path under strace; several threads may use it, each with its own server."""

    def __init__(self) -> None:
        self._own = threading.local()
        self._servers: list[subprocess.Popen[str]] = []

    def run(self, folder: Path, *arguments: str) -> str:
        """Append to a log under the tracer, which comes when all is loaded; gives what was said."""
        server = self._server()
        print(folder, file=server.stdin, flush=True)
        child = server.stdout.readline().strip()
        command = ["strace", "-f", "-p", child, "-o", str(folder.with_suffix(".trace"))]
        command += [f"--trace={','.join(CALLS)}"]
        with subprocess.Popen([*command, *arguments], stderr=subprocess.PIPE, text=True) as tracer:
            try:
                first = tracer.stderr.readline()
                assert "attached" in first, first
                os.kill(int(child), signal.SIGUSR1)
            except BaseException:
                os.kill(int(child), signal.SIGKILL)
                raise
            finally:
                assert server.stdout.readline() == "done\n"
                tracer.stderr.read()
        return folder.with_suffix(".out").read_text()

    def _server(self) -> subprocess.Popen[str]:
        if not hasattr(self._own, "server"):
            self._own.server = subprocess.Popen(
                [sys.executable, str(APPENDER)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT,
            )  # fmt: skip
            self._servers.append(self._own.server)
        return self._own.server

    def close(self) -> None:
        """Stop the servers."""
        for server in self._servers:
            server.stdin.close()
            server.wait(60)
            server.stdout.close()


def _points(tracer: Tracer, tmp_path: Path) -> list[tuple[str, int]]:
    """Every call of the append path on the log's files, as (name, which one)."""
    said = tracer.run(tmp_path / "dry")
    assert said.endswith("closed\n"), said
    trace = (tmp_path / "dry.trace").read_text()
    # The tracer counts calls by thread.
    counts = Counter(re.findall(r"^(\d+) +(\w+)\(", trace, re.MULTILINE))
    points = {(name, n) for (_, name), count in counts.items() for n in range(1, count + 1)}
    assert sum(name in {"fdatasync", "fsync"} for name, _ in points) > 6
    return sorted(points)


def _spread(points: list[tuple[str, int]], most: int) -> list[tuple[str, int]]:
    step = max(1, -(-len(points) // most))
    return points[::step]


class TestEachSystemCall:
    """Death and errors at each system call that touches the log's files.

    Slow: each try runs under strace in processes of its own and is verified after it. A run takes a
    sample of 24 calls for each fault; SOTTO_TEST_EVERY_CALL=1 takes every call.
    """

    @pytest.mark.timeout(600)
    @pytest.mark.parametrize("fault", ["signal=KILL", "error=EIO", "error=ENOSPC"])
    def test_leaves_a_whole_log(self, tmp_path: Path, fault: str) -> None:
        """Nothing acknowledged is lost, nothing is signed twice, and the log goes on."""
        need_tracing()
        with contextlib.closing(Tracer()) as tracer, ThreadPoolExecutor(os.cpu_count()) as pool:
            points = _points(tracer, tmp_path)
            most = len(points) if os.environ.get("SOTTO_TEST_EVERY_CALL") else 24
            tries = pool.map(
                lambda point: self._try(tracer, tmp_path, fault, *point), _spread(points, most)
            )
            assert sum(tries) > 10

    def _try(self, tracer: Tracer, tmp_path: Path, fault: str, name: str, which: int) -> bool:
        folder = tmp_path / f"{name}-{which}"
        said = tracer.run(folder, f"--inject={name}:{fault}:when={which}")
        mark = "killed by SIGKILL" if fault == "signal=KILL" else "(INJECTED)"
        assert mark in folder.with_suffix(".trace").read_text(), (name, which)
        if fault == "signal=KILL":
            assert not said.endswith("closed\n"), (name, which)
        if folder.exists():
            self._look(folder, said)
        return True

    def _look(self, folder: Path, output: str) -> None:
        started = "open\n" in output
        if not started and not (folder / "checkpoint").exists():
            # It died while the log was being made: starting again makes it.
            fixture = LogFixture(folder)
            fixture.add(fact())
            fixture.close()
            assert verify_log(folder).ok
            return
        _check(folder, output)
