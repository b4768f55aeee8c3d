# SPDX-License-Identifier: Apache-2.0
"""Notices when the process that started this one is gone, however it went."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable


def follow(stop: Callable[[], None]) -> None:
    """Call ``stop`` once the starter's end of stdin is closed, where there is such a leash."""
    if os.environ.get("SOTTO_LEASH") != "stdin":
        return

    def wait() -> None:
        while os.read(0, 1024):
            pass
        stop()

    threading.Thread(target=wait, name="leash", daemon=True).start()
