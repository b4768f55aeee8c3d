# SPDX-License-Identifier: Apache-2.0
"""One running server for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.common import fake_server
from tests.integration.common.fake_server import FakeServer


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeServer]:
    """Start the server once for a module."""
    started = fake_server.start(tmp_path_factory.mktemp("server"))
    yield started
    started.close()


@pytest.fixture
def server(running: FakeServer) -> FakeServer:
    """Give the running server, in its first state."""
    running.behaviour.act = lambda _given: None
    running.behaviour.seen.clear()
    running.log.events.clear()
    running.log.down = False
    return running
