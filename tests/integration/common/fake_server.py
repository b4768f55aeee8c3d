# SPDX-License-Identifier: Apache-2.0
"""A server with the real interceptor and real certificates, whose handlers do what a test says."""

from __future__ import annotations

import datetime as dt
import ipaddress
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.common import certificate_authority, identity
from services.common.audit import AuditTrail
from services.common.server import Server, build_server
from services.common.settings import ServiceSettings
from services.registry import identities, processes
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
    segment_pb2,
    segment_service_pb2_grpc,
)
from sotto.study.v1 import study_pb2
from tests.support.fake_audit_log import FakeAuditLog
from tests.support.speaking import SpeakingPeers

NAME = identities.CLINICAL
_LISTED = ("s0", "s1", "s2", "s3")
STUDY = catalog_pb2.GetStudyRequest(study_id="s1")
REF = recording_pb2.RecordingRef(
    study_id="s1", participant="P07", recording_id="rec-" + "a" * 26
)  # fmt: skip


class Behaviour(
    catalog_service_pb2_grpc.CatalogReaderServiceServicer,
    catalog_service_pb2_grpc.CatalogWriterServiceServicer,
    recording_service_pb2_grpc.RecordingWriterServiceServicer,
    segment_service_pb2_grpc.SegmentReaderServiceServicer,
):
    """One method of each shape; `act` runs inside it, with what the method was given."""

    def __init__(self) -> None:
        self.act: Callable[[Any], None] = lambda _given: None
        self.seen: list[Any] = []

    def GetStudy(self, request: catalog_pb2.GetStudyRequest, _context: object) -> Any:
        """Answer one message with one."""
        self.seen.append(request)
        self.act(request)
        return catalog_pb2.GetStudyResponse(study=study_pb2.Study(id=request.study_id))

    def ListStudies(self, _request: catalog_pb2.ListStudiesRequest, _context: object) -> Any:
        """Answer with the ids of four studies."""
        return catalog_pb2.ListStudiesResponse(study_ids=_LISTED)

    def ListRecordings(self, _request: catalog_pb2.ListRecordingsRequest, _context: object) -> Any:
        """Answer with a recording of each of them."""
        found = []
        for study_id in _LISTED:
            ref = recording_pb2.RecordingRef()
            ref.CopyFrom(REF)
            ref.study_id = study_id
            found.append(catalog_pb2.RecordingState(ref=ref))
        return catalog_pb2.ListRecordingsResponse(recordings=found)

    def PutStudy(self, request: catalog_pb2.PutStudyRequest, _context: object) -> Any:
        """Answer one message, which has many rules, with one."""
        self.seen.append(request)
        return catalog_pb2.PutStudyResponse()

    def GetTranscript(
        self, request: segment_pb2.GetTranscriptRequest, _context: object
    ) -> Iterator[Any]:
        """Answer one message with many; acts after the first."""
        self.seen.append(request)
        yield segment_pb2.GetTranscriptResponse()
        self.act(request)
        yield segment_pb2.GetTranscriptResponse()

    def PutRecording(
        self, request_iterator: Iterator[recording_pb2.PutRecordingRequest], _context: object
    ) -> Any:
        """Answer many messages with one."""
        for message in request_iterator:
            self.seen.append(message)
            self.act(message)
        return recording_pb2.PutRecordingResponse(ref=REF)


@dataclass
class FakeServer:
    """A running server."""

    pki: Path
    log: FakeAuditLog
    behaviour: Behaviour
    server: Server
    port: int
    opened: list[Any] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def channel(self, client: str) -> Any:
        """Open a channel of our own client, as `client`, which says for whom it speaks."""
        peers = SpeakingPeers(self.pki, client, {NAME: self.address})
        self.opened.append(peers)
        return peers.channel(NAME)

    def raw(
        self, client: str | None, *, authority: Path | None = None, credentials: Any = None
    ) -> Any:
        """Open a channel of gRPC alone, which leaves out all that our client does."""
        shown = credentials or (identity.load(self.pki / client) if client else None)
        secure = grpc.ssl_channel_credentials(
            (authority or self.pki / "ca.pem").read_bytes(),
            shown.key if shown else None,
            shown.certificate if shown else None,
        )
        channel = grpc.secure_channel(
            self.address,
            secure,
            options=[("grpc.ssl_target_name_override", identity.host_name(NAME))],
        )
        self.opened.append(channel)
        return channel

    def close(self) -> None:
        """Close channels and server."""
        for one in self.opened:
            one.close()
        self.server.stop(0)


