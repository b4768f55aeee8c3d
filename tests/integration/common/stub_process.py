# SPDX-License-Identifier: Apache-2.0
"""The service of `stub_service` in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from services.common import certificate_authority
from services.registry import identities
from sotto.audit.v1 import audit_service_pb2_grpc
from tests.support.deployment import ROOT, wait_for_address
from tests.support.speaking import SpeakingPeers


class StubProcess:
    """A service in a process of its own."""

    def __init__(self, home: Path, environment: Mapping[str, str], *, stdin: int) -> None:
        self.home = home
        self.pki = home / "pki"
        self._errors = (home / "stderr").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.common.stub_service"],
            cwd=ROOT,
            stdin=stdin,
            stderr=self._errors,
            env={**os.environ, "SOTTO_HOME": str(home), **environment},
        )
        self.address = wait_for_address(home, identities.AUDIT, self.process, log=home / "stderr")

    @property
    def events(self) -> list[dict[str, Any]]:
        """What it recorded."""
        text = (self.home / "events.jsonl").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines()]

    @property
    def records(self) -> list[dict[str, Any]]:
        """What it logged; fails when a line is no JSON."""
        text = (self.home / "stderr").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def refusals(self, number: int) -> list[str]:
        """Return the reasons of refused connections, once there are so many."""
        deadline = time.monotonic() + 20
        while True:
            found = [
                one["reason"] for one in self.events if one["name"] == "access:connection:refused"
            ]
            if len(found) >= number or time.monotonic() > deadline:
                return found
            time.sleep(0.02)

    def counts(self) -> list[int]:
        """How many connections each entry of a refusal stands for."""
        return [
            int(one["attributes"]["count"])
            for one in self.events
            if one["name"] == "access:connection:refused"
        ]

    @contextlib.contextmanager
    def stub(self) -> Iterator[audit_service_pb2_grpc.AuditQueryServiceStub]:
        """Call it as compliance does."""
        peers = SpeakingPeers(self.pki, identities.COMPLIANCE, {identities.AUDIT: self.address})
        try:
            yield audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(identities.AUDIT))
        finally:
            peers.close()

    @property
    def entered(self) -> bool:
        """Whether a call has reached it."""
        return (self.home / "entered").exists()

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self.process.kill()
        self.wait()

    def stop(self) -> int:
        """Ask it to stop; returns its exit status."""
        self.process.terminate()
        return self.wait()

    def wait(self) -> int:
        """Wait for its end."""
        try:
            return self.process.wait(60)
        finally:
            self.process.kill()
            self.process.wait()
            if self.process.stdin:
                self.process.stdin.close()
            self._errors.close()


def start(home: Path, *, stdin: int = subprocess.DEVNULL, **environment: str) -> StubProcess:
    """Start the service in `home`, with certificates for itself and its caller."""
    certificate_authority.ensure_authority(home / "pki")
    (home / "run" / "audit.address").unlink(missing_ok=True)
    for name in (identities.AUDIT, identities.COMPLIANCE):
        certificate_authority.ensure_certificate(home / "pki", name)
    return StubProcess(home, environment, stdin=stdin)
