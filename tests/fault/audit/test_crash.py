# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from services.audit.cli import verify_log
from services.audit.domain.query import Query
from tests.unit.audit.builders import REPOSITORY, Bench, fact

APPENDER = Path(__file__).with_name("appender.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'protos'}"}
# What the append path does to its files; the first is the sync that an acknowledgement waits for.
CALLS = ("fdatasync", "fsync", "pwrite64", "openat", "rename", "ftruncate", "unlink")


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
    bench = Bench(folder)
    people: dict[int, str] = {}
    start: int | None = 0
    while start is not None:
        entries, start = bench.log.page(Query(), start, 1000)
        people |= {entry.index: entry.event.person for entry in entries}
    assert acknowledged.items() <= people.items()
    assert sorted(people) == list(range(len(people)))
    bench.add(fact())
    bench.close()
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


needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None
    or subprocess.run(["strace", "true"], capture_output=True, check=False).returncode != 0,
    reason="strace is not there, or may not trace",
)


def _strace(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    names = ("log.sqlite", "log.sqlite-wal", "log.sqlite-shm", "checkpoint", "log.key", "log.vkey")
    paths = [folder, *(folder / name for name in names)]
    command = ["strace", "-f", "-qq", "-o", str(folder.parent / "trace")]
    for path in paths:
        command += ["-P", str(path)]
    return subprocess.run(
        [*command, *arguments, *_command(folder, 6, 1)],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT,
        timeout=120,
    )


def _points(tmp_path: Path) -> list[tuple[str, int]]:
    """Every call of the append path on the log's files, as (name, which one)."""
    folder = tmp_path / "dry" / "audit"
    folder.parent.mkdir()
    done = _strace(folder, "-e", f"trace={','.join(CALLS)}")
    assert done.stdout.endswith("closed\n"), done.stderr
    trace = (folder.parent / "trace").read_text()
    # The tracer counts calls by thread.
    counts = Counter(re.findall(r"^(\d+) +(\w+)\(", trace, re.MULTILINE))
    points = {(name, n) for (_, name), count in counts.items() for n in range(1, count + 1)}
    assert sum(name in {"fdatasync", "fsync"} for name, _ in points) > 6
    return sorted(points)


def _spread(points: list[tuple[str, int]], most: int) -> list[tuple[str, int]]:
    step = max(1, -(-len(points) // most))
    return points[::step]


@needs_strace
class TestEachSystemCall:
    """Death and errors at each system call that touches the log's files.

    SOTTO_TEST_EVERY_CALL=1 takes every call; otherwise every few, to stay short.
    """

    @pytest.mark.timeout(1800)
    @pytest.mark.parametrize("fault", ["signal=KILL", "error=EIO", "error=ENOSPC"])
    def test_leaves_a_whole_log(self, tmp_path: Path, fault: str) -> None:
        """Nothing acknowledged is lost, nothing is signed twice, and the log goes on."""
        points = _points(tmp_path)
        most = len(points) if os.environ.get("SOTTO_TEST_EVERY_CALL") else 12
        for name, which in _spread(points, most):
            place = tmp_path / f"{name}-{which}"
            place.mkdir()
            done = _strace(place / "audit", "-e", f"inject={name}:{fault}:when={which}")
            output = done.stdout
            if fault == "signal=KILL":
                assert not output.endswith("closed\n"), (name, which)
            if (place / "audit").exists():
                self._look(place / "audit", output)

    def _look(self, folder: Path, output: str) -> None:
        started = "open\n" in output
        if not started and not (folder / "checkpoint").exists():
            # It died while the log was being made: starting again makes it.
            bench = Bench(folder)
            bench.add(fact())
            bench.close()
            assert verify_log(folder).ok
            return
        _check(folder, output)
