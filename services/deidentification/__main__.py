# SPDX-License-Identifier: Apache-2.0
"""Entry point of the de-identification service: `python -m services.deidentification`."""

from __future__ import annotations

import sys

from services.deidentification import server
from services.deidentification.settings import DeidentificationSettings
from services.plumbing.errors import SottoError
from services.plumbing.server import Process


def main() -> int:
    """Wire, serve until told to stop; returns the exit code."""
    try:
        settings = DeidentificationSettings.load()
        process = Process(settings)
        process.serve(
            lambda grpc_server: server.register(grpc_server, settings, process.peers, process.trail)
        )
    except SottoError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
