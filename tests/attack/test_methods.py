# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from services.common.delegation import PRIVATE_KEY, Delegate
from services.registry.access import ALLOWED, APPEND
from services.registry.identities import CLIENTS, COMPLIANCE, CONSOLE, PEOPLE, TRANSCRIPTION
from tests.support.attacker import Attacker, honest, methods, named
from tests.support.deployment import Deployment


class TestEveryMethod:
    def test_refuses_every_certificate_that_is_not_on_the_list(self, attacker: Attacker) -> None:
        """Each method of each server is called with each certificate, an empty request in hand:
        exactly those that the list does not name are refused for it.
        """
        wrong = []
        for method in methods():
            for client in (*ALLOWED, *CLIENTS):
                answer = attacker.call(client, method, method.request())
                listed = answer.code != "PERMISSION_DENIED" or "may not call" not in answer.details
                if listed is not method.allows(client):
                    wrong.append((method.path, client, answer))

        assert not wrong, "\n".join(map(str, wrong))

    def test_leaves_a_denial_of_a_role_that_the_server_could_not_pass_on(
        self, attacked: Deployment, attacker: Attacker
    ) -> None:
        """A denial is in the log, with person and role, also where the server that records it may
        itself never speak in that role.
        """
        method = named(TRANSCRIPTION, "DescribeEngine")

        attacker.call(COMPLIANCE, method, method.request(), metadata=honest(COMPLIANCE, "dr.odd"))

        found = attacked.ok(
            "audit", "list", "--event", "access:call:denied", "--person", "dr.odd", "--json"
        )
        [denial] = found.records
        assert (denial["service"], denial["role"], denial["object"]) == (
            TRANSCRIPTION,
            COMPLIANCE,
            method.path.lstrip("/"),
        )


class TestConsole:
    """The console's certificate, which alone acts for nobody."""

    def test_is_refused_by_every_method_whomever_it_names(self, attacker: Attacker) -> None:
        """Without a statement of who is signed in it calls nothing but to record what it does."""
        wrong = []
        for method in methods():
            for person, role in (("", ""), *(("dr.lim", role) for role in PEOPLE)):
                said = {"sotto-person": person, "sotto-role": role}
                metadata = [(key, value) for key, value in said.items() if value]
                answer = attacker.call(CONSOLE, method, method.request(), metadata=metadata)
                if answer.code != "PERMISSION_DENIED" and method.service != APPEND:
                    wrong.append((method.path, person, role, answer))
        assert not wrong, "\n".join(map(str, wrong))

    def test_has_the_rights_of_the_role_that_its_statement_names(
        self, attacked: Deployment, attacker: Attacker
    ) -> None:
        """For each role, exactly what the client of that role may call, and nothing beside it."""
        delegate = Delegate(attacked.installation.pki / CONSOLE / PRIVATE_KEY)
        wrong = []
        for role in PEOPLE:
            token = delegate.assertion(
                person="dr.odd", role=role, session="s" * 22, authenticated_at=0
            )
            for method in methods():
                said = [("sotto-assertion", token)]
                answer = attacker.call(CONSOLE, method, method.request(), metadata=said)
                listed = answer.code != "PERMISSION_DENIED" or "may not call" not in answer.details
                if listed is not method.allows(role):
                    wrong.append((method.path, role, answer))
        assert not wrong, "\n".join(map(str, wrong))

    def test_gives_its_statement_to_nobody(self, attacked: Deployment, attacker: Attacker) -> None:
        """A statement is worth nothing with any other certificate, whatever that may call."""
        token = Delegate(attacked.installation.pki / CONSOLE / PRIVATE_KEY).assertion(
            person="dr.odd", role=COMPLIANCE, session="s" * 22, authenticated_at=0
        )
        wrong = []
        for method in methods():
            for client in {*ALLOWED, *CLIENTS} - {CONSOLE}:
                said = [*honest(client), ("sotto-assertion", token)]
                answer = attacker.call(client, method, method.request(), metadata=said)
                if answer.code not in {"PERMISSION_DENIED", "UNAUTHENTICATED"}:
                    wrong.append((method.path, client, answer))
        assert not wrong, "\n".join(map(str, wrong))
