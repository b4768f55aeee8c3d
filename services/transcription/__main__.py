# SPDX-License-Identifier: Apache-2.0
"""Entry point of the transcription service: `python -m services.transcription`."""

from __future__ import annotations

import sys

from services.plumbing.errors import SottoError
from services.plumbing.server import Process
from services.transcription import server
from services.transcription.settings import TranscriptionSettings


def main() -> int:
    """Wire, serve until told to stop; returns the exit code."""
    try:
        settings = TranscriptionSettings.load()
        process = Process(settings, zone="clinical")
        process.serve(
            lambda grpc_server: server.register(grpc_server, settings, process.peers, process.trail)
        )
    except SottoError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
