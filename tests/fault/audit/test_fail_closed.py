# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.audit.cli.verify import verify_log
from services.common import identity
from services.common.audit import AuditTrail
from services.common.client import Peers, audit_appender
from services.common.errors import Unavailable
from services.common.server import build_server
from services.storage.settings import StorageSettings
from services.storage.wiring import handlers
from services.storage.zone import open_zone
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
)
from tests.support.audit import AuditDeployment, issue_certificates
from tests.support.ports import free_port
from tests.support.small_disk import mounted
from tests.support.speaking import SpeakingPeers
from tests.support.storage_service import KnownReleases, study, upload

CONTENT = bytes(range(256)) * 4000


class StorageAndAudit:
    """A real storage service, and a real audit service whose folder is a disk of its own."""

    def __init__(self, home: Path, disk: Path) -> None:
        self.home = home
        self.disk = disk
        issue_certificates(home, ("storage-clinical", "operator", "transcription"))
        port = free_port()
        self.audit = AuditDeployment(
            home,
            {
                "SOTTO_LISTEN": f"127.0.0.1:{port}",
                "SOTTO_AUDIT_FOLDER": str(self.disk / "audit"),
            },
        )
        self.audit.start()
        credentials = identity.load(home / "pki" / "storage-clinical")
        peers = Peers(credentials, {"audit": f"127.0.0.1:{port}"})
        trail = AuditTrail(audit_appender(peers), zone="clinical")
        settings = StorageSettings.load(home=home, service="storage-clinical", zone="clinical")
        self.server = build_server(settings, credentials, trail)
        for add_to_server, handler in handlers(open_zone(settings, trail), trail, KnownReleases()):
            add_to_server(handler, self.server.grpc)
        self.storage = self.server.start("127.0.0.1:0")
        self.server.ready()

    def channel(self, client: str) -> Any:
        """A channel to storage."""
        addresses = {"storage-clinical": f"127.0.0.1:{self.storage}"}
        peers = SpeakingPeers(self.home / "pki", client, addresses)
        return peers.channel("storage-clinical")

    def put(self) -> str:
        """Seal a recording."""
        catalog = catalog_service_pb2_grpc.CatalogWriterServiceStub(self.channel("operator"))
        catalog.PutStudy(catalog_pb2.PutStudyRequest(study=study()))
        writer = recording_service_pb2_grpc.RecordingWriterServiceStub(self.channel("operator"))
        return str(writer.PutRecording(upload(CONTENT)).ref.recording_id)

    def get(self, recording: str) -> bytes:
        """Read it in clear; whatever arrives before an error is in `self.leaked`."""
        reader = recording_service_pb2_grpc.RecordingReaderServiceStub(
            self.channel("transcription")
        )
        request = recording_pb2.GetRecordingRequest()
        request.ref.study_id, request.ref.participant = "peer-2026", "P07"
        request.ref.recording_id = recording
        self.leaked = b""
        for message in reader.GetRecording(request):
            self.leaked += message.chunk
        return self.leaked

    def wait_until_works(self, recording: str) -> bytes:
        """Ask again until it is served: nobody restarted storage."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.get(recording)
            except Unavailable:
                assert time.monotonic() < deadline
                time.sleep(0.2)

    def close(self) -> None:
        """Stop both."""
        self.server.stop(0)
        self.audit.stop()


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[StorageAndAudit]:
    """Both services; the audit folder lies on a file system of two megabytes."""
    with mounted(tmp_path / "disk", 2) as disk:
        running = StorageAndAudit(tmp_path / "home", disk)
        yield running
        running.close()


class TestNoRecordNoAction:
    """While the log is unavailable, no identified byte leaves storage."""

    def test_service_killed_and_disk_full(self, deployment: StorageAndAudit) -> None:
        """Killed audit service, full disk: refused with advice, and both heal by themselves."""
        recording = deployment.put()
        assert deployment.get(recording) == CONTENT

        deployment.audit.kill()
        with pytest.raises(Unavailable, match="nothing was done"):
            deployment.get(recording)
        assert deployment.leaked == b""
        deployment.audit.start()
        assert deployment.wait_until_works(recording) == CONTENT

        ballast = deployment.disk / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        refused = 0
        for _ in range(40):
            try:
                deployment.get(recording)
            except Unavailable:
                assert deployment.leaked in {b"", CONTENT}  # all, when only the outcome was refused
                refused += deployment.leaked == b""
            if refused > 3:
                break
        assert refused > 3
        ballast.unlink()
        assert deployment.wait_until_works(recording) == CONTENT
        assert verify_log(deployment.disk / "audit").ok
