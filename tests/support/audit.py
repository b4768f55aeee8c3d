# SPDX-License-Identifier: Apache-2.0
"""Logs in a folder, and the audit service as a process, for the tests of every layer."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.audit.adapters.checkpoint_file import CHECKPOINT_FILE, FileAnchor
from services.audit.adapters.key_files import ensure_keys
from services.audit.adapters.sqlite_store import SqliteStore
from services.audit.domain.log import AuditLog
from services.audit_evidence.entry import DraftEntry, ReportedEvent
from services.common import certificate_authority
from services.common.audit import AuditTrail
from services.common.client import Peers, audit_appender
from services.registry.events import ZONES
from sotto.audit.v1 import audit_service_pb2_grpc as stubs
from tests.support.audit_events import fact, intent, outcome
from tests.support.speaking import SpeakingPeers

REPOSITORY = Path(__file__).resolve().parents[2]
#: Clients that get a certificate beside the service's own.
CLIENTS = (
    "flows", "storage-clinical", "storage-research", "transcription", "release", "compliance",
    "researcher",
)  # fmt: skip
_START_SECONDS = 60.0


class LogFixture:
    """A log in a folder, opened as the service opens it."""

    def __init__(self, folder: Path, **options: Any) -> None:
        folder.mkdir(exist_ok=True, mode=0o700)
        self.folder = folder
        self.store = SqliteStore(folder)
        try:
            self.ring = ensure_keys(folder, "audit.example/log", fresh=self.store.head() is None)
            self.store.seal_keys = self.ring.signing
            anchors = [FileAnchor(folder / CHECKPOINT_FILE)]
            self.log = AuditLog(
                self.store,
                self.ring.signing,
                retired=self.ring.retired,
                anchors=anchors,
                **options,
            )
        except BaseException:
            self.store.close()
            raise

    def add(self, *events: ReportedEvent, service: str = "storage-clinical") -> int:
        """Commit events as one batch."""
        return self.log.commit([DraftEntry(event, service) for event in events])

    def close(self) -> None:
        """Publish and close, as the service does."""
        self.log.publish()
        self.store.close()


def make_log(folder: Path, count: int, *, batch: int = 7) -> Path:
    """Make a closed log of `count` entries: facts, and pairs of intent and outcome."""
    fixture = LogFixture(folder)
    events: list[ReportedEvent] = []
    while len(events) < count:
        if len(events) % 5 == 3 and len(events) + 1 < count:
            events += [intent(object="rec-9"), outcome(len(events), object="rec-9")]
        else:
            events.append(fact(len(events)))
    for at in range(0, count, batch):
        fixture.add(*events[at : at + batch])
    fixture.close()
    return folder


def issue_certificates(home: Path, clients: Sequence[str] = CLIENTS) -> None:
    """Issue certificates for the audit service and clients of it."""
    certificate_authority.ensure_authority(home / "pki")
    for name in ("audit", *clients):
        certificate_authority.ensure_certificate(home / "pki", name)


@dataclass
class AuditDeployment:
    """The audit service as a process in a home of its own; `environment` holds further settings."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    address: str = ""

    @classmethod
    def begun(cls, home: Path) -> AuditDeployment:
        """Issue certificates in an empty home and start the service."""
        issue_certificates(home)
        made = cls(home)
        made.start()
        return made

    def start(self) -> None:
        """Start it and wait until it answers."""
        address = self.home / "run" / "audit.address"
        address.unlink(missing_ok=True)
        environment = {
            **os.environ,
            "SOTTO_HOME": str(self.home),
            "PYTHONPATH": "protos",
            **self.environment,
        }
        with (self.home / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.audit"],
                env=environment,
                cwd=REPOSITORY,
                stderr=log,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not address.exists():
            assert self.process.poll() is None, (self.home / "log.txt").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        self.address = address.read_text().strip()

    def stop(self) -> None:
        """Stop it in good order."""
        if self.process is not None:
            self.process.terminate()
            assert self.process.wait(30) == 0
            self.process = None

    def kill(self) -> None:
        """Stop it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def peers(self, name: str) -> Peers:
        """Channels of a client."""
        return SpeakingPeers(self.home / "pki", name, {"audit": self.address})

    def trail(self, name: str = "storage-clinical") -> AuditTrail:
        """What services write with."""
        return AuditTrail(audit_appender(self.peers(name)), zone=ZONES.get(name, ""))

    def checkpoints(self, name: str = "compliance") -> stubs.AuditCheckpointServiceStub:
        """What gives checkpoints."""
        return stubs.AuditCheckpointServiceStub(self.peers(name).channel("audit"))

    def query(self, name: str = "compliance") -> stubs.AuditQueryServiceStub:
        """What compliance reads with."""
        return stubs.AuditQueryServiceStub(self.peers(name).channel("audit"))
