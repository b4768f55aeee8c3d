# SPDX-License-Identifier: Apache-2.0
"""One set of running services for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.common import supervisor
from services.common.installation import Installation
from services.registry import identities
from tests.integration.release.house import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Start audit, research storage and release as processes of their own."""
    home = Installation(tmp_path_factory.mktemp("home"))
    with supervisor.running(home, [identities.RELEASE]) as addresses:
        yield House(home, addresses)
