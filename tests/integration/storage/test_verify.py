# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.common import identity
from services.common.client import Peers
from services.common.installation import Installation
from services.common.supervisor import Supervisor
from services.registry import identities
from sotto.storage.v1 import (
    admin_pb2,
    admin_service_pb2_grpc,
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_service_pb2_grpc,
)
from tests.support.house import House
from tests.support.storage_service import study, upload

ZONES = (identities.CLINICAL, identities.RESEARCH)
CODES = ("P07", "P08")


@contextmanager
def services(home: Path) -> Iterator[Supervisor]:
    """The audit log and both zones, as real processes that commands find."""
    supervisor = Supervisor(Installation(home))
    try:
        supervisor.start([identities.AUDIT, *ZONES])
        yield supervisor
    finally:
        supervisor.close()


@contextmanager
def peers(home: Path, supervisor: Supervisor, client: str) -> Iterator[Peers]:
    """Channels of a client."""
    made = Peers(identity.load(home / "pki" / client), supervisor.addresses)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A home in which each of two participants has a recording, with nothing running."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with services(home) as supervisor, peers(home, supervisor, identities.OPERATOR) as operator:
        channel = operator.channel(identities.CLINICAL)
        catalog_service_pb2_grpc.CatalogWriterServiceStub(channel).PutStudy(
            catalog_pb2.PutStudyRequest(study=study())
        )
        writer = recording_service_pb2_grpc.RecordingWriterServiceStub(channel)
        for code in CODES:
            writer.PutRecording(upload(code.encode() * 1000, code))
    return House(home)


def erase(home: Path, supervisor: Supervisor, code: str) -> None:
    """Withdraw a participant in both zones."""
    with peers(home, supervisor, identities.COMPLIANCE) as compliance:
        for zone in ZONES:
            admin_service_pb2_grpc.ErasureServiceStub(compliance.channel(zone)).EraseParticipant(
                admin_pb2.EraseParticipantRequest(study_id="peer-2026", participant=code)
            )


def verify(house: House) -> tuple[int, list[tuple[str, str, str]]]:
    """Exit status of `sotto storage verify`, and zone, participant and finding of each line."""
    done = house.sotto("storage", "verify", "--json")
    found = [(one["zone"], one["participant"], one["finding"]) for one in done.records]
    return done.code, found


class TestVerify:
    """The stores against the audit log, after a restore."""

    def test_as_the_log_says(self, house: House) -> None:
        """Nothing is found where all is there, and where the withdrawn are gone."""
        with services(house.root) as supervisor:
            assert verify(house) == (0, [])
            erase(house.root, supervisor, "P08")
            assert verify(house) == (0, [])

    def test_lost(self, house: House) -> None:
        """A recording that a restore did not bring back is named, and the exit status tells."""
        shutil.rmtree(house.root / "clinical/objects/peer-2026/P07")
        with services(house.root):
            assert verify(house) == (4, [("clinical", "P07", "missing")])

    def test_back_again(self, house: House) -> None:
        """An old backup, tombstones included, brings a withdrawn participant back: it is named.

        A second withdrawal sets it right.
        """
        backup = house.root.parent / "backup"
        shutil.copytree(house.root / "clinical", backup)
        with services(house.root) as supervisor:
            erase(house.root, supervisor, "P08")
        shutil.rmtree(house.root / "clinical")
        shutil.copytree(backup, house.root / "clinical")
        with services(house.root) as supervisor:
            assert verify(house) == (4, [("clinical", "P08", "erased, but here again")])
            erase(house.root, supervisor, "P08")
            assert verify(house) == (0, [])
