# SPDX-License-Identifier: Apache-2.0
"""Entry point of the release service: `python -m services.release`."""

from __future__ import annotations

from services.common.process_main import run_process
from services.common.server import Process
from services.release import wiring
from services.release.settings import ReleaseSettings


def main() -> None:
    """Wire, and serve until a signal stops it."""
    settings = ReleaseSettings.load()
    with Process(settings, zone="research") as process:
        process.serve(wiring.build(settings, process))


if __name__ == "__main__":
    run_process(main)
