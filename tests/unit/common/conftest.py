# SPDX-License-Identifier: Apache-2.0
"""What the tests of the common code share."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog

from services.common import logging as ours
from tests.support.captured_log import CapturedLog


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[CapturedLog]:
    """Send all records of this process through the real formatter into memory."""
    caught = CapturedLog()
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
