# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common import authority
from services.common.context import BY_CERTIFICATE, BY_SESSION, CallContext
from services.common.delegation import Delegation
from services.common.errors import PermissionDenied
from services.registry import identities, ids
from services.registry.access import CARRIED, HEALTH

CATALOG = "sotto.storage.v1.CatalogReaderService"
APPEND = "sotto.audit.v1.AuditAppendService"

callers = st.sampled_from(["", "board", *(CARRIED.keys() - {identities.CONSOLE})])
calls = st.builds(
    CallContext,
    person=st.sampled_from(["", "siti"]),
    role=st.sampled_from(["", identities.FLOW, *identities.PEOPLE, "chief"])
    | st.from_regex(ids.ROLE, fullmatch=True),
    caller=callers,
)


def _refusal(call: CallContext, service: str = CATALOG) -> str:
    with pytest.raises(PermissionDenied) as caught:
        authority.require(call, service)
    return caught.value.reason


class TestRole:
    @given(call=calls)
    def test_is_one_that_the_certificate_carries(self, call: CallContext) -> None:
        """Whatever is claimed, what handlers and log see is carried: the claim, or nothing."""
        role = authority.credible(call).role

        assert role == "" or role in CARRIED[call.caller]
        assert role in {call.role, ""} or len(CARRIED[call.caller]) == 1

    @pytest.mark.parametrize("client", [identities.FLOWS, *identities.PEOPLE])
    def test_of_a_client_is_its_own_where_the_call_gives_none(self, client: str) -> None:
        """A certificate that carries one role speaks in it, so that the log never lacks it."""
        (own,) = CARRIED[client]

        assert authority.credible(CallContext(caller=client)).role == own

    def test_of_a_service_is_not_made_up(self) -> None:
        """A service that gives no role acts for itself."""
        assert authority.credible(CallContext(caller=identities.RELEASE)).role == ""

    @pytest.mark.parametrize("caller", [identities.OPERATOR, identities.FLOWS, "board", ""])
    def test_of_others_is_refused(self, caller: str) -> None:
        """No client speaks as a reviewer but the reviewer's, and services that reviewers call."""
        call = CallContext(person="prof_chan", role="reviewer", caller=caller)

        assert _refusal(call) == "role_not_carried"
        assert authority.credible(call).role != "reviewer"


class TestPerson:
    @pytest.mark.parametrize("client", identities.PEOPLE)
    def test_must_be_named_by_a_persons_client(self, client: str) -> None:
        """A person's client that names nobody is refused; with a name it passes."""
        assert _refusal(CallContext(caller=client)) == "person_missing"

        authority.require(CallContext(person="siti", caller=client), CATALOG)

    def test_is_not_named_by_the_orchestrator(self) -> None:
        """The orchestrator speaks for nobody, and cannot put a person's name into the log."""
        call = CallContext(person="siti", role="flow", caller=identities.FLOWS)

        assert _refusal(call) == "person_without_role"
        authority.require(CallContext(caller=identities.FLOWS), CATALOG)

    def test_comes_with_a_role_of_people(self) -> None:
        """A service says in which role the person is, whom it acts for."""
        call = CallContext(person="siti", caller=identities.RELEASE)

        assert _refusal(call) == "person_without_role"

    def test_or_the_orchestrator_is_behind_a_call_of_a_service(self) -> None:
        """A service reads and changes nothing by itself."""
        release, deid = identities.RELEASE, identities.DEIDENTIFICATION

        assert _refusal(CallContext(caller=release)) == "person_missing"
        assert _refusal(CallContext(role="reviewer", caller=release)) == "person_missing"
        authority.require(CallContext(role="flow", caller=deid), CATALOG)
        authority.require(CallContext(person="siti", role="reviewer", caller=release), CATALOG)

    @pytest.mark.parametrize("service", [APPEND, HEALTH])
    def test_is_not_needed_where_services_act_for_themselves(self, service: str) -> None:
        """A service records its start and answers for its health for nobody."""
        authority.require(CallContext(caller=identities.RELEASE), service)

    @given(call=calls)
    def test_passes_exactly_as_the_rules_say(self, call: CallContext) -> None:
        """A call passes when its role is carried, and it is a person's or the orchestrator's."""
        role = authority.credible(call).role
        of_people = bool(call.person) and role in identities.PEOPLE
        of_flow = not call.person and role == identities.FLOW
        try:
            authority.require(call, CATALOG)
        except PermissionDenied:
            assert call.role not in {role, ""} or not (of_people or of_flow)
        else:
            assert call.role in {role, ""}
            assert of_people or of_flow


