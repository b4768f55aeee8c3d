# SPDX-License-Identifier: Apache-2.0
"""Starts the release service."""

from __future__ import annotations

from services.common.process_main import run_process
from services.common.server import Process
from services.release.settings import ReleaseSettings
from services.release.wiring import build


def main() -> None:
    """Serve until told to stop."""
    settings = ReleaseSettings.load()
    process = Process(settings, zone="research")
    process.serve(build(settings, process))


if __name__ == "__main__":
    run_process(main)
