# SPDX-License-Identifier: Apache-2.0
"""What native libraries write to stderr, turned into log records.

gRPC's core reports a failed TLS handshake (no certificate, an expired one, a stranger's) on stderr
and nowhere else, so that this is also where refused connections are noticed.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable
from typing import IO

import structlog

_log = structlog.get_logger(__name__)

_CORE_LINE = re.compile(r"[IWEF]\d{4} [\d:.]+\s+\d+ (?P<place>[\w./-]+:\d+)\] (?P<text>.*)")
_REASONS = (
    ("PEER_DID_NOT_RETURN_A_CERTIFICATE", "no_certificate"),
    ("certificate has expired", "expired"),
    ("not yet valid", "not_yet_valid"),
    ("unable to get", "unknown_authority"),
    # Another authority of the same name, such as that of another installation.
    ("certificate signature failure", "unknown_authority"),
    ("self signed", "unknown_authority"),
    ("self-signed", "unknown_authority"),
)


def refusal(line: str) -> str | None:
    """Why a handshake failed, as one word; None where the line reports something else."""
    if "Handshake failed" not in line:
        return None
    return next((reason for mark, reason in _REASONS if mark in line), "handshake_failed")


def capture(on_refusal: Callable[[str], None]) -> IO[str]:
    """Take over file descriptor 2; returns the stream that still leads to the real stderr.

    ``on_refusal`` is called on a thread of its own with the word for each refused connection.
    """
    real = os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8", errors="replace")
    reading, writing = os.pipe()
    os.dup2(writing, 2)
    os.close(writing)
    sys.stderr = real
    threading.Thread(
        target=_read, args=(reading, on_refusal), name="native-stderr", daemon=True
    ).start()
    return real


def _read(descriptor: int, on_refusal: Callable[[str], None]) -> None:
    with os.fdopen(descriptor, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            reason = refusal(line)
            if reason is not None:
                _log.warning("connection_refused", reason=reason)
                try:
                    on_refusal(reason)
                except Exception as error:  # noqa: BLE001 - this thread must outlive the audit log
                    _log.error("refusal_not_recorded", reason=reason, exc_info=error)
            elif found := _CORE_LINE.match(line):
                # Only the place: the text may hold addresses and more.
                _log.info("native_record", name=found["place"])
            elif line.strip():
                _log.warning("native_text_withheld", bytes=len(line))
