# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from services.common import lifecycle
from services.common.audit import AuditTrail
from services.common.identity import Credentials
from services.common.lifecycle import LifecycleAudit
from services.common.settings import ServiceSettings
from tests.support.captured_log import CapturedLog
from tests.support.fake_audit_log import FakeAuditLog

STARTED = "service:process:started"
SEEN = "configuration:settings:seen"


@pytest.fixture
def audit_log() -> FakeAuditLog:
    """Return a log that takes entries."""
    return FakeAuditLog()


@pytest.fixture
def stopping() -> threading.Event:
    """Return what ends the retries."""
    return threading.Event()


@pytest.fixture
def audit(tmp_path: Path, audit_log: FakeAuditLog, stopping: threading.Event) -> LifecycleAudit:
    """Return the entries of one process."""
    settings = ServiceSettings.load(home=tmp_path, service="audit")
    credentials = Credentials(b"key", b"certificate", b"authority")
    return LifecycleAudit(settings, credentials, AuditTrail(audit_log), stopping)


def names(audit_log: FakeAuditLog) -> list[str]:
    """Return the names of all events."""
    return [event.name for event in audit_log.events]


class TestLifecycleAudit:
    def test_start_configuration_and_stop(
        self, audit: LifecycleAudit, audit_log: FakeAuditLog
    ) -> None:
        """A process records its start, what it was configured with, and its stop."""
        audit.begin()
        audit.end()

        assert names(audit_log) == [STARTED, SEEN, "service:process:stopped"]
        assert {event.object for event in audit_log.events} == {"audit"}

    def test_start_is_recorded_once_the_log_takes_it(
        self,
        audit: LifecycleAudit,
        audit_log: FakeAuditLog,
        stopping: threading.Event,
        log: CapturedLog,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A process starts before the log does; its start is recorded later, and once."""
        monkeypatch.setattr(lifecycle, "_RETRY_SECONDS", 0.01)
        audit_log.down = True
        audit.begin()
        assert log.last["event"] == "lifecycle_not_recorded"
        audit_log.down = False
        deadline = time.monotonic() + 10
        while len(audit_log.events) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        stopping.set()

        assert names(audit_log) == [STARTED, SEEN]

    def test_stop_does_not_fail_without_the_log(
        self, audit: LifecycleAudit, audit_log: FakeAuditLog, log: CapturedLog
    ) -> None:
        """A process stops in good order even when nothing takes the entry."""
        audit_log.down = True
        audit.end()

        assert (log.last["event"], log.last["reason"]) == (
            "lifecycle_not_recorded",
            "audit_unavailable",
        )
