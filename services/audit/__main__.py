# SPDX-License-Identifier: Apache-2.0
"""Starts the audit service."""

from __future__ import annotations

from services.audit.handlers.append import own_appender
from services.audit.server import open_log, register
from services.audit.settings import AuditSettings
from services.common.audit import AuditTrail
from services.common.process_main import run_process
from services.common.server import Process


def main() -> None:
    """Wire settings, log and server; serve until told to stop."""
    settings = AuditSettings.load()
    process = Process(settings)
    opened = open_log(settings)
    try:
        process.trail = AuditTrail(own_appender(opened.writer, settings.service))
        opened.witness(process.trail)
        process.serve(lambda server: register(server, opened, process.trail))
    finally:
        opened.close()


if __name__ == "__main__":
    run_process(main)
