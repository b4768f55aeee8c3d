# SPDX-License-Identifier: Apache-2.0
"""Entry point of the audit service: `python -m services.audit`."""

from __future__ import annotations

from services.audit import wiring
from services.audit.settings import AuditSettings
from services.common.process_main import run_process
from services.common.server import Process


def main() -> None:
    """Wire, and serve until a signal stops it."""
    settings = AuditSettings.load()
    with Process(settings) as process:
        process.serve(wiring.build(settings, process))


if __name__ == "__main__":
    run_process(main)
