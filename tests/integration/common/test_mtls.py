# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.common import certificate_authority, context, identity, tls_failures
from services.common.audit import AuditTrail
from services.common.client import Peers
from services.common.errors import PermissionDenied, Unauthenticated, Unavailable
from services.common.server import build_server
from services.common.settings import ServiceSettings
from services.registry import identities
from sotto.audit.v1 import entry_pb2
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    segment_pb2,
    segment_service_pb2_grpc,
)
from tests.integration.common import fake_server
from tests.integration.common.fake_server import NAME, REF, FakeServer
from tests.support.speaking import SpeakingPeers

STUDY = catalog_pb2.GetStudyRequest(study_id="s1")


def _reader(channel: grpc.Channel) -> catalog_service_pb2_grpc.CatalogReaderServiceStub:
    return catalog_service_pb2_grpc.CatalogReaderServiceStub(channel)


class TestListedClient:
    def test_passes(self, server: FakeServer) -> None:
        """A client on the list is answered."""
        answer = _reader(server.channel(identities.FLOWS)).GetStudy(STUDY)

        assert answer.study.id == "s1"
        assert server.log.events == []

    def test_acts_for_its_person(self, server: FakeServer) -> None:
        """The handler knows person, role, purpose, and the client's certified name."""
        seen: list[context.CallContext] = []
        server.behaviour.act = lambda _given: seen.append(context.current())
        with context.acting(person="dr.lim", role="operator", purpose="research", request_id="r-9"):
            _reader(server.channel(identities.OPERATOR)).GetStudy(STUDY)

        assert seen == [
            context.CallContext(
                person="dr.lim",
                role="operator",
                purpose="research",
                request_id="r-9",
                caller="operator",
            )
        ]


class TestOtherClient:
    @pytest.mark.parametrize(
        "client", [identities.RESEARCHER, identities.RELEASE, identities.RESEARCH]
    )
    def test_is_refused_and_recorded(self, server: FakeServer, client: str) -> None:
        """A name that is not on the list is refused, told why, and recorded; nothing runs."""
        with (
            context.acting(person="nur", request_id="r-3"),
            pytest.raises(PermissionDenied, match=f"{client} may not call"),
        ):
            _reader(server.channel(client)).GetStudy(STUDY)

        (event,) = server.log.events
        assert event.name == "access:call:denied"
        assert event.phase == entry_pb2.PHASE_FACT
        assert event.outcome == entry_pb2.OUTCOME_DENIED
        assert event.reason == "not_on_the_list"
        assert event.caller == client
        assert event.person == "nur"
        assert event.request_id == "r-3"
        assert event.object == "sotto.storage.v1.CatalogReaderService/GetStudy"
        assert server.behaviour.seen == []

    def test_stream_is_refused_before_it_begins(self, server: FakeServer) -> None:
        """A stream gives a wrong name nothing, not even its first message."""
        stub = segment_service_pb2_grpc.SegmentReaderServiceStub(server.channel(identities.FLOWS))

        with pytest.raises(PermissionDenied):
            next(stub.GetTranscript(segment_pb2.GetTranscriptRequest(ref=REF)))
        assert server.behaviour.seen == []
        assert [one.name for one in server.log.events] == ["access:call:denied"]

    def test_malformed_person_does_not_evade_the_record(self, server: FakeServer) -> None:
        """A wrong name that also sends nonsense is refused and recorded as any other."""
        with pytest.raises(grpc.RpcError) as caught:
            _reader(server.raw(identities.RESEARCHER)).GetStudy(
                STUDY, timeout=5, metadata=[("sotto-person", "no such <name>")]
            )

        assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED  # type: ignore[attr-defined]
        assert [one.caller for one in server.log.events] == ["researcher"]

    def test_stays_out_while_the_log_is_unavailable(self, server: FakeServer) -> None:
        """Where the denial cannot be recorded the call is still not served."""
        server.log.down = True

        with pytest.raises(Unavailable):
            _reader(server.channel(identities.RESEARCHER)).GetStudy(STUDY)
        assert server.behaviour.seen == []


