# SPDX-License-Identifier: Apache-2.0
"""What native libraries write to stderr, turned into log records.

gRPC's core reports failed TLS handshakes there, which is how refused connections are noticed.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable
from typing import IO

import structlog

from services.common import tls_failures

_log = structlog.get_logger(__name__)

_CORE_LINE = re.compile(r"[IWEF]\d{4} [\d:.]+\s+\d+ (?P<place>[\w./-]+:\d+)\] (?P<text>.*)")


def capture(on_tls_failures: tls_failures.OnFailures) -> IO[str]:
    """Take over file descriptor 2; returns the stream that still leads to the real stderr.

    `on_tls_failures` is called on a thread of its own, at most once a second for each reason. When
    it raises, it is called again with those failures added.
    """
    real = os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8", errors="replace")
    reading, writing = os.pipe()
    os.dup2(writing, 2)
    os.close(writing)
    sys.stderr = real
    failures = tls_failures.FailureCounter(on_tls_failures)
    threading.Thread(target=failures.report, name="tls-failures", daemon=True).start()
    threading.Thread(
        target=_read, args=(reading, failures.add), name="native-stderr", daemon=True
    ).start()
    return real


def _read(descriptor: int, add_failure: Callable[[str], None]) -> None:
    with os.fdopen(descriptor, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            reason = tls_failures.reason_of(line)
            if reason is not None:
                add_failure(reason)
            elif found := _CORE_LINE.match(line):
                # Only the place: the text may hold addresses and more.
                _log.info("native_record", name=found["place"])
            elif line.strip():
                _log.warning("native_text_withheld", bytes=len(line))