SIGNED_IN = Delegation("siti", "reviewer", "s" * 22, 1_800_000_000, ("s1",))


class TestConsole:
    @given(call=calls)
    def test_acts_for_nobody_by_its_certificate(self, call: CallContext) -> None:
        """Whatever it claims, it reads and changes nothing without a statement of who is there."""
        call = replace(call, caller=identities.CONSOLE)

        assert _refusal(call) == "not_delegated"
        assert authority.credible(call).client == identities.CONSOLE

    @pytest.mark.parametrize("service", [APPEND, HEALTH])
    def test_acts_for_itself_where_services_do(self, service: str) -> None:
        """It records its start, and who signs in, in its own entries."""
        authority.require(CallContext(caller=identities.CONSOLE), service)
        entry = CallContext(person="siti", role="reviewer", caller=identities.CONSOLE)
        authority.require(entry, service)

    def test_acts_for_whoever_is_signed_in(self) -> None:
        """Handlers and log see the person, the role, the proof, and who called."""
        call = CallContext(caller=identities.CONSOLE, assertion="x", purpose="review")

        seen = authority.credible(call, "", SIGNED_IN)
        authority.require(call, CATALOG, "", SIGNED_IN)

        assert (seen.person, seen.role, seen.person_proof) == ("siti", "reviewer", BY_SESSION)
        assert (seen.caller, seen.client, seen.purpose) == ("console", "reviewer", "review")
        assert (seen.studies, seen.authenticated_at) == (("s1",), 1_800_000_000)
        assert seen.assertion == ""

    @pytest.mark.parametrize(
        ("claim", "reason"),
        [
            ({"person": "dr.lim"}, "person_not_carried"),
            ({"role": "compliance"}, "role_not_carried"),
            ({"person_proof": BY_CERTIFICATE}, "person_not_carried"),
        ],
    )
    def test_claims_nothing_beside_it(self, claim: dict[str, str], reason: str) -> None:
        """A call that says another than the statement is refused, as a defect or worse."""
        call = CallContext(caller=identities.CONSOLE, assertion="x", **claim)  # type: ignore[arg-type]

        with pytest.raises(PermissionDenied) as caught:
            authority.require(call, CATALOG, "", SIGNED_IN)
        assert caught.value.reason == reason

    def test_is_served_where_names_need_a_proof(self) -> None:
        """Who signed in to the console has proved it."""
        call = CallContext(caller=identities.CONSOLE, assertion="x")
        authority.require(call, CATALOG, "", SIGNED_IN, persons="certificate")

    @pytest.mark.parametrize("caller", [identities.FLOWS, *identities.PEOPLE])
    def test_is_imitated_by_no_client(self, caller: str) -> None:
        """No other client says that its person is signed in; a service passes it on."""
        person = "" if caller == identities.FLOWS else "siti"
        call = CallContext(person=person, person_proof=BY_SESSION, caller=caller)
        assert _refusal(call) in {"person_not_carried", "person_without_role"}

        passed = CallContext("siti", BY_SESSION, "reviewer", caller=identities.RELEASE)
        assert authority.credible(passed).person_proof == BY_SESSION
        assert authority.credible(passed).client == identities.RELEASE
        authority.require(passed, CATALOG, persons="certificate")
