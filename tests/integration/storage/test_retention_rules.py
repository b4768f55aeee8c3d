# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import retention
from services.common import identity
from services.common.client import Peers
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
)
from tests.support import storage_service
from tests.support.storage_calls import ingest, release
from tests.support.storage_service import StorageServer, study

DAY = dt.timedelta(days=1)


@pytest.fixture
def zones(tmp_path: Path) -> Iterator[tuple[StorageServer, StorageServer]]:
    """Both zones, with a study that keeps recordings for 30 days after their release."""
    home = tmp_path / "home"
    both = tuple(storage_service.start(home, zone) for zone in ("clinical", "research"))
    described = study()
    described.keep_recordings_days = 30
    for service in both:
        catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator")).PutStudy(
            catalog_pb2.PutStudyRequest(study=described)
        )
    yield both  # type: ignore[misc]
    for service in both:
        service.stop()


@pytest.fixture
def peers(zones: tuple[StorageServer, StorageServer]) -> Iterator[Peers]:
    """Channels of the flows' client to both zones."""
    home = zones[0].home
    made = Peers(
        identity.load(home / "pki/flows"),
        {service.name: f"127.0.0.1:{service.port}" for service in zones},
    )
    yield made
    made.close()


class TestRules:
    """A study's rule, from its release to the deletion."""

    def test_the_whole_way(self, zones: tuple[StorageServer, StorageServer], peers: Peers) -> None:
        """Nothing is due before its day or without a release; then it is deleted, once."""
        clinical, research = zones
        ref = ingest(clinical, b"interview", participant="P07").ref
        ingest(clinical, b"never released", participant="P08")
        assert retention.plan(peers, dt.datetime.now(dt.UTC) + 1000 * DAY) == []
        moment = release(research, ref)
        for after, state in ((29 * DAY, "waiting"), (30 * DAY, "due"), (31 * DAY, "due")):
            planned = retention.plan(peers, moment + after)
            assert [(one.ref, one.state) for one in planned] == [(ref, state)]
        assert clinical.zone.store.exists(f"peer-2026/P07/{ref.recording_id}/source")
        done = list(retention.apply(peers, planned))
        assert [one.state for one in done] == ["deleted"]
        assert not clinical.zone.store.exists(f"peer-2026/P07/{ref.recording_id}/source")
        again = retention.plan(peers, moment + 31 * DAY)
        assert [one.state for one in again] == ["deleted"]
        assert clinical.log.names()[-1] == "recording:content:deleted"
        assert clinical.log.events[-2].attributes["retention"] == "30_days_after_release"

    def test_hold(self, zones: tuple[StorageServer, StorageServer], peers: Peers) -> None:
        """A hold wins, also one that was set after the plan was made."""
        clinical, research = zones
        ref = ingest(clinical, b"interview", participant="P07").ref
        moment = release(research, ref)
        planned = retention.plan(peers, moment + 31 * DAY)
        recording_service_pb2_grpc.HoldServiceStub(clinical.channel("compliance")).PutHold(
            recording_pb2.PutHoldRequest(ref=ref, held=True)
        )
        assert [one.state for one in retention.apply(peers, planned)] == ["held"]
        assert [one.state for one in retention.plan(peers, moment + 31 * DAY)] == ["held"]
        assert clinical.zone.store.exists(f"peer-2026/P07/{ref.recording_id}/source")
