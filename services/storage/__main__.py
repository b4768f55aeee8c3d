# SPDX-License-Identifier: Apache-2.0
"""Entry point of a storage service: `SOTTO_ZONE=clinical python -m services.storage`."""

from __future__ import annotations

from services.common.process_main import run_process
from services.common.server import Process
from services.storage import malloc
from services.storage.settings import StorageSettings
from services.storage.wiring import build


def main() -> None:
    """Wire the service and serve until it is stopped."""
    malloc.limit_arenas()
    settings = StorageSettings.load()
    process = Process(settings, zone=settings.zone)
    process.serve(build(settings, process))


if __name__ == "__main__":
    run_process(main)
