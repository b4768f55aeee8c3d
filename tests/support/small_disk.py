# SPDX-License-Identifier: Apache-2.0
"""A file system of a few megabytes, for tests of a full disk."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.support.tools import missing, need


@contextlib.contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount a file system in memory of so many megabytes on `folder` while the block lasts.

    The test is skipped, or fails where all tools are required, when this process may not mount.
    """
    need("mount", "umount")
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={megabytes}m,mode=0700"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        missing("this process may not mount a file system; run the tests as root")
    try:
        yield folder
    finally:
        time.sleep(0.2)  # a process that was killed a moment ago may still hold a file
        subprocess.run(["umount", "-l", str(folder)], check=True)
