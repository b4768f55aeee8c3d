# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import grpc
import pytest

from services.common import certificate_authority, identity
from services.common.client import Peers
from services.common.errors import Internal, Unavailable
from services.registry import identities
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2
from tests.integration.common import fake_server
from tests.support.deployment import ROOT, wait_for_address


class Running:
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
        peers = Peers(
            identity.load(self.pki / identities.COMPLIANCE), {identities.AUDIT: self.address}
        )
        try:
            yield audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(identities.AUDIT))
        finally:
            peers.close()

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


def _start(home: Path, *, stdin: int = subprocess.DEVNULL, **environment: str) -> Running:
    certificate_authority.ensure_authority(home / "pki")
    for name in (identities.AUDIT, identities.COMPLIANCE):
        certificate_authority.ensure_certificate(home / "pki", name)
    return Running(home, environment, stdin=stdin)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start one service for the tests that do not stop it."""
    running = _start(tmp_path_factory.mktemp("process"))
    yield running
    running.stop()


def _connect(service: Running, shown: identity.Credentials | None) -> None:
    """Try to call with these credentials; must not succeed."""
    secure = grpc.ssl_channel_credentials(
        (service.pki / "ca.pem").read_bytes(),
        shown.key if shown else None,
        shown.certificate if shown else None,
    )
    options = [("grpc.ssl_target_name_override", identity.host_name(identities.AUDIT))]
    with (
        grpc.secure_channel(service.address, secure, options=options) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        audit_service_pb2_grpc.AuditQueryServiceStub(channel).ListEntries(
            entry_pb2.ListEntriesRequest(), timeout=10
        )
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE  # type: ignore[attr-defined]


class TestRefusedConnection:
    def _reason(self, service: Running, shown: identity.Credentials | None) -> str:
        before = len(service.refusals(0))
        _connect(service, shown)
        return service.refusals(before + 1)[before]

    def test_without_certificate(self, service: Running) -> None:
        """A client without a certificate is recorded in the audit log as refused for that."""
        assert self._reason(service, None) == "no_certificate"

    def test_with_an_expired_certificate(self, service: Running, tmp_path: Path) -> None:
        """So does one whose certificate has ended."""
        for part in ("ca.key", "ca.pem"):
            shutil.copy(service.pki / part, tmp_path / part)
        certificate_authority.ensure_certificate(
            tmp_path, identities.COMPLIANCE, life=dt.timedelta(days=-2)
        )

        assert self._reason(service, identity.load(tmp_path / identities.COMPLIANCE)) == "expired"

    def test_of_another_authority(self, service: Running, tmp_path: Path) -> None:
        """So does one that another authority vouches for."""
        foreign = identity.load(
            fake_server.foreign_credentials(tmp_path / "other", identities.COMPLIANCE)
        )

        assert self._reason(service, foreign) == "unknown_authority"

    def test_that_speaks_no_tls(self, service: Running) -> None:
        """So does a client that speaks no TLS."""
        before = len(service.refusals(0))
        host, port = service.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\nX-Name: Puan Halimah\r\n\r\n")
            connection.recv(100)

        assert service.refusals(before + 1)[before] == "handshake_failed"

    def test_that_connects_all_the_time(self, service: Running) -> None:
        """A flood of them is recorded with its number, in few entries, and calls are served."""
        before = len(service.refusals(0))
        host, port = service.address.rsplit(":", 1)
        for _ in range(200):
            with socket.create_connection((host, int(port)), timeout=10) as connection:
                connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
                connection.recv(100)
        with service.stub() as stub:
            assert stub.ListEntries(entry_pb2.ListEntriesRequest()).next_page_token == "done"
        deadline = time.monotonic() + 20
        while sum(service.counts()[before:]) < 200 and time.monotonic() < deadline:
            time.sleep(0.05)

        assert sum(service.counts()[before:]) == 200
        assert len(service.counts()[before:]) < 20

    def test_is_denied_and_logged(self, service: Running) -> None:
        """The entry is a denial, the log says the same, and the service goes on."""
        before = len(service.refusals(0))
        _connect(service, None)
        service.refusals(before + 1)

        event = [one for one in service.events if one["name"] == "access:connection:refused"][-1]
        assert event["outcome"] == "OUTCOME_DENIED"
        assert event["phase"] == "PHASE_FACT"
        assert {"connection_refused"} <= {one["event"] for one in service.records}
        with service.stub() as stub:
            assert stub.ListEntries(entry_pb2.ListEntriesRequest()).next_page_token == "done"


class TestLog:
    def test_every_line_is_json_and_holds_no_content(self, service: Running) -> None:
        """Whatever happens, stderr holds one JSON object a line, and no text of an error."""
        with service.stub() as stub, pytest.raises(Internal):
            stub.GetCheckpoint(entry_pb2.GetCheckpointRequest())

        failed = [one for one in service.records if one["event"] == "call_failed"][-1]
        assert failed["level"] == "error"
        assert failed["method"] == "/sotto.audit.v1.AuditQueryService/GetCheckpoint"
        assert failed["exception"].startswith("RuntimeError at ")
        assert failed["request_id"]
        assert "Halimah" not in json.dumps(service.records)

    def test_start_is_recorded(self, service: Running) -> None:
        """The first entry of a service says that it started."""
        assert service.events[0]["name"] == "service:process:started"
        assert service.events[0]["object"] == "audit"


class TestLife:
    def test_stops_in_good_order(self, tmp_path: Path) -> None:
        """Asked to stop, it finishes the running call, records its end and leaves with 0."""
        service = _start(tmp_path)
        answers: list[str] = []

        def call() -> None:
            with service.stub() as stub:
                answer = stub.ListEntries(entry_pb2.ListEntriesRequest(page_size=8), timeout=30)
                answers.append(answer.next_page_token)

        caller = threading.Thread(target=call)
        caller.start()
        deadline = time.monotonic() + 30
        while not (tmp_path / "entered").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert service.stop() == 0
        caller.join(30)

        assert answers == ["done"]
        assert service.events[-1]["name"] == "service:process:stopped"
        assert service.records[-1]["event"] == "service_stopped"
        with service.stub() as stub, pytest.raises(Unavailable):
            stub.ListEntries(entry_pb2.ListEntriesRequest(), timeout=5)

    def test_stops_when_its_starter_is_gone(self, tmp_path: Path) -> None:
        """It stops in good order once its starter's end of its stdin is closed."""
        service = _start(tmp_path, stdin=subprocess.PIPE, SOTTO_STOP_ON_STDIN_EOF="1")
        assert service.process.stdin
        service.process.stdin.close()

        assert service.wait() == 0
        assert service.events[-1]["name"] == "service:process:stopped"

    def test_interrupt_is_no_crash(self, tmp_path: Path) -> None:
        """Ctrl-C is a way to stop, not an error."""
        service = _start(tmp_path)
        service.process.send_signal(signal.SIGINT)

        assert service.wait() == 0
        assert "uncaught_error" not in {one["event"] for one in service.records}
