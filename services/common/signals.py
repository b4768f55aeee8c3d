# SPDX-License-Identifier: Apache-2.0
"""Stop this process at a signal, or when the process that started it has ended."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable


def stop_with_parent(stop: Callable[[], None]) -> None:
    """Call `stop` once the starter's end of stdin is closed, where the starter keeps one."""
    if os.environ.get("SOTTO_STOP_ON_STDIN_EOF") != "1":
        return

    def wait() -> None:
        while os.read(0, 1024):
            pass
        stop()

    threading.Thread(target=wait, name="stdin-eof", daemon=True).start()


def on_terminate(stop: Callable[[], None]) -> None:
    """Call `stop` at SIGTERM and SIGINT, on a thread of its own.

    A handler runs in the middle of whatever the main thread does. Where that is about to wait for
    an event, it holds the event's lock, and setting the event there would wait for ever.
    """

    def handle(*_: object) -> None:
        threading.Thread(target=stop, name="stop", daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
