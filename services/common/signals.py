# SPDX-License-Identifier: Apache-2.0
"""Stop this process at a signal, or when the process that started it has ended."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

_ENDING = {signal.SIGTERM, signal.SIGINT}


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
    """Call `stop` at SIGTERM and SIGINT, on a thread of its own; raises ValueError off the main.

    Python runs a handler in the main thread, between two of its instructions. Where that has just
    looked for signals and is about to wait without a limit, the handler would run after the wait.
    So the handlers do nothing: what Python writes as the signal arrives is waited for.
    """
    numbers, told = os.pipe()
    os.set_blocking(told, False)
    for number in _ENDING:
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)

    def wait() -> None:
        while True:
            if not _ENDING.isdisjoint(os.read(numbers, 1024)):
                stop()

    threading.Thread(target=wait, name="signals", daemon=True).start()
