# SPDX-License-Identifier: Apache-2.0
"""Every certificate with every role, against a real server that all certificates may call."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common import context, membership
from services.common.audit import AuditTrail
from services.registry import identities, processes
from services.registry.access import CARRIED
from services.registry.events import Event
from sotto.audit.v1 import entry_pb2
from sotto.storage.v1 import catalog_service_pb2_grpc
from tests.integration.common import fake_server
from tests.integration.common.fake_server import STUDY, FakeServer

READER = "sotto.storage.v1.CatalogReaderService"
# The console's alone acts for nobody: see `test_delegation.py`.
CLIENTS = {*identities.CLIENTS} - {identities.CONSOLE}
CERTIFICATES = sorted({*processes.SERVICES, *CLIENTS} & set(CARRIED))
ROLES = ["", identities.FLOW, *identities.PEOPLE, "chief"]

Metadata = list[tuple[str, str]]


@pytest.fixture(scope="module")
def open_to_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeServer]:
    """Start a server whose list lets every certificate in, so that only roles are left to judge."""
    started = fake_server.start(tmp_path_factory.mktemp("open"), allow={READER: list(CERTIFICATES)})
    yield started
    started.close()


@pytest.fixture
def everyone(open_to_all: FakeServer) -> FakeServer:
    """Give that server, in its first state."""
    open_to_all.behaviour.act = lambda _given: None
    open_to_all.behaviour.seen.clear()
    open_to_all.log.events.clear()
    return open_to_all


def _call(server: FakeServer, certificate: str, metadata: Metadata) -> str:
    """Call as a certificate, with these metadata alone; returns the status."""
    stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(server.raw(certificate))
    try:
        stub.GetStudy(STUDY, timeout=20, metadata=metadata)
    except grpc.RpcError as error:
        return str(error.code().name)  # type: ignore[attr-defined]
    return "OK"


def _metadata(person: str, role: str) -> Metadata:
    given = [("sotto-person", person), ("sotto-role", role)]
    return [(key, value) for key, value in given if value]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("certificate", CERTIFICATES)
def test_each_certificate_in_each_role(everyone: FakeServer, certificate: str, role: str) -> None:
    """A role passes exactly when the table has it for the certificate; else it is recorded."""
    seen: list[context.CallContext] = []
    everyone.behaviour.act = lambda _given: seen.append(context.current())
    own = role or next(iter(CARRIED[certificate]), "")
    spoken = own if len(CARRIED[certificate]) == 1 else role
    person = "siti" if spoken in identities.PEOPLE else ""

    status = _call(everyone, certificate, _metadata(person, role))

    # A service that gives no role would act for itself, which nothing here is open to.
    passes = spoken in CARRIED[certificate] and spoken != "" and role in {"", spoken}
    assert status == ("OK" if passes else "PERMISSION_DENIED")
    if passes:
        assert [(one.caller, one.person, one.role) for one in seen] == [
            (certificate, person, spoken)
        ]
        return
    assert not seen
    event = everyone.log.events[-1]
    assert (event.name, event.outcome) == ("access:call:denied", entry_pb2.OUTCOME_DENIED)
    assert event.caller == certificate
    assert event.role in CARRIED[certificate]
    if role:
        assert event.reason == "role_not_carried"
        assert event.attributes["claimed_role"] == ("unknown" if role == "chief" else role)
    else:
        assert event.reason == "person_missing"


@pytest.mark.parametrize("client", identities.PEOPLE)
def test_a_persons_client_without_a_person(everyone: FakeServer, client: str) -> None:
    """Nobody's call by a person's client is refused and recorded under the client's role."""
    assert _call(everyone, client, []) == "PERMISSION_DENIED"
    assert _call(everyone, client, [("sotto-role", client)]) == "PERMISSION_DENIED"

    assert [(one.reason, one.role) for one in everyone.log.events] == [
        ("person_missing", client)
    ] * 2
    assert not everyone.behaviour.seen


