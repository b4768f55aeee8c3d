# SPDX-License-Identifier: Apache-2.0
"""Threads for the calls of each gRPC service, and how many of them one certificate can take.

A call has a thread from its arrival to its end: gRPC's synchronous server waits for messages in
one. What costs little is plentiful (threads that wait), and what costs much is shared out (turns to
be served), so that no certificate takes from another what that needs.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import structlog

from services.common.errors import Cancelled, Exhausted

_log = structlog.get_logger(__name__)

#: Calls of one certificate that may be under way in one gRPC service, for each that is served.
UNDER_WAY_FOR_EACH_SERVED = 8
# Threads are made when they are needed first. Of eight certificates, each may take all it can.
_FULL_CERTIFICATES = 8
_LOOK_SECONDS = 1.0


class TooManyCalls(Exhausted):
    """As many calls are under way with a certificate as may be; the server records it."""


class _Threads(ThreadPoolExecutor):
    """Threads whose lack lets a call wait until one is free, or can be started for a later one.

    gRPC hands calls over in the one thread that hears of them all. An error there ends it, and the
    server answers nobody any more. One thread is there from the start; raises RuntimeError when it
    cannot be.
    """

    def __init__(self, most: int, name: str) -> None:
        super().__init__(most, thread_name_prefix=name)
        super()._adjust_thread_count()

    def _adjust_thread_count(self) -> None:
        try:
            super()._adjust_thread_count()
        except RuntimeError:
            _log.error("no_thread", count=len(self._threads))


class Room:
    """The calls of one gRPC service: those of a certificate take turns, others do not wait.

    `served` calls of a certificate are served at a time. Others wait in line, and those beyond
    eight times as many are refused.
    """

    def __init__(self, name: str, served: int) -> None:
        self._served = served
        self._most = served * UNDER_WAY_FOR_EACH_SERVED
        self._lock = threading.Lock()
        self._clients: dict[bytes, Client] = {}
        self.threads = _Threads(self._most * _FULL_CERTIFICATES, f"call-{name.rpartition('.')[2]}")

    @contextlib.contextmanager
    def under_way(self, certificate: bytes) -> Iterator[Client]:
        """Count a call while the block lasts; raises TooManyCalls when there are too many."""
        with self._lock:
            client = self._clients.get(certificate)
            if client is None:
                client = self._clients[certificate] = Client(self._served)
            if client.calls >= self._most:
                raise TooManyCalls(
                    f"{self._most} calls with this certificate are under way here already; wait"
                    " until some have ended, then try again",
                    reason="too_many_calls",
                )
            client.calls += 1
        try:
            yield client
        finally:
            with self._lock:
                client.calls -= 1
                if not client.calls:
                    del self._clients[certificate]


class Client:
    """The calls that are under way with one certificate."""

    def __init__(self, served: int) -> None:
        self.calls = 0
        self._turns = threading.Semaphore(served)

    @contextlib.contextmanager
    def served(self, is_active: Callable[[], bool]) -> Iterator[None]:
        """Wait for a turn and hold it while the block lasts; raises Cancelled for a call that ends.

        A deadline that passes ends a call as well.
        """
        while not self._turns.acquire(timeout=_LOOK_SECONDS):
            if not is_active():
                raise Cancelled("the call ended before it was its turn")
        try:
            yield
        finally:
            self._turns.release()
