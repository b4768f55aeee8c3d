# SPDX-License-Identifier: Apache-2.0
"""Certificates of persons, against real servers: whose calls they make, and whose they do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from services.common import certificate_authority, context, identity
from services.registry import identities
from sotto.audit.v1 import entry_pb2
from sotto.storage.v1 import catalog_service_pb2_grpc
from tests.integration.common import fake_server
from tests.integration.common.fake_server import STUDY, FakeServer

READER = "sotto.storage.v1.CatalogReaderService"
ALLOW = {READER: [*identities.PEOPLE, identities.FLOWS, identities.RELEASE]}

Metadata = list[tuple[str, str]]


@pytest.fixture(scope="module", params=["account", "certificate"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FakeServer]:
    """Start servers that take an account's word for a name, or a certificate's alone."""
    started = fake_server.start(tmp_path_factory.mktemp("home"), allow=ALLOW, persons=request.param)
    started.persons = request.param  # type: ignore[attr-defined]
    yield started
    started.close()


def _issue(server: FakeServer, person: str, role: str = "reviewer") -> identity.Credentials:
    folder = server.pki / "people" / f"{person}-{role}"
    certificate_authority.issue(server.pki, role, folder, person=person)
    return identity.load(folder)


def _call(
    server: FakeServer, shown: identity.Credentials, metadata: Metadata
) -> tuple[str, list[context.CallContext]]:
    """Call with a certificate and these metadata alone; return the status and what was seen."""
    seen: list[context.CallContext] = []
    server.behaviour.act = lambda _given: seen.append(context.current())
    server.log.events.clear()
    stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(server.raw(None, credentials=shown))
    try:
        stub.GetStudy(STUDY, timeout=20, metadata=metadata)
    except grpc.RpcError as error:
        return str(error.code().name), seen  # type: ignore[attr-defined]
    return "OK", seen


class TestPersonsCertificate:
    @pytest.mark.parametrize("said", [[], [("sotto-person", "siti")], [("sotto-role", "reviewer")]])
    def test_names_the_person(self, server: FakeServer, said: Metadata) -> None:
        """The name is the certificate's, also where the call gives none, and says so."""
        status, [seen] = _call(server, _issue(server, "siti"), said)

        assert status == "OK"
        assert (seen.person, seen.role, seen.person_proof) == ("siti", "reviewer", "certificate")

    def test_speaks_for_nobody_else(self, server: FakeServer) -> None:
        """Another name in the call is refused, and the log has both."""
        shown = _issue(server, "siti")
        status, seen = _call(server, shown, [("sotto-person", "dr.lim")])

        assert (status, seen) == ("PERMISSION_DENIED", [])
        event = server.log.events[-1]
        assert (event.name, event.outcome) == ("access:call:denied", entry_pb2.OUTCOME_DENIED)
        assert (event.person, event.reason) == ("siti", "person_not_carried")
        assert event.attributes["claimed_person"] == "dr.lim"
        assert event.attributes["person_proof"] == "certificate"

    def test_carries_its_role_alone(self, server: FakeServer) -> None:
        """A reviewer's certificate does not make its person an operator."""
        status, _ = _call(server, _issue(server, "siti"), [("sotto-role", "operator")])

        assert status == "PERMISSION_DENIED"

    @pytest.mark.parametrize("person", ["x.sotto.internal", "a+b@c.example", "A" * 64])
    def test_any_account_name_fits(self, server: FakeServer, person: str) -> None:
        """No name of a person passes for that of a client, and none is changed on the way."""
        status, [seen] = _call(server, _issue(server, person), [])

        assert (status, seen.caller, seen.person) == ("OK", "reviewer", person)

    def test_of_a_malformed_name_is_nobodys(self, server: FakeServer) -> None:
        """A certificate that names no account name, such as two of them, is refused."""
        for person in ("siti%0Adr.lim", "dr lim"):
            status, seen = _call(server, _issue(server, person), [])
            assert (status, seen) == ("UNAUTHENTICATED", [])
            assert server.log.events[-1].name == "access:call:denied"


class TestAccountsWord:
    def test_is_taken_as_settings_say(self, server: FakeServer) -> None:
        """A name without a certificate of its own counts, unless certificates are asked for."""
        shown = identity.load(server.pki / "reviewer")
        status, seen = _call(server, shown, [("sotto-person", "siti")])

        if server.persons == "account":  # type: ignore[attr-defined]
            assert [(one.person, one.person_proof) for one in seen] == [("siti", "")]
            return
        assert (status, seen) == ("PERMISSION_DENIED", [])
        assert server.log.events[-1].reason == "person_not_certified"

    @pytest.mark.parametrize("client", ["reviewer", "flows"])
    def test_passes_for_no_certificate(self, server: FakeServer, client: str) -> None:
        """A client that says that a certificate proves its name is refused."""
        said = [("sotto-person", "siti"), ("sotto-person-proof", "certificate")]
        shown = identity.load(server.pki / client)
        status, seen = _call(server, shown, said)

        assert (status, seen) == ("PERMISSION_DENIED", [])
        assert server.log.events[-1].reason == "person_not_carried"

    def test_is_passed_on_by_services(self, server: FakeServer) -> None:
        """A service that a person called says whose word the name is, and is believed."""
        shown = identity.load(server.pki / "release")
        said = [("sotto-person", "siti"), ("sotto-role", "reviewer")]
        status, seen = _call(server, shown, [*said, ("sotto-person-proof", "certificate")])
        assert (status, [one.person_proof for one in seen]) == ("OK", ["certificate"])

        status, seen = _call(server, shown, said)
        taken = server.persons == "account"  # type: ignore[attr-defined]
        assert status == ("OK" if taken else "PERMISSION_DENIED")

    def test_needs_none_from_the_orchestrator(self, server: FakeServer) -> None:
        """Work goes on by itself where persons need certificates: it is done for nobody."""
        status, _ = _call(server, identity.load(server.pki / "flows"), [("sotto-role", "flow")])

        assert status == "OK"


class TestRenewal:
    def test_keeps_the_person(self, tmp_path: Path) -> None:
        """A certificate that is made anew at the start of services is for the same person."""
        pki = tmp_path / "pki"
        certificate_authority.ensure_authority(pki)
        life = certificate_authority.LEAF_LIFETIME / 100
        certificate_authority.issue(pki, "reviewer", pki / "reviewer", person="siti", life=life)
        before = certificate_authority.read(pki / "reviewer")

        certificate_authority.ensure_certificate(pki, "reviewer")

        after = certificate_authority.read(pki / "reviewer")
        assert after != before
        assert certificate_authority.person_of(after) == "siti"
