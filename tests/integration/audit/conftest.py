# SPDX-License-Identifier: Apache-2.0
"""A running audit service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.audit import AuditDeployment


@pytest.fixture
def service(tmp_path: Path) -> Iterator[AuditDeployment]:
    """A fresh audit service."""
    running = AuditDeployment.begun(tmp_path)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditDeployment]:
    """An audit service for tests that leave it as it is."""
    running = AuditDeployment.begun(tmp_path_factory.mktemp("shared"))
    yield running
    running.stop()
