# SPDX-License-Identifier: Apache-2.0
"""Starts the audit service."""

from __future__ import annotations

from services.audit.settings import AuditSettings
from services.audit.wiring import build
from services.common.process_main import run_process
from services.common.server import Process


def main() -> None:
    """Wire settings, log and server; serve until told to stop."""
    settings = AuditSettings.load()
    process = Process(settings)
    with build(settings, process) as handlers:
        process.serve(handlers)


if __name__ == "__main__":
    run_process(main)