class TestNamelessClient:
    @pytest.mark.parametrize(
        "names", [["operator.example.com"], ["Operator.sotto.internal"],
                  ["operator.sotto.internal", "flows.sotto.internal"]],
    )  # fmt: skip
    def test_is_refused_and_recorded(self, server: FakeServer, names: list[str]) -> None:
        """A certificate of our authority without one name of ours is nobody's."""
        shown = fake_server.certificate_for(server.pki, names)
        peers = Peers(shown, {NAME: server.address})

        with pytest.raises(Unauthenticated, match="no client name"):
            _reader(peers.channel(NAME)).GetStudy(STUDY)
        peers.close()
        assert [(one.reason, one.caller) for one in server.log.events] == [("no_name", "")]

    def test_learns_no_more_than_the_health(self, server: FakeServer) -> None:
        """Health is for every certificate of our authority, and asking for it is not recorded."""
        shown = fake_server.certificate_for(server.pki, ["operator.example.com"])
        stub = health_pb2_grpc.HealthStub(server.raw(None, credentials=shown))

        answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=5)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        assert server.log.events == []


class TestUncertifiedClient:
    def test_without_certificate(self, server: FakeServer) -> None:
        """A client that shows nothing does not get through the handshake."""
        with pytest.raises(grpc.RpcError) as caught:
            _reader(server.raw(None)).GetStudy(STUDY, timeout=5)

        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE  # type: ignore[attr-defined]
        assert server.behaviour.seen == []

    def test_with_an_expired_certificate(self, server: FakeServer, tmp_path: Path) -> None:
        """A certificate that has ended opens nothing."""
        name = "reviewer"
        (tmp_path / "ca.key").write_bytes((server.pki / "ca.key").read_bytes())
        (tmp_path / "ca.pem").write_bytes((server.pki / "ca.pem").read_bytes())
        certificate_authority.ensure_certificate(tmp_path, name, life=dt.timedelta(hours=-1))
        peers = Peers(identity.load(tmp_path / name), {NAME: server.address})

        with pytest.raises(Unavailable):
            _reader(peers.channel(NAME)).GetStudy(STUDY)
        peers.close()
        assert server.behaviour.seen == []

    def test_of_another_authority(self, server: FakeServer, tmp_path: Path) -> None:
        """A certificate for the right name by another authority opens nothing."""
        foreign = identity.load(
            fake_server.foreign_credentials(tmp_path / "other", identities.FLOWS)
        )

        with pytest.raises(grpc.RpcError) as caught:
            _reader(server.raw(None, credentials=foreign)).GetStudy(STUDY, timeout=5)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE  # type: ignore[attr-defined]
        assert server.behaviour.seen == []

    def test_in_plain_text(self, server: FakeServer) -> None:
        """There is no way in without TLS."""
        with grpc.insecure_channel(server.address) as channel, pytest.raises(grpc.RpcError):
            _reader(channel).GetStudy(STUDY, timeout=5)
        assert server.behaviour.seen == []


class TestOtherServer:
    def test_of_another_name_is_refused(self, server: FakeServer) -> None:
        """A client that means one service does not talk to another of the same authority."""
        peers = Peers(
            identity.load(server.pki / identities.FLOWS), {identities.AUDIT: server.address}
        )

        with pytest.raises(Unavailable, match="audit does not show its certificate"):
            _reader(peers.channel(identities.AUDIT)).GetStudy(STUDY)
        peers.close()
        assert server.behaviour.seen == []

    def test_of_another_authority_is_refused(self, server: FakeServer, tmp_path: Path) -> None:
        """A client does not talk to a server whose authority is not its own."""
        foreign = identity.load(
            fake_server.foreign_credentials(tmp_path / "other", identities.FLOWS)
        )
        told: list[str] = []
        peers = Peers(foreign, {NAME: server.address}, told.append)

        for _ in range(3):
            with pytest.raises(Unavailable, match="does not show its certificate"):
                _reader(peers.channel(NAME)).GetStudy(STUDY)
        peers.close()
        assert told == [NAME]  # once a minute
        assert tls_failures.outgoing_fails()
        assert server.behaviour.seen == []