def test_operator_who_claims_to_be_a_reviewer(everyone: FakeServer) -> None:
    """The log has who tried, with which certificate, and what was claimed."""
    forged = _metadata("prof_chan", "reviewer")

    assert _call(everyone, identities.OPERATOR, forged) == "PERMISSION_DENIED"

    (event,) = everyone.log.events
    assert event.reason == "role_not_carried"
    assert (event.caller, event.role, event.person) == ("operator", "operator", "prof_chan")
    assert dict(event.attributes) == {"claimed_role": "reviewer"}


def test_orchestrator_that_names_a_person(everyone: FakeServer) -> None:
    """No schedule puts a person's name into the log."""
    assert _call(everyone, identities.FLOWS, _metadata("siti", "flow")) == "PERMISSION_DENIED"

    assert [one.reason for one in everyone.log.events] == ["person_without_role"]


def test_claim_of_a_client_that_is_not_on_the_list(server: FakeServer) -> None:
    """A denial never writes a role into the log that the certificate does not carry."""
    assert _call(server, identities.RESEARCHER, _metadata("nur", "compliance")) == (
        "PERMISSION_DENIED"
    )

    (event,) = server.log.events
    assert (event.reason, event.role) == ("not_on_the_list", "researcher")
    assert event.attributes["claimed_role"] == "compliance"


def test_refused_while_the_log_is_unavailable(everyone: FakeServer) -> None:
    """Where the denial cannot be recorded the call is still not served."""
    everyone.log.down = True
    try:
        assert _call(everyone, identities.OPERATOR, _metadata("x", "reviewer")) == "UNAVAILABLE"
    finally:
        everyone.log.down = False
    assert not everyone.behaviour.seen


words = st.sampled_from([*ROLES, "Reviewer", "re viewer", "reviewer,", "x" * 40, "siti"])
pairs = st.tuples(
    st.sampled_from(
        ["sotto-role", "sotto-person", "sotto-purpose", "sotto-caller", "sotto--role", "role"]
    ),
    words | st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=12),
)


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(certificate=st.sampled_from(CERTIFICATES), metadata=st.lists(pairs, max_size=5))
def test_no_metadata_make_a_role_that_the_certificate_does_not_carry(
    everyone: FakeServer, certificate: str, metadata: Metadata
) -> None:
    """Whatever metadata say, a call that is served has a carried role, and so has the record."""
    seen: list[context.CallContext] = []
    everyone.log.events.clear()
    everyone.behaviour.act = lambda _given: seen.append(context.current())

    _call(everyone, certificate, metadata)

    for call in seen:
        assert call.caller == certificate
        assert call.role in CARRIED[certificate]
        assert bool(call.person) == (call.role in identities.PEOPLE)
    for event in everyone.log.events:
        assert event.role in CARRIED[certificate]


class TestMembership:
    def _get(self, server: FakeServer) -> str:
        return _call(server, identities.OPERATOR, [("sotto-person", "tan")])

    def test_refusal_is_recorded(self, everyone: FakeServer) -> None:
        """A handler that refuses by membership needs no entry of its own."""
        fake_server.raises(everyone, membership.NotAMember("tan is none", "s1"))

        assert self._get(everyone) == "PERMISSION_DENIED"
        event = everyone.log.events[-1]
        assert (event.name, event.outcome) == ("access:call:denied", entry_pb2.OUTCOME_DENIED)
        assert (event.person, event.study_id, event.reason) == ("tan", "s1", "not_a_member")

    def test_refusal_inside_an_act_is_recorded_once(self, everyone: FakeServer) -> None:
        """The outcome of the act that it ends is the entry."""
        trail = AuditTrail(everyone.log)

        def act(_given: object) -> None:
            with trail.record(Event.TRANSCRIPT_READ, study_id="s1"):
                raise membership.NotAMember("tan is none", "s1")

        everyone.behaviour.act = act

        assert self._get(everyone) == "PERMISSION_DENIED"
        assert [one.name for one in everyone.log.events][-2:] == ["transcript:content:read"] * 2
        assert everyone.log.events[-1].reason == "not_a_member"
