# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading

import pytest

from flows import task_context
from flows.task_context import TaskContext
from services.common.errors import Internal
from tests.unit.flows.fake_services import FakeServices


class TestCurrent:
    def test_what_was_installed(self, services: FakeServices) -> None:
        """Tasks get the context that their process has set."""
        context = TaskContext(services.peers, threading.Event())
        task_context.install(context)

        assert task_context.current() is context

    def test_nothing_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A task that runs before its process is ready is a defect, told as that."""
        monkeypatch.setattr(task_context, "_current", None)

        with pytest.raises(Internal, match="context of tasks"):
            task_context.current()
