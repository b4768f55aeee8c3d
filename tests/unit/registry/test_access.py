# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import sotto
from services.registry import access, identities, processes
from services.registry.access import ALLOWED, CARRIED, ON_OWN_BEHALF


def contract_services() -> Iterator[str]:
    """Yield the full name of every gRPC service that the contracts define."""
    root = Path(next(iter(sotto.__path__)))
    for path in sorted(root.rglob("*_pb2.py")):
        name = ".".join(path.relative_to(root.parent).with_suffix("").parts)
        for service in importlib.import_module(name).DESCRIPTOR.services_by_name.values():
            yield service.full_name


class TestAllowed:
    def test_every_service_of_the_contracts_is_listed(self) -> None:
        """Nothing is defined that no server serves, and nothing is listed that is not defined."""
        listed = {service for lists in access.ALLOWED.values() for service in lists}
        assert listed == set(contract_services())

    def test_no_list_is_empty(self) -> None:
        """What nobody may call is not served."""
        assert all(clients for lists in access.ALLOWED.values() for clients in lists.values())


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

    def test_operator_exports_no_release(self) -> None:
        """Releases are for researchers; whoever runs the machine is none by that."""
        release = access.ALLOWED[identities.RELEASE]

        assert release["sotto.release.v1.ReleaseReaderService"] == {identities.RESEARCHER}


class TestCarried:
    def test_every_certificate_is_in_the_table_of_roles(self) -> None:
        """Each client and each service has its roles."""
        assert set(CARRIED) == {*identities.CLIENTS, *ALLOWED}

    @pytest.mark.parametrize("client", identities.PEOPLE)
    def test_a_persons_client_carries_its_own_role_alone(self, client: str) -> None:
        """The operator's certificate cannot speak as a reviewer, nor the other way round."""
        assert CARRIED[client] == {client}

    def test_the_orchestrator_carries_its_own_role_alone(self) -> None:
        """The orchestrator speaks for no person."""
        assert CARRIED[identities.FLOWS] == {"flow"}

    @pytest.mark.parametrize("server", ALLOWED)
    def test_a_service_passes_on_what_its_callers_carry(self, server: str) -> None:
        """A service carries each role of each caller, none, and nothing else."""
        callers = frozenset[str]().union(*ALLOWED[server].values())

        assert CARRIED[server] == {""}.union(*(CARRIED[one] for one in callers))

    def test_no_role_comes_from_nowhere(self) -> None:
        """The table is the smallest that fits: a release asks the transcriber for sound, on behalf
        of whoever may call it, compliance officers among them, who see how rounds stand.
        """
        asked = {"operator", "reviewer", "researcher", "compliance"}
        assert CARRIED[identities.TRANSCRIPTION] == {"", "flow", *asked}

    def test_exceptions_are_services_of_ours(self) -> None:
        """What needs no person is named as it is spelt, with a reason."""
        assert set(ON_OWN_BEHALF) <= {*contract_services(), access.HEALTH}
        assert all(ON_OWN_BEHALF.values())
