# SPDX-License-Identifier: Apache-2.0
"""Ends calls whose client owes a message and does not send it.

A thread waits for each message, and gRPC waits as long as the client likes. One more thread looks
at all that wait, and cancels the calls that have waited too long.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import grpc

from services.common.errors import TimedOut

#: The message of a call, or the first of several, comes with the call itself.
FIRST_SECONDS = 10.0
#: A message of an upload has up to a megabyte: so long it takes over the slowest line that we have
#: thought of, 30 kbit/s.
NEXT_SECONDS = 300.0
_LOOK_SECONDS = 0.5


class SilenceWatch:
    """The calls of a server that wait for a message."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[_Waiting] = set()
        self._some = threading.Event()
        threading.Thread(target=self._look, name="silence", daemon=True).start()

    def messages(self, received: Iterator[bytes], call: grpc.ServicerContext) -> Iterator[bytes]:
        """Yield what is received; raises TimedOut when a message does not come in time.

        The call is cancelled then, so that its client hears CANCELLED and no reason: gRPC sends a
        status with one only from the thread that waits.
        """
        seconds = FIRST_SECONDS
        while True:
            waiting = _Waiting(call, time.monotonic() + seconds)
            with self._lock:
                self._waiting.add(waiting)
            if not self._some.is_set():
                self._some.set()
            try:
                message = next(received)
            except StopIteration:
                return
            except grpc.RpcError:
                if waiting.ended:
                    raise TimedOut(
                        f"no message came in {seconds:.0f} seconds; call again, and send it",
                        reason="silent",
                    ) from None
                raise
            finally:
                with self._lock:
                    self._waiting.discard(waiting)
            yield message
            seconds = NEXT_SECONDS

    def _look(self) -> None:
        while self._some.wait():
            time.sleep(_LOOK_SECONDS)
            now = time.monotonic()
            with self._lock:
                late = [one for one in self._waiting if one.until <= now]
                self._waiting.difference_update(late)
                if not self._waiting:
                    self._some.clear()
            for one in late:
                one.ended = True
                one.call.cancel()


class _Waiting:
    __slots__ = ("call", "ended", "until")

    def __init__(self, call: Any, until: float) -> None:
        self.call = call
        self.until = until
        self.ended = False
