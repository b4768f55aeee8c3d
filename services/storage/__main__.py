# SPDX-License-Identifier: Apache-2.0
"""Entry point of the storage service: `SOTTO_ZONE=clinical python -m services.storage`."""

from __future__ import annotations

from services.common import malloc
from services.common.process_main import run_process
from services.common.server import Process
from services.storage import wiring
from services.storage.settings import StorageSettings

_LARGE = 4 << 20
"""Bytes of a block; the largest piece that a sender or S3 holds is 5 MiB."""


def main() -> None:
    """Wire, and serve until a signal stops it."""
    malloc.limit_arenas(return_from=_LARGE)
    settings = StorageSettings.load()
    with Process(settings, zone=settings.zone) as process:
        process.serve(wiring.build(settings, process))


if __name__ == "__main__":
    run_process(main)
