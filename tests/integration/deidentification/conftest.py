# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.deidentification.adapters.presidio import PresidioDetector
from tests.support.deidentification_zones import (
    TwoZones,
    start,
)


@pytest.fixture(scope="session")
def detector() -> PresidioDetector:
    """Rules alone."""
    return PresidioDetector()


@pytest.fixture
def deployment(tmp_path: Path, detector: PresidioDetector) -> Iterator[TwoZones]:
    """Real storage services of both zones with a study."""
    running = start(tmp_path, detector)
    yield running
    running.stop()