def start(home: Path, *, ready: bool = True, **settings: Any) -> FakeServer:
    """Start the server in this process, with certificates for all names."""
    pki = home / "pki"
    certificate_authority.ensure_authority(pki)
    for name in (*processes.SERVICES, *identities.CLIENTS):
        certificate_authority.ensure_certificate(pki, name)
    log, behaviour = FakeAuditLog(), Behaviour()
    configured = ServiceSettings.load(home=home, service=NAME, **settings)
    server = build_server(configured, identity.load(pki / NAME), AuditTrail(log, zone="clinical"))
    catalog_service_pb2_grpc.add_CatalogReaderServiceServicer_to_server(behaviour, server.grpc)
    catalog_service_pb2_grpc.add_CatalogWriterServiceServicer_to_server(behaviour, server.grpc)
    recording_service_pb2_grpc.add_RecordingWriterServiceServicer_to_server(behaviour, server.grpc)
    segment_service_pb2_grpc.add_SegmentReaderServiceServicer_to_server(behaviour, server.grpc)
    port = server.start("127.0.0.1:0")
    if ready:
        server.ready()
    return FakeServer(pki, log, behaviour, server, port)


def certificate_for(
    pki: Path, dns_names: list[str], *, begins: dt.timedelta = dt.timedelta(minutes=-1)
) -> identity.Credentials:
    """Credentials of the authority in `pki` with any names, good for a day."""
    issuer = x509.load_pem_x509_certificate((pki / "ca.pem").read_bytes())
    issuer_key = serialization.load_pem_private_key((pki / "ca.key").read_bytes(), None)
    assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.UTC)
    names = [*map(x509.DNSName, dns_names), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + begins + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
    return identity.Credentials(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        made.public_bytes(serialization.Encoding.PEM),
        issuer.public_bytes(serialization.Encoding.PEM),
    )


def foreign_credentials(folder: Path, name: str) -> Path:
    """Make a certificate for `name` by another authority, and return its folder."""
    shutil.rmtree(folder, ignore_errors=True)
    certificate_authority.ensure_authority(folder)
    certificate_authority.ensure_certificate(folder, name)
    return folder / name


def get_study(server: FakeServer, request: catalog_pb2.GetStudyRequest = STUDY) -> Any:
    """Call a reader of the catalog."""
    stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(server.channel(identities.FLOWS))
    return stub.GetStudy(request)


def put_study(server: FakeServer, study: study_pb2.Study) -> Any:
    """Call a writer of the catalog."""
    stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(server.channel(identities.OPERATOR))
    return stub.PutStudy(catalog_pb2.PutStudyRequest(study=study))


def get_transcript(server: FakeServer) -> Iterator[Any]:
    """Call a stream of answers."""
    stub = segment_service_pb2_grpc.SegmentReaderServiceStub(server.channel(identities.REVIEWER))
    return stub.GetTranscript(segment_pb2.GetTranscriptRequest(ref=REF))


def put_recording(server: FakeServer, *messages: recording_pb2.PutRecordingRequest) -> Any:
    """Call with a stream of messages."""
    stub = recording_service_pb2_grpc.RecordingWriterServiceStub(
        server.channel(identities.OPERATOR)
    )
    return stub.PutRecording(iter(messages))


def raises(server: FakeServer, error: BaseException) -> None:
    """Have the handler raise an error."""

    def act(_given: object) -> None:
        raise error

    server.behaviour.act = act
