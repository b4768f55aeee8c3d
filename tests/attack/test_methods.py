# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from services.registry.access import ALLOWED
from services.registry.identities import CLIENTS, COMPLIANCE, TRANSCRIPTION
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
