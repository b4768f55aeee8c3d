# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.common import context, identity
from services.common.client import Peers
from services.common.errors import SottoError, WrongUse
from services.common.health import check_probe_address
from services.registry import identities
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2
from tests.integration.common.stub_process import StubProcess, start
from tests.support.deployment import wait_until

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.fixture
def service(tmp_path: Path) -> Iterator[StubProcess]:
    """Start a service that answers probes."""
    started = start(tmp_path, SOTTO_HEALTH_LISTEN="127.0.0.1:0")
    yield started
    started.kill()


def _probe(service: StubProcess) -> int:
    """Return the status that a probe without a certificate gets."""
    address = (service.home / "run" / "audit.health").read_text("ascii").strip()
    with grpc.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        status: int = stub.Check(health_pb2.HealthCheckRequest(), timeout=10).status
        return status


class TestProbe:
    def test_is_answered_without_a_certificate(self, service: StubProcess) -> None:
        """A probe that shows nothing learns that the service serves, and nothing else."""
        assert _probe(service) == SERVING
        address = (service.home / "run" / "audit.health").read_text("ascii").strip()
        with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError) as caught:
            audit_service_pb2_grpc.AuditQueryServiceStub(channel).ListEntries(
                entry_pb2.ListEntriesRequest(), timeout=10
            )
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED  # type: ignore[attr-defined]

    def test_is_told_that_a_service_drains(self, service: StubProcess) -> None:
        """While running calls finish, probes hear that the service does not serve any more."""
        done: list[str] = []

        def call() -> None:
            with service.stub() as stub:
                answer = stub.ListEntries(entry_pb2.ListEntriesRequest(page_size=30))
                done.append(answer.next_page_token)

        caller = threading.Thread(target=call)
        caller.start()
        wait_until(lambda: service.entered, what="the call")
        service.process.send_signal(signal.SIGTERM)
        wait_until(lambda: _probe(service) == NOT_SERVING, seconds=2.5, what="draining")
        caller.join(30)

        assert done == ["done"]
        assert service.wait() == 0

    def test_is_answered_beside_silent_ones(self, service: StubProcess) -> None:
        """Probes that ask nothing do not keep others from an answer."""
        address = (service.home / "run" / "audit.health").read_text("ascii").strip()
        ended = threading.Event()

        def nothing() -> Iterator[bytes]:
            ended.wait()
            yield b""

        with grpc.insecure_channel(address) as channel:
            silent = channel.stream_unary("/grpc.health.v1.Health/Check")
            calls = [silent.future(nothing(), timeout=30) for _ in range(8)]
            try:
                assert _probe(service) == SERVING
            finally:
                ended.set()
                for call in calls:
                    call.cancel()

    @pytest.mark.parametrize("listen", ["127.0.0.1:4900", "[::1]:4900", "localhost:4900"])
    def test_of_this_machine_needs_nothing_more(self, listen: str) -> None:
        """An address of loopback is taken as it is."""
        check_probe_address(listen, unprotected=False)

    @pytest.mark.parametrize(
        "listen", ["0.0.0.0:4900", "[::]:4900", "10.0.0.7:4900", "host.example:4900"]
    )
    def test_of_other_machines_must_be_allowed(self, listen: str) -> None:
        """An address that others reach is refused, unless a second setting allows it."""
        with pytest.raises(WrongUse, match="health_unprotected"):
            check_probe_address(listen, unprotected=False)
        check_probe_address(listen, unprotected=True)


class TestDraining:
    def test_loses_no_call(self, tmp_path: Path) -> None:
        """Of two replicas under load, one after the other stops and starts; no call fails."""
        first = start(tmp_path / "first")
        second = start(tmp_path / "second", SOTTO_PKI=str(first.pki / identities.AUDIT))
        peers = Peers(
            identity.load(first.pki / identities.COMPLIANCE),
            {identities.AUDIT: f"{first.address},{second.address}"},
        )
        stub = audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(identities.AUDIT))
        ended = threading.Event()
        errors: list[SottoError] = []
        count = [0] * 8

        def call(number: int) -> None:
            context.enter(context.CallContext(person="dr.lim", role=identities.COMPLIANCE))
            while not ended.is_set():
                try:
                    # One caller's calls take a tenth of a second, the others' no time.
                    stub.ListEntries(entry_pb2.ListEntriesRequest(page_size=int(number == 0)))
                except SottoError as error:
                    errors.append(error)
                count[number] += 1

        callers = [threading.Thread(target=call, args=(number,)) for number in range(8)]
        for one in callers:
            one.start()
        try:
            wait_until(lambda: first.entered and second.entered, what="calls on both")
            assert first.stop() == 0
            (first.home / "entered").unlink()
            first = start(first.home, SOTTO_LISTEN=first.address)
            wait_until(lambda: first.entered, what="calls on the first again")
            assert second.stop() == 0
            before = sum(count)
            wait_until(lambda: sum(count) > before + 100, what="calls after it")
        finally:
            ended.set()
            for one in callers:
                one.join(30)
            peers.close()
            first.kill()
            second.kill()

        assert errors == []
