# SPDX-License-Identifier: Apache-2.0
"""A transcription service on a real port beside a real clinical store, audit trails in lists."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc

from services.common import certificate_authority, identity
from services.common.audit import AuditTrail
from services.common.client import Peers
from services.common.server import Server, build_server
from services.registry.identities import AUDIT, CLINICAL, TRANSCRIPTION
from services.registry.processes import instance_name
from services.storage_client import chunks
from services.storage_client.recordings import put_recording
from services.storage_client.transcripts import read_transcript
from services.transcription import wiring
from services.transcription.settings import TranscriptionSettings
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    vault_pb2,
    vault_service_pb2_grpc,
)
from sotto.study.v1 import study_pb2
from sotto.transcript.v1 import transcript_pb2
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc
from tests.support import speech_model, storage_service
from tests.support.deployment import ROOT, wait_for_address
from tests.support.fake_audit_log import FakeAuditLog
from tests.support.speaking import SpeakingPeers
from tests.support.storage_service import study


@dataclass
class TranscriptionDeployment:
    """A transcription service and the clinical store that it uses, in this process."""

    storage: storage_service.StorageServer
    server: Server
    peers: Peers
    log: FakeAuditLog
    port: int
    _opened: list[Peers] = field(default_factory=list)

    def upload(
        self, content: bytes, *, media: bool = True, name: str = "x"
    ) -> recording_pb2.RecordingRef:
        """Upload content as the operator does."""
        header = recording_pb2.RecordingHeader(
            study_id="peer-2026",
            participant="P07",
            session=1,
            kind=recording_pb2.RECORDING_KIND_MEDIA
            if media
            else recording_pb2.RECORDING_KIND_TRANSCRIPT,
            file_name=name,
            size=len(content),
            content_sha256=hashlib.sha256(content).digest(),
        )
        operator = self.storage.channel("operator")
        return put_recording(operator, header, chunks.of_bytes(content)).ref

    def study(self, **more: Any) -> None:
        """Replace the description of the study."""
        described = study()
        for name in more:
            described.ClearField(name)
        described.MergeFrom(study_pb2.Study(**more))
        catalog_service_pb2_grpc.CatalogWriterServiceStub(
            self.storage.channel("operator")
        ).PutStudy(catalog_pb2.PutStudyRequest(study=described))

    def roster(self, document: dict[str, Any]) -> None:
        """Set the study's roster."""
        vault_service_pb2_grpc.RosterWriterServiceStub(self.storage.channel("operator")).PutRoster(
            vault_pb2.PutRosterRequest(study_id="peer-2026", document=json.dumps(document).encode())
        )

    def stub(self) -> transcription_service_pb2_grpc.TranscriptionServiceStub:
        """The transcription service as the flows see it."""
        return transcription_service_pb2_grpc.TranscriptionServiceStub(
            self.peers.channel(TRANSCRIPTION)
        )

    @contextmanager
    def as_client(self, client: str) -> Iterator[grpc.Channel]:
        """A channel to the transcription service under the certificate of a client."""
        addresses = {TRANSCRIPTION: f"127.0.0.1:{self.port}"}
        peers = SpeakingPeers(self.storage.home / "pki", client, addresses)
        yield peers.channel(TRANSCRIPTION)
        peers.close()

    def transcribe(
        self, ref: recording_pb2.RecordingRef
    ) -> list[transcription_pb2.TranscribeResponse]:
        """All answers of a call."""
        return list(self.stub().Transcribe(transcription_pb2.TranscribeRequest(ref=ref)))

    def plan(self, ref: recording_pb2.RecordingRef) -> transcription_pb2.PlanResponse:
        """The run that the service would make now."""
        return self.stub().Plan(transcription_pb2.PlanRequest(ref=ref))

    def transcript(
        self, ref: recording_pb2.RecordingRef
    ) -> tuple[transcript_pb2.TranscriptManifest, list[transcript_pb2.Segment]]:
        """The stored transcript as de-identification reads it."""
        stored = read_transcript(self.storage.channel("deidentification"), ref)
        return stored.manifest, list(stored.segments)

    def stop(self) -> None:
        """Stop both services."""
        self.peers.close()
        for peers in self._opened:
            peers.close()
        self.server.stop(0)
        self.storage.stop()


