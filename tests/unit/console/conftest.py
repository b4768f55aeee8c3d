# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from services.common import logging as ours
from tests.support.captured_log import CapturedLog
from tests.support.console import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The console with no accounts and no services."""
    with Desk(tmp_path) as opened:
        yield opened


@pytest.fixture
def log() -> Iterator[CapturedLog]:
    """All records of this process, as the console writes them."""
    caught = CapturedLog()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    ours.configure("console", stream=caught.stream)
    yield caught
    logging.captureWarnings(False)
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
