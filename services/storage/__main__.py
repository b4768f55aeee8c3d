# SPDX-License-Identifier: Apache-2.0
"""Entry point of the storage service: `SOTTO_ZONE=clinical python -m services.storage`."""

from __future__ import annotations

from services.common.process_main import run_process
from services.common.server import Process
from services.storage import malloc, wiring
from services.storage.settings import StorageSettings


def main() -> None:
    """Wire, and serve until a signal stops it."""
    malloc.limit_arenas()
    settings = StorageSettings.load()
    with Process(settings, zone=settings.zone) as process:
        process.serve(wiring.build(settings, process))


if __name__ == "__main__":
    run_process(main)
