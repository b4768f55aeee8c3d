# SPDX-License-Identifier: Apache-2.0
"""Remembers when a TLS handshake that this process began itself last failed."""

from __future__ import annotations

import time

# gRPC tries again at most two seconds after a failure, as long as calls ask it to.
_SECONDS = 5.0


class _Memory:
    last = float("-inf")


def outgoing_failed() -> None:
    """Say that a handshake of our own just failed."""
    _Memory.last = time.monotonic()


def outgoing_fails() -> bool:
    """Whether one failed so lately that a report of a failure may be about another one of ours."""
    return time.monotonic() - _Memory.last < _SECONDS
