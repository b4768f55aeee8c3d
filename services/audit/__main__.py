# SPDX-License-Identifier: Apache-2.0
"""Starts the audit service."""

from __future__ import annotations

import sys

from services.audit.handlers.append import own_appender
from services.audit.server import open_log, register
from services.audit.settings import AuditSettings
from services.plumbing.audit import AuditTrail
from services.plumbing.errors import SottoError
from services.plumbing.server import Process


def main() -> int:
    """Wire settings, log and server; serve until told to stop; returns the exit code."""
    try:
        settings = AuditSettings.load()
        process = Process(settings)
        opened = open_log(settings)
        try:
            process.trail = AuditTrail(own_appender(opened.writer, settings.service))
            process.serve(lambda server: register(server, opened, process.trail))
        finally:
            opened.close()
    except SottoError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
