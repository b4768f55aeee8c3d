# SPDX-License-Identifier: Apache-2.0
"""Clients of a service that runs more than once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.common import identity
from services.common.client import Peers
from services.common.errors import Unavailable
from services.registry import identities
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc
from tests.integration.common import fake_server
from tests.integration.common.fake_server import NAME, STUDY, FakeServer
from tests.integration.common.stub_process import StubProcess, start
from tests.support.deployment import wait_until
from tests.support.speaking import SpeakingPeers


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[FakeServer, FakeServer]]:
    """Start two replicas of a service under one authority."""
    first = fake_server.start(tmp_path)
    second = fake_server.start(tmp_path)
    yield first, second
    first.close()
    second.close()


def _peers(server: FakeServer, *addresses: str, run: Path | None = None) -> Peers:
    told = {NAME: ",".join(addresses)} if addresses else {}
    return Peers(identity.load(server.pki / identities.FLOWS), told, run=run)


def _get_study(peers: Peers) -> catalog_pb2.GetStudyResponse:
    stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(peers.channel(NAME))
    answer: catalog_pb2.GetStudyResponse = stub.GetStudy(STUDY, timeout=10)
    return answer


class TestSeveralAddresses:
    def test_are_called_in_turn(self, pair: tuple[FakeServer, FakeServer]) -> None:
        """Once both are connected, calls are shared evenly between two replicas."""
        first, second = pair
        peers = _peers(first, first.address, second.address)
        seen = first.behaviour.seen, second.behaviour.seen

        def both_answer() -> bool:
            _get_study(peers)
            return all(seen)

        wait_until(both_answer, what="an answer of each replica")
        before = [len(one) for one in seen]
        for _ in range(20):
            _get_study(peers)
        peers.close()
        assert [len(one) - had for one, had in zip(seen, before, strict=True)] == [10, 10]

    def test_one_of_which_nobody_answers(self, pair: tuple[FakeServer, FakeServer]) -> None:
        """An address where nothing listens, or that went away, costs no call."""
        first, second = pair
        peers = _peers(first, first.address, second.address, "127.0.0.1:1")

        for number in range(40):
            if number == 20:
                second.close()
            _get_study(peers)
        peers.close()


class TestAddressesInTheHome:
    def test_are_found_at_the_call(
        self, pair: tuple[FakeServer, FakeServer], tmp_path: Path
    ) -> None:
        """What settings do not tell is found in the home, also when it starts after its caller."""
        first, second = pair
        run = tmp_path / "run"
        run.mkdir()
        peers = _peers(first, run=run)
        stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(peers.channel(NAME))

        with pytest.raises(Unavailable, match="no address of storage-clinical is known"):
            stub.GetStudy(STUDY)
        (run / f"{NAME}.address").write_text(f"{first.address}\n")
        assert stub.GetStudy(STUDY).study.id == "s1"
        (run / f"{NAME}-2.address").write_text(f"{second.address}\n")

        def second_answers() -> bool:
            stub.GetStudy(STUDY)
            return bool(second.behaviour.seen)

        wait_until(second_answers, what="an answer of the second")
        peers.close()

    def test_do_not_stand_beside_those_of_settings(
        self, pair: tuple[FakeServer, FakeServer], tmp_path: Path
    ) -> None:
        """Where settings name a service, the home is not asked for it."""
        first, second = pair
        run = tmp_path / "run"
        run.mkdir()
        (run / f"{NAME}.address").write_text(f"{second.address}\n")
        peers = _peers(first, first.address, run=run)

        for _ in range(6):
            _get_study(peers)
        peers.close()
        assert second.behaviour.seen == []


class TestLostCall:
    def test_is_made_again_until_a_replica_answers(self, tmp_path: Path) -> None:
        """A connection may be chosen several times before its end is noticed."""
        server = fake_server.start(tmp_path)
        seen = server.behaviour.seen
        lost = Unavailable("Socket closed")
        lost.reason = ""  # no server's decision, as where a connection ends

        def act(_given: object) -> None:
            if len(seen) < 4:
                raise lost

        server.behaviour.act = act
        peers = _peers(server, server.address)
        _get_study(peers)
        peers.close()
        server.close()
        assert len(seen) == 4


class TestKilledReplica:
    @pytest.fixture
    def replicas(self, tmp_path: Path) -> Iterator[tuple[StubProcess, StubProcess]]:
        """Start two replicas as processes of their own."""
        first = start(tmp_path / "first")
        second = start(tmp_path / "second", SOTTO_PKI=str(first.pki / identities.AUDIT))
        yield first, second
        for one in (first, second):
            one.kill()

    def test_is_not_noticed_by_callers_of_unary_calls(
        self, replicas: tuple[StubProcess, StubProcess]
    ) -> None:
        """Calls that run on a replica while it is killed are answered by the other one."""
        first, second = replicas
        addresses = {identities.AUDIT: f"{first.address},{second.address}"}
        peers = SpeakingPeers(first.pki, identities.COMPLIANCE, addresses)
        stub = audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(identities.AUDIT))
        killed, failed = threading.Event(), threading.Event()

        def call(_: int) -> None:
            after = 0
            while after < 3 and not failed.is_set():
                after += killed.is_set()
                # The handler takes a tenth of a second, so that some are always running.
                answer = stub.ListEntries(entry_pb2.ListEntriesRequest(page_size=1))
                assert answer.next_page_token == "done"

        with ThreadPoolExecutor(8) as pool:
            calls = [pool.submit(call, number) for number in range(8)]
            try:
                wait_until(lambda: all(one.entered for one in replicas), what="calls on both")
                first.kill()
                killed.set()
            except BaseException:
                failed.set()  # or the callers would go on for ever
                raise
            for one in calls:
                one.result()
        peers.close()

    def test_that_was_the_only_one_is(self, replicas: tuple[StubProcess, StubProcess]) -> None:
        """A call while no replica is there fails, with what to do."""
        first, second = replicas
        addresses = {identities.AUDIT: f"{first.address},{second.address}"}
        peers = SpeakingPeers(first.pki, identities.COMPLIANCE, addresses)
        stub = audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(identities.AUDIT))
        first.kill()
        second.kill()

        with pytest.raises(Unavailable, match="sotto status"):
            stub.ListEntries(entry_pb2.ListEntriesRequest())
        peers.close()
