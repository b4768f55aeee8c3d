# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import json
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from services.common import certificate_authority, identity
from services.common.errors import Internal, Unavailable
from services.registry import identities
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2
from tests.integration.common import fake_server
from tests.integration.common.stub_process import StubProcess, start


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StubProcess]:
    """Start one service for the tests that do not stop it."""
    running = start(tmp_path_factory.mktemp("process"))
    yield running
    running.stop()


def _connect(service: StubProcess, shown: identity.Credentials | None) -> None:
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
    def _reason(self, service: StubProcess, shown: identity.Credentials | None) -> str:
        before = len(service.refusals(0))
        _connect(service, shown)
        return service.refusals(before + 1)[before]

    def test_without_certificate(self, service: StubProcess) -> None:
        """A client without a certificate is recorded in the audit log as refused for that."""
        assert self._reason(service, None) == "no_certificate"

    def test_with_an_expired_certificate(self, service: StubProcess, tmp_path: Path) -> None:
        """So does one whose certificate has ended."""
        for part in ("ca.key", "ca.pem"):
            shutil.copy(service.pki / part, tmp_path / part)
        certificate_authority.ensure_certificate(
            tmp_path, identities.COMPLIANCE, life=dt.timedelta(days=-2)
        )

        assert self._reason(service, identity.load(tmp_path / identities.COMPLIANCE)) == "expired"

    def test_of_another_authority(self, service: StubProcess, tmp_path: Path) -> None:
        """So does one that another authority vouches for."""
        foreign = identity.load(
            fake_server.foreign_credentials(tmp_path / "other", identities.COMPLIANCE)
        )

        assert self._reason(service, foreign) == "unknown_authority"

    def test_that_speaks_no_tls(self, service: StubProcess) -> None:
        """So does a client that speaks no TLS."""
        before = len(service.refusals(0))
        host, port = service.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\nX-Name: Puan Halimah\r\n\r\n")
            connection.recv(100)

        assert service.refusals(before + 1)[before] == "handshake_failed"

    def test_that_connects_all_the_time(self, service: StubProcess) -> None:
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

    def test_is_denied_and_logged(self, service: StubProcess) -> None:
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
    def test_every_line_is_json_and_holds_no_content(self, service: StubProcess) -> None:
        """Whatever happens, stderr holds one JSON object a line, and no text of an error."""
        with service.stub() as stub, pytest.raises(Internal):
            stub.GetInclusionProof(entry_pb2.GetInclusionProofRequest())

        failed = [one for one in service.records if one["event"] == "call_failed"][-1]
        assert failed["level"] == "error"
        assert failed["method"] == "/sotto.audit.v1.AuditQueryService/GetInclusionProof"
        assert failed["exception"].startswith("RuntimeError at ")
        assert failed["request_id"]
        assert "Halimah" not in json.dumps(service.records)

    def test_start_is_recorded(self, service: StubProcess) -> None:
        """The first entry of a service says that it started."""
        assert service.events[0]["name"] == "service:process:started"
        assert service.events[0]["object"] == "audit"


class TestLife:
    def test_stops_in_good_order(self, tmp_path: Path) -> None:
        """Asked to stop, it finishes the running call, records its end and leaves with 0."""
        service = start(tmp_path)
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
        service = start(tmp_path, stdin=subprocess.PIPE, SOTTO_STOP_ON_STDIN_EOF="1")
        assert service.process.stdin
        service.process.stdin.close()

        assert service.wait() == 0
        assert service.events[-1]["name"] == "service:process:stopped"

    def test_interrupt_is_no_crash(self, tmp_path: Path) -> None:
        """Ctrl-C is a way to stop, not an error."""
        service = start(tmp_path)
        service.process.send_signal(signal.SIGINT)

        assert service.wait() == 0
        assert "uncaught_error" not in {one["event"] for one in service.records}
