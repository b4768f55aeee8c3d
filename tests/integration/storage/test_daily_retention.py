# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from services.storage.domain import clock
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
)
from tests.support import storage_service
from tests.support.deployment import Deployment, wait_until
from tests.support.storage_calls import ingest, release
from tests.support.storage_service import study

AGO = dt.timedelta(days=40)


def fill(home: Path, monkeypatch: pytest.MonkeyPatch) -> recording_pb2.RecordingRef:
    """A study whose one recording was released forty days ago, and is to be kept for thirty."""
    moment = (dt.datetime.now(dt.UTC) - AGO).isoformat(timespec="microseconds")
    with monkeypatch.context() as patched:
        patched.setattr(clock, "now", lambda: moment)
        clinical, research = (storage_service.start(home, z) for z in ("clinical", "research"))
        described = study()
        described.keep_recordings_days = 30
        for service in (clinical, research):
            catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator")).PutStudy(
                catalog_pb2.PutStudyRequest(study=described)
            )
        ref = ingest(clinical, b"interview").ref
        release(research, ref)
        for service in (clinical, research):
            service.stop()
    return ref


class TestDaily:
    """The worker applies the rules by itself. Slow: a whole installation starts for it."""

    def test_the_worker_deletes_what_is_due(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Soon after its start and then again and again; each deletion is in the log."""
        ref = fill(tmp_path / "home", monkeypatch)
        folder = tmp_path / "home/clinical/objects/peer-2026/P07" / ref.recording_id
        assert (folder / "source").exists()
        # Ten seconds between two looks. On a busy machine the next one may begin before the first
        # has deleted what it found; then both ask for it, and the log has both.
        deployment = Deployment(
            tmp_path / "home",
            {
                "SOTTO_RETENTION_HOURS": "0.003",
                "SOTTO_QUERY_SECONDS": "1",
                # How soon Prefect makes runs of a new schedule, and more of them.
                "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "2",
            },
        )
        log = deployment.root / "logs/worker.log"
        try:
            deployment.up()
            wait_until(lambda: not (folder / "source").exists(), what="the deletion")
            planned = log.read_text("utf-8").count("retention_planned")
            wait_until(
                lambda: log.read_text("utf-8").count("retention_planned") > planned + 1,
                what="another look",
            )
            entries = deployment.ok("audit", "list", "--json", "--participant", "P07").records
        finally:
            deployment.down()
        assert (folder / "manifest").exists()
        assert (folder / "content-deleted").exists()
        deletions = [one for one in entries if one["event"] == "recording:content:deleted"]
        intents = [one for one in deletions if one["phase"] == "intent"]
        outcomes = [one for one in deletions if one["phase"] == "outcome"]
        assert deletions[0] == intents[0]
        assert len(intents) == len(outcomes)
        assert {one["outcome"] for one in outcomes} == {"success"}
        assert {one["service"] for one in deletions} == {"storage-clinical"}
        assert {one["attributes"]["retention"] for one in intents} == {"30_days_after_release"}
        assert "retention_failed" not in log.read_text("utf-8")
