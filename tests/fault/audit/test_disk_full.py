# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.cli.main import main
from services.audit.cli.verify import verify_log
from services.audit.domain.writer import Writer
from services.audit.errors import LogFull, LogUnavailable
from services.audit_evidence.query import Query
from services.common.errors import Exhausted
from tests.support.audit import LogFixture
from tests.support.audit_events import fact
from tests.support.small_disk import mounted


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    with mounted(tmp_path / "disk", 1) as disk:
        yield disk


class TestDiskFull:
    """No room to record: nothing is acknowledged, and work resumes when there is room."""

    def test_fails_closed_and_resumes(self, small_disk: Path) -> None:
        """Appends are refused with advice while the disk is full, and go on by themselves after."""
        fixture = LogFixture(small_disk / "audit")
        writer = Writer(fixture.log, publish_every=0.01)
        acknowledged = [writer.append(fact(n), "storage-clinical") for n in range(20)]
        ballast = small_disk / "ballast"
        _fill(ballast)
        refused = 0
        for number in range(200):
            try:
                acknowledged.append(writer.append(fact(number), "storage-clinical"))
            except (LogFull, LogUnavailable):
                refused += 1
        assert refused > 0
        ballast.unlink()
        acknowledged.append(writer.append(fact(), "storage-clinical"))
        writer.close()
        entries, _ = fixture.log.page(Query(), 0, 1000)
        assert {entry.index for entry in entries} >= set(acknowledged)
        assert len(set(acknowledged)) == len(acknowledged)
        fixture.store.close()
        assert verify_log(small_disk / "audit").ok

    def test_verifying_says_that_the_disk_is_full(
        self, small_disk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A full disk is no verdict on the log, and the same log verifies when there is room."""
        fixture = LogFixture(tmp_path / "audit")
        fixture.add(*(fact(n) for n in range(20)))
        fixture.log.publish()
        copy = small_disk / "audit"
        copy.mkdir()
        for name in ("log.sqlite", "log.sqlite-wal", "checkpoint", "log.vkey"):
            shutil.copy(tmp_path / "audit" / name, copy / name)
        fixture.close()
        ballast = small_disk / "ballast"
        _fill(ballast)
        assert main(["audit", "verify", "--log", str(copy)]) == Exhausted.exit_code
        said = capsys.readouterr()
        assert "disk" in said.err
        assert "full" in said.err
        assert "NOT WHOLE" not in said.out
        ballast.unlink()
        assert main(["audit", "verify", "--log", str(copy)]) == 0


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
