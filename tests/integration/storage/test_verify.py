# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from services.registry import identities
from sotto.storage.v1 import (
    admin_pb2,
    admin_service_pb2_grpc,
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_service_pb2_grpc,
)
from tests.support.deployment import Deployment
from tests.support.storage_service import study, upload

ZONES = (identities.CLINICAL, identities.RESEARCH)
SERVICES = (identities.AUDIT, *ZONES)
CODES = ("P07", "P08")


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """A deployment in which each of two participants has a recording, with nothing running."""
    deployment = Deployment(tmp_path / "home")
    with deployment.start(*SERVICES):
        channel = deployment.channel(identities.OPERATOR, identities.CLINICAL)
        catalog_service_pb2_grpc.CatalogWriterServiceStub(channel).PutStudy(
            catalog_pb2.PutStudyRequest(study=study())
        )
        writer = recording_service_pb2_grpc.RecordingWriterServiceStub(channel)
        for code in CODES:
            writer.PutRecording(upload(code.encode() * 1000, code))
    return deployment


def erase(deployment: Deployment, code: str) -> None:
    """Withdraw a participant in both zones."""
    for zone in ZONES:
        stub = admin_service_pb2_grpc.ErasureServiceStub(
            deployment.channel(identities.COMPLIANCE, zone)
        )
        stub.EraseParticipant(
            admin_pb2.EraseParticipantRequest(study_id="peer-2026", participant=code)
        )


def verify(deployment: Deployment) -> tuple[int, list[tuple[str, str, str]]]:
    """Exit status of `sotto storage verify`, and zone, participant and finding of each line."""
    done = deployment.sotto("storage", "verify", "--json")
    found = [(one["zone"], one["participant"], one["finding"]) for one in done.records]
    return done.code, found


class TestVerify:
    """The stores against the audit log, after a restore. Slow: each test starts services twice."""

    def test_as_the_log_says(self, deployment: Deployment) -> None:
        """Nothing is found where all is there, and where the withdrawn are gone."""
        with deployment.start(*SERVICES):
            assert verify(deployment) == (0, [])
            erase(deployment, "P08")
            assert verify(deployment) == (0, [])

    def test_lost(self, deployment: Deployment) -> None:
        """A recording that a restore did not bring back is named, and the exit status tells."""
        shutil.rmtree(deployment.root / "clinical/objects/peer-2026/P07")
        with deployment.start(*SERVICES):
            assert verify(deployment) == (4, [("clinical", "P07", "missing")])

    def test_back_again(self, deployment: Deployment) -> None:
        """An old backup, tombstones included, brings a withdrawn participant back: it is named.

        A second withdrawal sets it right.
        """
        backup = deployment.root.parent / "backup"
        shutil.copytree(deployment.root / "clinical", backup)
        with deployment.start(*SERVICES):
            erase(deployment, "P08")
        shutil.rmtree(deployment.root / "clinical")
        shutil.copytree(backup, deployment.root / "clinical")
        with deployment.start(*SERVICES):
            assert verify(deployment) == (4, [("clinical", "P08", "erased, but here again")])
            erase(deployment, "P08")
            assert verify(deployment) == (0, [])
