# SPDX-License-Identifier: Apache-2.0
"""What native libraries write to stderr, turned into log records.

gRPC's core reports a failed TLS handshake (no certificate, an expired one, a stranger's) on stderr
and nowhere else, so that this is also where refused connections are noticed. The line does not say
who called whom. A handshake of our own that fails is also told by the call that needed it, so that
what is reported around such a failure is counted as `unclear`, and all else as `incoming`.
"""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import IO

import structlog

from services.common import tls_handshakes

_log = structlog.get_logger(__name__)

_REPORT_SECONDS = 1.0
# A failing call ends a moment after the line about it.
_SETTLE_SECONDS = 0.25
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


def capture(on_refusals: Callable[[str, int, str], None]) -> IO[str]:
    """Take over file descriptor 2; returns the stream that still leads to the real stderr.

    ``on_refusals`` is called on a thread of its own, at most once a second for each word, with the
    word, the number of connections that were refused for it since, and `incoming` or `unclear`.
    Where it raises, it is called again with those added.
    """
    real = os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8", errors="replace")
    reading, writing = os.pipe()
    os.dup2(writing, 2)
    os.close(writing)
    sys.stderr = real
    refusals = _Refusals(on_refusals)
    threading.Thread(target=refusals.report, name="refusals", daemon=True).start()
    threading.Thread(
        target=_read, args=(reading, refusals.add), name="native-stderr", daemon=True
    ).start()
    return real


class _Refusals:
    """Counts refused connections between two reports.

    Whoever knocks a thousand times a second, with no certificate at all, must neither hold up this
    process, which waits where its stderr is full, nor fill the audit log.
    """

    def __init__(self, tell: Callable[[str, int, str], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._changed = threading.Event()

    def add(self, reason: str, count: int = 1) -> None:
        with self._lock:
            self._counts[reason] += count
        self._changed.set()

    def report(self) -> None:
        while self._changed.wait():
            time.sleep(_SETTLE_SECONDS)
            self._changed.clear()
            kind = "unclear" if tls_handshakes.outgoing_fails() else "incoming"
            with self._lock:
                counts, self._counts = self._counts, Counter()
            for reason, count in counts.items():
                try:
                    self._tell(reason, count, kind)
                except Exception as error:  # noqa: BLE001 - this thread must outlive the audit log
                    _log.error("refusals_not_recorded", reason=reason, count=count, exc_info=error)
                    self.add(reason, count)
                else:
                    _log.warning("connection_refused", reason=reason, count=count, kind=kind)
            time.sleep(_REPORT_SECONDS)


def _read(descriptor: int, refused: Callable[[str], None]) -> None:
    with os.fdopen(descriptor, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            reason = refusal(line)
            if reason is not None:
                refused(reason)
            elif found := _CORE_LINE.match(line):
                # Only the place: the text may hold addresses and more.
                _log.info("native_record", name=found["place"])
            elif line.strip():
                _log.warning("native_text_withheld", bytes=len(line))
