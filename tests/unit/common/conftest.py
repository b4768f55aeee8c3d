# SPDX-License-Identifier: Apache-2.0
"""What the tests of the common code share."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from services.common import logging as ours


class Log:
    """The log of a process, caught in memory."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        """All that was written."""
        return self.stream.getvalue()

    @property
    def lines(self) -> list[str]:
        """What was written, by line."""
        return self.text.splitlines()

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records; fails when a line is not strict JSON."""
        return [json.loads(line, parse_constant=_refuse) for line in self.lines]

    @property
    def last(self) -> dict[str, Any]:
        """The newest record."""
        return self.records[-1]

    def without_pytest(self) -> None:
        """Take away the handler that pytest adds, which trips over records that ours must stand."""
        root = logging.getLogger()
        root.handlers[:] = [one for one in root.handlers if "pytest" not in type(one).__module__]

    def clear(self) -> None:
        """Forget what was written."""
        self.stream.seek(0)
        self.stream.truncate()


def _refuse(constant: str) -> None:
    msg = f"{constant} is not JSON"
    raise ValueError(msg)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """Send all records of this process through the real formatter into memory."""
    caught = Log()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    # Errors of a handler itself are written here, where a test can see them.
    monkeypatch.setattr(sys, "stderr", caught.stream)
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    ours.configure("test", level="debug", stream=caught.stream)
    yield caught
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.captureWarnings(False)
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
