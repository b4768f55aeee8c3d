# SPDX-License-Identifier: Apache-2.0
"""Entry point of the transcription service: `python -m services.transcription`."""

from __future__ import annotations

from services.common import malloc
from services.common.process_main import run_process
from services.common.server import Process
from services.transcription import wiring
from services.transcription.settings import TranscriptionSettings


def main() -> None:
    """Wire, and serve until a signal stops it."""
    # The engine's threads are others for each recording.
    malloc.limit_arenas()
    settings = TranscriptionSettings.load()
    with Process(settings, zone="clinical") as process:
        process.serve(wiring.build(settings, process))


if __name__ == "__main__":
    run_process(main)
