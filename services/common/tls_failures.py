# SPDX-License-Identifier: Apache-2.0
"""Failed TLS handshakes: why they failed, how many, and whether one may be our own.

gRPC's core reports a failed handshake (no certificate, an expired one, one of another authority) as
a line on stderr and nowhere else. The line does not say who called whom. A handshake that this
process began is also reported by the call that needed it, so that failures around such a call are
counted as `unclear`, and all others as `incoming`.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

import structlog

from services.common.entry_budget import REFILL_SECONDS, EntryBudget

_log = structlog.get_logger(__name__)

# gRPC tries again at most two seconds after a failure, as long as calls ask it to.
_OUTGOING_SECONDS = 5.0
_REPORT_SECONDS = 1.0
# A failing call ends a moment after the line about it.
_SETTLE_SECONDS = 0.25
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

OnFailures = Callable[[str, int, str], None]
"""Called with a reason, how many handshakes failed for it, and `incoming` or `unclear`."""


def reason_of(line: str) -> str | None:
    """Return why a handshake failed, as one word; None when the line reports something else."""
    if "Handshake failed" not in line:
        return None
    return next((reason for mark, reason in _REASONS if mark in line), "handshake_failed")


class _LastOutgoing:
    last = float("-inf")


def outgoing_failed() -> None:
    """Remember that a handshake which this process began just failed."""
    _LastOutgoing.last = time.monotonic()


def outgoing_fails() -> bool:
    """Return whether one failed in the last seconds: a report may then be about that one."""
    return time.monotonic() - _LastOutgoing.last < _OUTGOING_SECONDS


class FailureCounter:
    """A counter of failed handshakes between two reports.

    A client that connects a thousand times a second, without any certificate, must neither slow
    this process, which waits when its stderr is full, nor fill the audit log.
    """

    def __init__(self, on_failures: OnFailures) -> None:
        self._on_failures = on_failures
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._changed = threading.Event()

    def add(self, reason: str, count: int = 1) -> None:
        """Count failures for a reason."""
        with self._lock:
            self._counts[reason] += count
        self._changed.set()

    def report(self) -> None:
        """Report for ever, at most once a second for each reason; what raises is reported again.

        Who is refused all day is reported once a minute.
        """
        budget = EntryBudget(time.monotonic())
        while self._changed.wait():
            time.sleep(_SETTLE_SECONDS)
            self._changed.clear()
            kind = "unclear" if outgoing_fails() else "incoming"
            with self._lock:
                counts, self._counts = self._counts, Counter()
            for reason, count in counts.items():
                try:
                    self._on_failures(reason, count, kind)
                except Exception as error:  # noqa: BLE001 - this thread must outlive the audit log
                    _log.error("refusals_not_recorded", reason=reason, count=count, exc_info=error)
                    self.add(reason, count)
                else:
                    _log.warning("connection_refused", reason=reason, count=count, kind=kind)
            is_left = budget.spend(time.monotonic())
            time.sleep(_REPORT_SECONDS if is_left else REFILL_SECONDS)
