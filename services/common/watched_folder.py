# SPDX-License-Identifier: Apache-2.0
"""How far a download is, told by the bytes that lie in the folder that takes it.

The programs that load packages and models tell their progress in forms of their own, or not at all.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

Progress = Callable[[int, int], None]
"""Hears how many bytes there are, of how many."""

_INTERVAL = 0.5  # seconds
_LINES = 10  # where there is no terminal: that many lines for the whole


@contextlib.contextmanager
def watched(folder: Path, total: int, told: Progress) -> Iterator[None]:
    """Tell the bytes in `folder` while the block runs, and all of them once it ended well."""
    ended = threading.Event()

    def watch() -> None:
        most = 0
        while not ended.wait(_INTERVAL):
            # Files are moved and unpacked, so that the sum may fall; progress does not.
            most = max(most, _bytes_in(folder))
            told(min(most, total), total)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
    told(total, total)


@contextlib.contextmanager
def shown(what: str) -> Iterator[Progress]:
    """Show progress on stderr: a bar on a terminal, else a line for each tenth of the bytes."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(what)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Bar(*columns, TransferSpeedColumn(), console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


class _Lines:
    def __init__(self, what: str) -> None:
        self._what = what
        self._told = -1

    def __call__(self, done: int, total: int) -> None:
        tenth = done * _LINES // total
        if tenth > self._told:
            self._told = tenth
            sys.stderr.write(f"{self._what}: {done / 1e6:.0f} of {total / 1e6:.0f} MB\n")
            sys.stderr.flush()


def _bytes_in(folder: Path) -> int:
    found = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # moved or removed meanwhile
            found += path.lstat().st_size if path.is_file() else 0
    return found
