# SPDX-License-Identifier: Apache-2.0
"""How fast a store in a folder grows, from sizes and times of its files, which are written once."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_DAY = 86_400.0
_MOST_DAYS, _LEAST_DAYS = 28, 7
_FRESH_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Bytes that were taken each day over the last so many days; zeros where that is not known."""

    bytes_per_day: int = 0
    days: int = 0


class FolderPace:
    """The pace of a folder, looked at anew after ten minutes.

    Nothing is said of a store that is younger than a week, nor of one to which a backup came back
    so lately: its files are as old as that.
    """

    def __init__(self, root: Path, now: Callable[[], float] = time.time) -> None:
        self._root = root
        self._now = now
        self._lock = threading.Lock()
        self._known = Pace()
        self._looked_at = float("-inf")

    def read(self) -> Pace:
        """Return the pace."""
        with self._lock:
            now = self._now()
            if now - self._looked_at > _FRESH_SECONDS:
                self._known = _pace([*_files(self._root)], now)
                self._looked_at = now
            return self._known


def _pace(files: list[tuple[float, int]], now: float) -> Pace:
    days = min(int((now - min((time for time, _ in files), default=now)) / _DAY), _MOST_DAYS)
    if days < _LEAST_DAYS:
        return Pace()
    taken = sum(size for time, size in files if time >= now - days * _DAY)
    return Pace(taken // days, days)


def _files(folder: Path) -> Iterator[tuple[float, int]]:
    """Yield time and size of each file; what goes meanwhile is left out."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path))
                continue
            with contextlib.suppress(FileNotFoundError):
                found = entry.stat(follow_symlinks=False)
                yield found.st_mtime, found.st_size
