# SPDX-License-Identifier: Apache-2.0
"""Entry point of a storage service: `SOTTO_ZONE=clinical python -m services.storage`."""

from __future__ import annotations

import sys

from services.plumbing.errors import SottoError
from services.plumbing.server import Process
from services.storage import memory, server
from services.storage.settings import StorageSettings
from services.storage.wiring import build


def main() -> int:
    """Wire, start, serve until told to stop; returns the exit code."""
    memory.steady()
    try:
        settings = StorageSettings.load()
        process = Process(settings, zone=settings.zone)
        zone = build(settings, process.trail)
        process.serve(lambda grpc_server: server.register(grpc_server, zone, process.trail))
    except SottoError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