def start(home: Path, **settings: object) -> TranscriptionDeployment:
    """Start a clinical store with a study, and a transcription service.

    Its demo model may invent words: most tests give it what it cannot know.
    """
    storage = storage_service.start(home, "clinical")
    catalog_service_pb2_grpc.CatalogWriterServiceStub(storage.channel("operator")).PutStudy(
        catalog_pb2.PutStudyRequest(study=study())
    )
    configured = TranscriptionSettings.load(home=home, **{"demo_model_invents": True, **settings})
    log = FakeAuditLog()
    trail = AuditTrail(log, zone="clinical")
    credentials = identity.load(home / "pki" / TRANSCRIPTION)
    inner = Peers(credentials, {CLINICAL: f"127.0.0.1:{storage.port}"})
    server = build_server(configured, credentials, trail)
    process = SimpleNamespace(peers=inner, trail=trail)
    for add_to_server, handlers in wiring.build(configured, process):  # type: ignore[arg-type]
        add_to_server(handlers, server.grpc)
    port = server.start("127.0.0.1:0")
    server.ready()
    flows = Peers(identity.load(home / "pki" / "flows"), {TRANSCRIPTION: f"127.0.0.1:{port}"})
    return TranscriptionDeployment(storage, server, flows, log, port, [inner])


class ServiceProcess:
    """The transcription service as a process of its own, beside a store and a log in this one."""

    def __init__(
        self,
        home: Path,
        deployment: TranscriptionDeployment,
        audit: str,
        number: int = 1,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._home = home
        (home / "run").mkdir(mode=0o700, exist_ok=True)
        name = instance_name(TRANSCRIPTION, number)
        address = home / "run" / f"{name}.address"
        address.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "services.transcription"],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}",
                "OMP_NUM_THREADS": "1",
                "SOTTO_HOME": str(home),
                "SOTTO_INSTANCE": str(number),
                "SOTTO_DEMO_MODEL_INVENTS": "true",
                speech_model.SETTING: str(speech_model.DEMO_FOLDER),
                "SOTTO_ADDRESSES": (
                    f'{{"{AUDIT}": "{audit}", "{CLINICAL}": "127.0.0.1:{deployment.storage.port}"}}'
                ),
                **(environment or {}),
            },
            stderr=subprocess.DEVNULL,
        )
        found = wait_for_address(home, name, self._process, seconds=300)
        self._peers = Peers(identity.load(home / "pki" / "flows"), {TRANSCRIPTION: found})

    def transcribe(
        self, ref: recording_pb2.RecordingRef
    ) -> Iterator[transcription_pb2.TranscribeResponse]:
        """Answers as they come."""
        stub = transcription_service_pb2_grpc.TranscriptionServiceStub(
            self._peers.channel(TRANSCRIPTION)
        )
        return iter(stub.Transcribe(transcription_pb2.TranscribeRequest(ref=ref)))

    def kill(self) -> None:
        """End the process at once, as when the power fails."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._peers.close()


@dataclass
class FakeAuditService:
    """A server on a real port that appends to a list."""

    server: Server
    address: str
    log: FakeAuditLog

    def stop(self) -> None:
        """Stop it."""
        self.server.stop(0)


class _Append(audit_service_pb2_grpc.AuditAppendServiceServicer):
    def __init__(self, log: FakeAuditLog) -> None:
        self._log = log

    def Append(
        self, request: entry_pb2.AppendRequest, _context: grpc.ServicerContext
    ) -> entry_pb2.AppendResponse:
        return entry_pb2.AppendResponse(index=self._log(request.event))


def start_audit(home: Path) -> FakeAuditService:
    """Start what services in processes of their own can append audit events to."""
    certificate_authority.ensure_certificate(home / "pki", AUDIT)
    settings = TranscriptionSettings.load(home=home, service=AUDIT)
    log = FakeAuditLog()
    server = build_server(settings, identity.load(home / "pki" / AUDIT), AuditTrail(log))
    audit_service_pb2_grpc.add_AuditAppendServiceServicer_to_server(_Append(log), server.grpc)
    port = server.start("127.0.0.1:0")
    server.ready()
    return FakeAuditService(server, f"127.0.0.1:{port}", log)


def everything_under(folder: Path) -> bytes:
    """All bytes of all files, and all names."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return b"".join(str(path).encode() + path.read_bytes() for path in files)
