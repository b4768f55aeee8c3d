# SPDX-License-Identifier: Apache-2.0
"""A storage service on a real port, with mTLS and interceptors, its audit trail in a list."""

from __future__ import annotations

import atexit
import datetime as dt
import functools
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from services.common import certificate_authority, identity
from services.common.audit import AuditTrail
from services.common.client import Peers
from services.common.server import Server, build_server
from services.registry.removals import RemovalReason
from services.storage.domain.intake_repair import ResearchRemoval, ResearchZone
from services.storage.domain.names import RecordingRef
from services.storage.settings import StorageSettings
from services.storage.wiring import handlers
from services.storage.zone import OpenZone, open_zone
from sotto.storage.v1 import recording_pb2
from sotto.study.v1 import study_pb2
from tests.support.fake_audit_log import FakeAuditLog
from tests.support.members import member
from tests.support.s3 import S3Server
from tests.support.speaking import SpeakingPeers

CLIENTS = (
    "transcription", "deidentification", "release", "flows", "operator", "compliance", "researcher",
    "reviewer",
)  # fmt: skip


class KnownReleases:
    """Releases as a test says that the research zone knows them, and what it was to remove."""

    def __init__(self) -> None:
        self.times: dict[str, dt.datetime] = {}
        self.removed: list[tuple[str, RemovalReason]] = []
        self.silenced: list[str] = []

    def remove(self, ref: RecordingRef, reason: RemovalReason) -> ResearchRemoval:
        """Note what was to be removed."""
        self.removed.append((ref.recording_id, reason))
        return ResearchRemoval()

    def delete_audio(self, ref: RecordingRef, rule: str) -> None:
        """Note whose sound was to be deleted."""
        assert rule
        self.silenced.append(ref.recording_id)

    def of(self, ref: RecordingRef) -> dt.datetime | None:
        """Return when a recording was released, or None."""
        return self.times.get(ref.recording_id)

    def of_study(self, study: str) -> dict[RecordingRef, dt.datetime]:
        """Fail the test: one of lists has both zones."""
        raise AssertionError(f"releases of {study} were asked of a stand-in; use two zones")


@dataclass
class StorageServer:
    """A running service and what its tests need."""

    home: Path
    log: FakeAuditLog
    zone: OpenZone
    server: Server
    name: str
    port: int
    released: KnownReleases
    _peers: dict[str, Peers] = field(default_factory=dict)

    def channel(self, client: str) -> grpc.Channel:
        """A channel to the service as this client, which says for whom it speaks."""
        if client not in self._peers:
            addresses = {self.name: f"127.0.0.1:{self.port}"}
            self._peers[client] = SpeakingPeers(self.home / "pki", client, addresses)
        return self._peers[client].channel(self.name)

    def stop(self) -> None:
        """Stop it."""
        for peers in self._peers.values():
            peers.close()
        self.server.stop(0)


@functools.cache
def _certificates() -> Path:
    """Certificates made once for all tests of this process."""
    pki = Path(tempfile.mkdtemp(prefix="sotto-pki-")) / "pki"
    atexit.register(shutil.rmtree, pki.parent, ignore_errors=True)
    certificate_authority.ensure_authority(pki)
    for client in (*CLIENTS, "storage-clinical", "storage-research"):
        certificate_authority.ensure_certificate(pki, client)
    return pki


def start(
    home: Path, zone: str, *, released: ResearchZone | None = None, **settings: object
) -> StorageServer:
    """Start a zone's service in this process; `released` is what it knows of releases."""
    home.mkdir(mode=0o700, exist_ok=True)
    name = f"storage-{zone}"
    if not (home / "pki").exists():
        shutil.copytree(_certificates(), home / "pki")
    configured = StorageSettings.load(home=home, service=name, zone=zone, **settings)
    log = FakeAuditLog()
    trail = AuditTrail(log, zone=zone)
    opened = open_zone(configured, trail)
    server = build_server(configured, identity.load(home / "pki" / name), trail)
    known = KnownReleases()
    for add_to_server, handler in handlers(opened, trail, released or known):
        add_to_server(handler, server.grpc)
    port = server.start("127.0.0.1:0")
    server.ready()
    return StorageServer(home, log, opened, server, name, port, known)


def s3_settings(server: S3Server, **bucket: bool) -> dict[str, object]:
    """Settings of a service on a fresh bucket, with one beside it for its keys."""
    return {
        "storage": "s3",
        "s3_endpoint": server.endpoint,
        "s3_bucket": server.zone_bucket(**bucket),
        "s3_credentials": server.credentials(),
    }


def study(participants: tuple[str, ...] = ("P07", "P08")) -> study_pb2.Study:
    """A study."""
    return study_pb2.Study(
        id="peer-2026",
        title="What recovery means",
        languages=["en", "ms"],
        policy="research-default",
        review=study_pb2.REVIEW_MODE_REQUIRED,
        participants=participants,
        members=[member("dr.lim")],
    )


def upload(
    content: bytes,
    participant: str = "P07",
    *,
    session: int = 1,
    size: int | None = None,
    sha256: bytes | None = None,
    file_name: str = "Faizal 2026-03-04.wav",
    session_date: str = "",
) -> Iterator[recording_pb2.PutRecordingRequest]:
    """Messages of an upload."""
    yield recording_pb2.PutRecordingRequest(
        header=recording_pb2.RecordingHeader(
            study_id="peer-2026",
            participant=participant,
            session=session,
            kind=recording_pb2.RECORDING_KIND_MEDIA,
            file_name=file_name,
            size=len(content) if size is None else size,
            content_sha256=sha256 or hashlib.sha256(content).digest(),
            session_date=session_date,
        )
    )
    for start in range(0, len(content), 1 << 20):
        yield recording_pb2.PutRecordingRequest(chunk=content[start : start + (1 << 20)])
