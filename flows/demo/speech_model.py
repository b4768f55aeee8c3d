# SPDX-License-Identifier: Apache-2.0
"""The speech model of the demonstration: Whisper base, fetched once and kept between runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
import typer

NAME = "base"


def fetch(say: Callable[[str], None]) -> Path:
    """Return the folder of the model, fetched where it is not there yet.

    Ends with the status of `sotto models pull`, which says what to do, where it cannot be had.
    """
    kept = Path(platformdirs.user_cache_dir("sotto")) / "demo"
    folder = kept / "models" / NAME
    is_there = folder.is_dir()
    if not is_there:
        say(f"Fetching Whisper {NAME} (133 MB), once; it is kept in {folder} ...")
    # The command, since the command line imports no service. What is there it checks by hash.
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli.main", "models", "pull", NAME, "--home", str(kept)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE if is_there else None,
        text=True,
        check=False,
    )
    if done.returncode:
        say(done.stderr or "")
        say(
            "The demonstration hears with that model. Bring it as told above, with "
            f"--home {kept}, and start again."
        )
        raise typer.Exit(done.returncode)
    return folder