class TestClock:
    """A clock that is wrong, or a certificate that ended, is no attacker."""

    @pytest.mark.parametrize(
        ("days", "words"), [(1, "is not valid yet"), (-3, "is not valid any more")]
    )
    def test_of_a_service_is_named(self, server: FakeServer, days: int, words: str) -> None:
        """Where the service's certificate is not valid now, the client says so, and its time."""
        shown = fake_server.certificate_for(
            server.pki, [identity.host_name(NAME)], begins=dt.timedelta(days=days)
        )
        settings = ServiceSettings.load(home=server.pki.parent, service=NAME)
        other = build_server(settings, shown, AuditTrail(server.log))
        address = f"127.0.0.1:{other.start('127.0.0.1:0')}"
        peers = SpeakingPeers(server.pki, identities.FLOWS, {NAME: address})
        try:
            with pytest.raises(Unavailable, match="the clock of this machine says") as caught:
                _reader(peers.channel(NAME)).GetStudy(STUDY)
        finally:
            peers.close()
            other.stop(0)
        assert caught.value.message.startswith(f"the certificate of {NAME} {words}; ")

    @pytest.mark.parametrize(
        ("days", "words"), [(1, "is not valid yet"), (-3, "is not valid any more")]
    )
    def test_of_the_client_is_named(self, server: FakeServer, days: int, words: str) -> None:
        """So it is where the service refuses the client's own."""
        shown = fake_server.certificate_for(
            server.pki, [identity.host_name(identities.FLOWS)], begins=dt.timedelta(days=days)
        )
        peers = Peers(shown, {NAME: server.address})
        try:
            with pytest.raises(Unavailable, match=f"shown here {words}; the clock of this machine"):
                _reader(peers.channel(NAME)).GetStudy(STUDY)
        finally:
            peers.close()


class TestHealth:
    @pytest.mark.parametrize(
        "client", [identities.RESEARCHER, identities.AUDIT, identities.COMPLIANCE]
    )
    def test_is_open_to_every_certified_client(self, server: FakeServer, client: str) -> None:
        """Anybody with a name may ask how a service is, without a deadline too."""
        stub = health_pb2_grpc.HealthStub(server.raw(client))

        answer = stub.Check(health_pb2.HealthCheckRequest())
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        assert server.log.events == []

    def test_says_when_it_is_not_ready(self, tmp_path: Path) -> None:
        """A server says that it does not serve until it does."""
        started = fake_server.start(tmp_path, ready=False)
        try:
            stub = health_pb2_grpc.HealthStub(started.raw(identities.FLOWS))
            before = stub.Check(health_pb2.HealthCheckRequest()).status
            started.server.ready()
            after = stub.Check(health_pb2.HealthCheckRequest()).status
        finally:
            started.close()

        assert before == health_pb2.HealthCheckResponse.NOT_SERVING
        assert after == health_pb2.HealthCheckResponse.SERVING

    def test_watching_keeps_no_thread(self, server: FakeServer) -> None:
        """More watches than the server has threads are answered, and calls are still served."""
        stub = health_pb2_grpc.HealthStub(server.raw(identities.RESEARCHER))
        watching = [stub.Watch(health_pb2.HealthCheckRequest()) for _ in range(40)]

        for one in watching:
            assert next(one).status == health_pb2.HealthCheckResponse.SERVING
        assert _reader(server.channel(identities.FLOWS)).GetStudy(STUDY).study.id == "s1"
        for one in watching:
            one.cancel()

    def test_of_something_else_is_not_known(self, server: FakeServer) -> None:
        """Only the whole server has a health."""
        stub = health_pb2_grpc.HealthStub(server.raw(identities.RESEARCHER))
        request = health_pb2.HealthCheckRequest(service="sotto.storage.v1.CatalogReaderService")

        with pytest.raises(grpc.RpcError) as caught:
            stub.Check(request, timeout=5)
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND  # type: ignore[attr-defined]
        with pytest.raises(grpc.RpcError) as watched:
            next(stub.Watch(request, timeout=5))
        assert watched.value.code() is grpc.StatusCode.NOT_FOUND  # type: ignore[attr-defined]

    def test_change_is_told_to_who_watches(self, tmp_path: Path) -> None:
        """Who watches is told when a server begins to serve and when it stops, and is let go."""
        started = fake_server.start(tmp_path, ready=False)
        try:
            stub = health_pb2_grpc.HealthStub(started.raw(identities.FLOWS))
            watch = stub.Watch(health_pb2.HealthCheckRequest(), timeout=20)
            told = [next(watch).status]
            started.server.ready()
            told.append(next(watch).status)
            started.server.stop(20)
            told += [one.status for one in watch]
        finally:
            started.close()

        no, yes = health_pb2.HealthCheckResponse.NOT_SERVING, health_pb2.HealthCheckResponse.SERVING
        assert told == [no, yes, no]
