# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.audit.cli.verify import verify_log
from services.audit.domain.query import Query
from services.audit.domain.writer import Writer
from services.audit.errors import LogFull, LogUnavailable
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
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
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
