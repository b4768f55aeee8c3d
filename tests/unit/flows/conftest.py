# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.flows import fake_services
from tests.unit.flows.fake_services import FakeServices


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeServices]:
    with fake_services.running(tmp_path_factory.mktemp("fake") / "pki") as services:
        yield services


@pytest.fixture
def services(_running: FakeServices) -> FakeServices:
    """The services that flows call, empty."""
    _running.clear()
    return _running
