# SPDX-License-Identifier: Apache-2.0
"""Several processes of one service on one installation, each at an address of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.common.client import Peers
from services.registry.processes import PROCESSES
from tests.support import speech_model
from tests.support.deployment import ROOT, Deployment, wait_until
from tests.support.ports import free_port


@dataclass
class Replica:
    """One process of a service."""

    deployment: Deployment
    service: str
    number: int
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What it wrote."""
        return self.deployment.root / f"{self.service}-{self.number}.log"

    def launch(self) -> Replica:
        """Start the process, or start it again at its address; `wait` says when it serves."""
        self.port = self.port or free_port()
        spec = next(one for one in PROCESSES if one.name == self.service)
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}",
            speech_model.SETTING: str(speech_model.DEMO_FOLDER),
            **spec.environment,
            **self.environment,
            "SOTTO_HOME": str(self.deployment.root),
            "SOTTO_SERVICE": self.service,
            "SOTTO_ADDRESSES": json.dumps(self.deployment.addresses),
            "SOTTO_LISTEN": f"127.0.0.1:{self.port}",
            "SOTTO_STOP_ON_STDIN_EOF": "1",
        }
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", spec.module],
                env=environment, stdin=subprocess.PIPE, stdout=log, stderr=log,
            )  # fmt: skip
        return self

    def wait(self) -> Replica:
        """Return once it serves; fails the test when it ends before."""

        def serves() -> bool:
            assert self._process is not None
            said = self.log.read_text("utf-8", "replace")
            assert self._process.poll() is None, said
            return '"service_started"' in said

        wait_until(serves, seconds=60, what=f"the start of {self.service}", every=0.02)
        return self

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop it in good order."""
        self._end(signal.SIGTERM)

    @contextlib.contextmanager
    def peers(self, client: str) -> Iterator[Peers]:
        """Call this process as `client` while the block lasts, on whichever thread."""
        with self.deployment.peers(
            client, addresses={self.service: f"127.0.0.1:{self.port}"}
        ) as peers:
            yield peers

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(number)
            process.wait(30)
            if process.stdin:
                process.stdin.close()


@contextlib.contextmanager
def running(
    deployment: Deployment,
    service: str,
    environment: Mapping[str, str] | None = None,
    count: int = 2,
) -> Iterator[list[Replica]]:
    """Run several processes of a service that start at once, for as long as the block lasts."""
    replicas = [Replica(deployment, service, n, environment or {}) for n in range(count)]
    try:
        for replica in replicas:
            replica.launch()
        for replica in replicas:
            replica.wait()
        yield replicas
    finally:
        for replica in replicas:
            replica.kill()
