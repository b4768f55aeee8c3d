# SPDX-License-Identifier: Apache-2.0
"""Entry point of the de-identification service: `python -m services.deidentification`."""

from __future__ import annotations

from services.deidentification import server
from services.deidentification.settings import DeidentificationSettings
from services.plumbing.entry import run
from services.plumbing.server import Process


def main() -> None:
    """Wire, serve until told to stop."""
    settings = DeidentificationSettings.load()
    process = Process(settings)
    process.serve(
        lambda grpc_server: server.register(grpc_server, settings, process.peers, process.trail)
    )


if __name__ == "__main__":
    run(main)
