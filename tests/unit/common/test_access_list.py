# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.common.access_list import AccessList
from services.common.errors import WrongUse
from services.registry import access, identities, processes

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

    def test_unknown_server_lets_nobody_in(self) -> None:
        """A server without a list answers nobody."""
        assert not AccessList("console").permits(identities.COMPLIANCE, QUERY)

    def test_health_is_for_every_certified_client(self) -> None:
        """Health is open to any name, and closed to none."""
        allowed = AccessList(identities.AUDIT)

        assert allowed.permits("anybody", access.HEALTH)
        assert not allowed.permits("", access.HEALTH)


class TestOverrides:
    def test_replace_the_list_of_one_service(self) -> None:
        """Settings replace a service's list whole and leave the others."""
        allowed = AccessList(identities.AUDIT, {QUERY: ["board"]})

        assert allowed.permits("board", QUERY)
        assert not allowed.permits(identities.COMPLIANCE, QUERY)
        assert allowed.permits(identities.FLOWS, APPEND)

    def test_empty_list_closes(self) -> None:
        """An empty list lets nobody in."""
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


class TestSeparation:
    def test_researchers_hold_no_key_to_the_clinical_zone(self) -> None:
        """Nothing that a researcher signs in with is on any list of the clinical zone."""
        clinical = access.ALLOWED[identities.CLINICAL]

        for clients in clinical.values():
            assert not clients & {identities.RESEARCHER, identities.RELEASE, identities.RESEARCH}

    def test_nobody_but_the_engine_reads_recordings(self) -> None:
        """Recordings in clear go to transcription alone."""
        readers = access.ALLOWED[identities.CLINICAL]["sotto.storage.v1.RecordingReaderService"]

        assert readers == {identities.TRANSCRIPTION}

    def test_orchestrator_reads_no_content(self) -> None:
        """The flows' client is on no list of a service that hands out content."""
        content = ("RecordingReaderService", "SegmentReaderService", "VaultService")
        for lists in access.ALLOWED.values():
            for service, clients in lists.items():
                if service.endswith(content):
                    assert identities.FLOWS not in clients

    def test_every_name_is_known(self) -> None:
        """Every listed client is one that gets a certificate."""
        known = {*processes.SERVICES, *identities.CLIENTS}
        named = {
            name for lists in access.ALLOWED.values() for clients in lists.values()
            for name in clients
        }  # fmt: skip

        assert named <= known
        assert set(access.ALLOWED) == set(processes.SERVICES)
