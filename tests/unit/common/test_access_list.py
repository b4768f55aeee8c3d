# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.common.access_list import AccessList
from services.common.errors import WrongUse
from services.registry import access, identities

QUERY = "sotto.audit.v1.AuditQueryService"
APPEND = "sotto.audit.v1.AuditAppendService"


class TestPermits:
    def test_listed_client(self) -> None:
        """A client on the list of a service may call it, and no other service."""
        allowed = AccessList(identities.AUDIT)

        assert allowed.permits(identities.COMPLIANCE, QUERY)
        assert not allowed.permits(identities.COMPLIANCE, APPEND)

    @pytest.mark.parametrize("service", ["", "sotto.audit.v1", "grpc.reflection.v1.Reflection"])
    def test_what_is_not_listed_is_refused(self, service: str) -> None:
        """A service that no list names can be called by nobody."""
        assert not AccessList(identities.AUDIT).permits(identities.COMPLIANCE, service)

    def test_unknown_server_refuses_every_caller(self) -> None:
        """A server without a list answers nobody."""
        assert not AccessList("console").permits(identities.COMPLIANCE, QUERY)

    def test_health_is_for_every_certificate(self) -> None:
        """Health is open to any name and to none: clients watch it before their first call."""
        allowed = AccessList(identities.AUDIT)

        assert allowed.permits("anybody", access.HEALTH)
        assert allowed.permits("", access.HEALTH)


class TestOverrides:
    def test_replace_the_list_of_one_service(self) -> None:
        """Settings replace a service's list whole and leave the others."""
        allowed = AccessList(identities.AUDIT, {QUERY: ["board"]})

        assert allowed.permits("board", QUERY)
        assert not allowed.permits(identities.COMPLIANCE, QUERY)
        assert allowed.permits(identities.FLOWS, APPEND)

    def test_empty_list_closes(self) -> None:
        """An empty list refuses every caller."""
        assert not AccessList(identities.AUDIT, {QUERY: []}).permits(identities.COMPLIANCE, QUERY)

    def test_nameless_client_is_never_let_in(self) -> None:
        """An empty name in the settings opens no hole for a certificate without a name."""
        assert not AccessList(identities.AUDIT, {QUERY: ["", "board"]}).permits("", QUERY)

    def test_misspelt_service_is_refused(self) -> None:
        """A list for a service that nobody serves would close nothing: it is refused by name."""
        with pytest.raises(WrongUse, match=r"AuditQuerryService"):
            AccessList(identities.AUDIT, {"sotto.audit.v1.AuditQuerryService": []})

    def test_lists_of_other_servers_are_left_alone(self) -> None:
        """One file may hold the lists of all servers."""
        allowed = AccessList(identities.AUDIT, {"sotto.storage.v1.VaultService": ["x"]})

        assert allowed.permits(identities.COMPLIANCE, QUERY)
