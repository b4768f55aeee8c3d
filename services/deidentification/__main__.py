# SPDX-License-Identifier: Apache-2.0
"""Entry point of the de-identification service: `python -m services.deidentification`."""

from __future__ import annotations

from services.common.process_main import run_process
from services.common.server import Process
from services.deidentification import wiring
from services.deidentification.settings import DeidentificationSettings


def main() -> None:
    """Wire, and serve until a signal stops it."""
    settings = DeidentificationSettings.load()
    with Process(settings) as process:
        process.serve(wiring.build(settings, process))


if __name__ == "__main__":
    run_process(main)
