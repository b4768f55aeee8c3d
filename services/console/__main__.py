# SPDX-License-Identifier: Apache-2.0
"""Entry point of the console: `python -m services.console`."""

from __future__ import annotations

from services.common.process_main import run_process
from services.common.server import Process
from services.console import serving, wiring
from services.console.settings import ConsoleSettings


def main() -> None:
    """Wire, and serve until a signal stops it."""
    settings = ConsoleSettings.load()
    with Process(settings) as process:
        serving.serve(wiring.build(settings, process), settings, process)


if __name__ == "__main__":
    run_process(main)
