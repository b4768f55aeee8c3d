# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import task_context
from flows.settings import FlowSettings
from flows.task_context import TaskContext
from flows.work_board import WorkBoard
from services.common.installation import Installation
from tests.unit.flows import fake_prefect, fake_services
from tests.unit.flows.fake_prefect import FakePrefect
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


@pytest.fixture
def stopping(services: FakeServices, tmp_path: Path) -> Iterator[threading.Event]:
    """The context of a flow run; the event says that it is to stop."""
    event = threading.Event()
    settings = FlowSettings(home=tmp_path, addresses={"scheduler": "127.0.0.1:1"})
    board = WorkBoard(services.peers, "test-1", 2)
    with task_context.provided(TaskContext(services.peers, settings, event, board)):
        yield event


@pytest.fixture
def prefect() -> Iterator[FakePrefect]:
    """Prefect's API with no runs in it."""
    with fake_prefect.serving() as running:
        yield running


@pytest.fixture
def installation(
    tmp_path: Path, prefect: FakePrefect, monkeypatch: pytest.MonkeyPatch
) -> Installation:
    """An installation whose Prefect server is elsewhere."""
    password = tmp_path / "password"
    password.write_text("sotto:secret\n")
    password.chmod(0o600)
    monkeypatch.setenv("SOTTO_PREFECT_API_URL", prefect.environment["PREFECT_API_URL"])
    monkeypatch.setenv("SOTTO_PREFECT_API_AUTH", str(password))
    return Installation(tmp_path / "home")
