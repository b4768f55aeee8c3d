# SPDX-License-Identifier: Apache-2.0
"""Entry point of the transcription service: `python -m services.transcription`."""

from __future__ import annotations

from services.common.process_main import run_process
from services.common.server import Process
from services.transcription import server
from services.transcription.settings import TranscriptionSettings


def main() -> None:
    """Wire, serve until told to stop."""
    settings = TranscriptionSettings.load()
    process = Process(settings, zone="clinical")
    process.serve(
        lambda grpc_server: server.register(grpc_server, settings, process.peers, process.trail)
    )


if __name__ == "__main__":
    run_process(main)
