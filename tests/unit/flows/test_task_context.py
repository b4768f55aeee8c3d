# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flows import task_context
from flows.settings import FlowSettings
from flows.task_context import TaskContext
from flows.work_board import WorkBoard
from services.common.errors import Internal
from tests.unit.flows.fake_services import FakeServices


class TestCurrent:
    def test_of_the_run(self, services: FakeServices, tmp_path: Path) -> None:
        """A run gets what its worker provides, and another one in another thread does not."""
        board = WorkBoard(services.peers, "test-1", 2)
        settings = FlowSettings(home=tmp_path)
        context = TaskContext(services.peers, settings, threading.Event(), board)

        with task_context.provided(context), ThreadPoolExecutor(1) as other:
            assert task_context.current() is context
            with pytest.raises(Internal, match="outside of a worker"):
                other.submit(task_context.current).result()

    def test_outside_of_a_run(self) -> None:
        """A task without a worker is a defect, told as that."""
        with pytest.raises(Internal, match="outside of a worker"):
            task_context.current()
