# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.storage.domain.scrub import Scrub
from tests.fault.storage import writer
from tests.support.storage_zone import P07, open_zone
from tests.support.tools import need

REPOSITORY = Path(__file__).resolve().parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'protos'}"}


def command(root: Path, count: int, size: int) -> list[str]:
    """The writer as a process of its own."""
    return [sys.executable, "-m", "tests.fault.storage.writer", str(root), str(count), str(size)]


def check(root: Path, acknowledged: list[int], size: int) -> None:
    """What was acknowledged is whole; what is visible is whole; nothing unfinished stays."""
    zone = open_zone(root)
    zone.objects.sweep()
    zone.records.sweep()
    for number in acknowledged:
        assert zone.store.read(P07, writer.name(number)) == writer.content(number, size)
    assert [f for f in Scrub(zone.store).findings() if f.finding != "orphan"] == []
    for part in ("objects", "keys", "tombstones"):
        assert not list((root / part / ".staging").iterdir())


class TestKill:
    """kill -9 at any moment."""

    @pytest.mark.parametrize("after", [0, 1, 3, 7])
    def test_in_the_middle_of_a_run(self, tmp_path: Path, after: int) -> None:
        """Everything acknowledged survives, and a rerun completes with the same content."""
        size = 3 << 20
        process = subprocess.Popen(
            command(tmp_path / "zone", 12, size), stdout=subprocess.PIPE, env=ENVIRONMENT
        )
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(after)]
        process.kill()
        process.wait()
        acknowledged += [int(line) for line in process.stdout.read().split()]
        process.stdout.close()
        if acknowledged:
            check(tmp_path / "zone", acknowledged, size)
        subprocess.run(
            command(tmp_path / "zone", 12, size), env=ENVIRONMENT, check=True, capture_output=True
        )
        check(tmp_path / "zone", list(range(12)), size)


class TestEachCall:
    """A kill or an error at each single system call while one object is written.

    Slow: a writer starts twice for each call, under strace.
    """

    SIZE = 100_000

    def faulted(self, root: Path, call: str, fault: str, number: int) -> list[int]:
        """Run the writer of one object with a fault; numbers that it acknowledged."""
        done = subprocess.run(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
             "-e", f"inject={call}:{fault}:when={number}", *command(root, 1, self.SIZE)],
            env=ENVIRONMENT, capture_output=True, check=False,
        )  # fmt: skip
        return [int(line) for line in done.stdout.split()]

    @pytest.mark.parametrize(
        ("call", "fault"),
        [
            ("link", "signal=KILL"),
            ("link", "error=ENOSPC"),
            ("fsync", "signal=KILL"),
            ("fsync", "error=EIO"),
        ],
    )
    def test_link_and_fsync(self, tmp_path: Path, call: str, fault: str) -> None:
        """At each link and fsync: nothing acknowledged is lost, nothing half is visible."""
        need("strace")
        reached_end = False
        for number in range(1, 40):
            root = tmp_path / f"{number}"
            acknowledged = self.faulted(root, call, fault, number)
            check_after_fault(root, acknowledged, self.SIZE)
            if acknowledged == [0]:
                reached_end = True
                break
        assert reached_end


def check_after_fault(root: Path, acknowledged: list[int], size: int) -> None:
    """As `check`; then the writer completes without faults."""
    if (root / "zone.key").exists():
        check(root, acknowledged, size)
    subprocess.run(command(root, 1, size), env=ENVIRONMENT, check=True, capture_output=True)
    check(root, [0], size)
