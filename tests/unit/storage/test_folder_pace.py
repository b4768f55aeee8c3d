# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.storage.adapters.folder_pace import FolderPace, Pace

DAY = 86_400.0
NOW = 2_000_000_000.0


def stored(root: Path, name: str, size: int, days_ago: float) -> None:
    """Write an object of so many bytes, so long ago."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (NOW - days_ago * DAY,) * 2)


class TestFolderPace:
    @pytest.mark.parametrize(
        ("oldest", "pace"),
        [
            (6.9, Pace()),
            (7.5, Pace((100 + 40) // 7, 7)),
            (20.0, Pace((100 + 40 + 300) // 20, 20)),
            (400.0, Pace((100 + 40 + 300) // 28, 28)),
        ],
    )
    def test_is_of_the_last_weeks(self, tmp_path: Path, oldest: float, pace: Pace) -> None:
        """What was stored in the last four weeks, or since the store began; not of a week alone."""
        stored(tmp_path, "first", 0, oldest)
        stored(tmp_path, "a/b/new", 100, 1)
        stored(tmp_path, "a/other", 40, 6)
        if oldest > 15:
            stored(tmp_path, "c", 300, 15)
        if oldest > 40:
            stored(tmp_path, "old", 9_000, 40)
        assert FolderPace(tmp_path, lambda: NOW).read() == pace

    def test_nothing_there(self, tmp_path: Path) -> None:
        """An empty folder, or none, tells nothing."""
        assert FolderPace(tmp_path, lambda: NOW).read() == Pace()
        assert FolderPace(tmp_path / "none", lambda: NOW).read() == Pace()

    def test_looks_again_after_ten_minutes(self, tmp_path: Path) -> None:
        """Not each time that a page is shown."""
        times = iter([NOW, NOW + 500, NOW + 601])
        pace = FolderPace(tmp_path, lambda: next(times))
        assert pace.read() == Pace()
        stored(tmp_path, "old", 2_800, 27.5)
        stored(tmp_path, "older", 0, 90)
        assert pace.read() == Pace()
        assert pace.read() == Pace(100, 28)
