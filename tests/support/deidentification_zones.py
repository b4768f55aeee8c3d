# SPDX-License-Identifier: Apache-2.0
"""Both storage zones with a study, and what the tests of de-identification do in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import grpc

from services.common import context
from services.common.audit import AuditTrail
from services.deidentification.adapters.presidio import PresidioDetector
from services.deidentification.adapters.zones import Zones
from services.deidentification.domain.correction_job import CorrectionRunner
from services.deidentification.domain.job import DeidentificationRunner, JobResult
from services.deidentification.domain.policy import Policy
from services.deidentification.domain.study import RecordingRef
from services.deidentification.domain.vault import Vault
from services.deidentification.domain.vault_updates import VaultUpdater
from services.deidentification.engine_factory import make_engine
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.handlers.deidentification import (
    CorrectionHandlers,
    DeidentificationHandlers,
)
from services.storage_client.recording_rosters import put_recording_roster
from services.storage_client.transcripts import content_hash, decode, encode
from sotto.deidentification.v1 import deidentification_pb2
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
    segment_pb2,
    segment_service_pb2_grpc,
    vault_pb2,
    vault_service_pb2_grpc,
)
from sotto.storage.v1.recording_roster_pb2 import RecordingName
from sotto.transcript.v1 import transcript_pb2
from tests.support import storage_service
from tests.support.fake_audit_log import FakeAuditLog

TALK = (
    ("interviewer", "Hello, what is your name?"),
    ("participant", "My name is Azman. Sister Devi from Hospital Permai helped me."),
    ("interviewer", "And your number?"),
    ("participant", "oh one two three four five six seven eight nine"),
    ("participant", "My brother Faizal and Dr Tan came."),
)
STUDY = "peer-2026"
# A policy of dates alone: "relative" or "shift" goes in.
DATED = "name: dated\nversion: 1\nentities: {DATE_TIME: {operator: generalise, to: %s}}\n"
ADMITTED = (("participant", "I was admitted on 3 March 2026 and left on 17 March 2026."),)


def segments_of(
    answers: list[segment_pb2.GetTranscriptResponse],
) -> list[transcript_pb2.Segment]:
    """Segments of all windows among the answers."""
    return [s for answer in answers for s in decode(answer.window.encoded_segments)]


@dataclass
class TwoZones:
    """Both zones, and what the tests do in them."""

    clinical: storage_service.StorageServer
    research: storage_service.StorageServer
    detector: PresidioDetector
    log: FakeAuditLog = field(default_factory=FakeAuditLog)

    def stop(self) -> None:
        """Stop both services."""
        self.clinical.stop()
        self.research.stop()

    def zones(self) -> Zones:
        """The zones as the service reaches them."""
        return Zones(
            cast(grpc.Channel, self.clinical.channel("deidentification")),
            cast(grpc.Channel, self.research.channel("deidentification")),
        )

    def runner(self, zones: Any = None, window: int = 2) -> DeidentificationRunner:
        """The service's runner, with rules alone."""
        used = zones or self.zones()
        return DeidentificationRunner(
            used,
            VaultUpdater(used),
            lambda policy: make_engine(policy, self.detector),
            load_lexicon,
            window,
        )

    def plan(self, ref: RecordingRef) -> deidentification_pb2.PlanResponse:
        """The answer of the service's handler."""
        handlers = DeidentificationHandlers(self.runner(), AuditTrail(FakeAuditLog()), 1)
        request = deidentification_pb2.PlanRequest(ref=self.message(ref))
        return handlers.Plan(request, cast(grpc.ServicerContext, None))

    def corrections(self) -> CorrectionHandlers:
        """The handlers of corrections."""
        zones = self.zones()
        runner = CorrectionRunner(
            zones,
            VaultUpdater(zones),
            lambda policy: make_engine(policy, self.detector),
            load_lexicon,
        )
        return CorrectionHandlers(runner, AuditTrail(self.log))

    @staticmethod
    def message(ref: RecordingRef) -> recording_pb2.RecordingRef:
        """The names of a recording as the contract writes them."""
        return recording_pb2.RecordingRef(
            study_id=ref.study, participant=ref.participant, recording_id=ref.recording
        )

    def roster(self) -> bytes:
        """The study's roster."""
        channel = self.clinical.channel("deidentification")
        stub = vault_service_pb2_grpc.RosterReaderServiceStub(channel)
        return stub.GetRoster(vault_pb2.GetRosterRequest(study_id=STUDY)).document

    def sealed(self, participant: str, content: bytes, day: str = "") -> recording_pb2.RecordingRef:
        """Seal a recording."""
        channel = cast(grpc.Channel, self.clinical.channel("operator"))
        stub = recording_service_pb2_grpc.RecordingWriterServiceStub(channel)
        upload = storage_service.upload(content, participant, session_date=day)
        return stub.PutRecording(upload).ref

    def transcribed(
        self,
        participant: str,
        talk: tuple[tuple[str, str], ...] = TALK,
        *,
        day: str = "",
        doubted: str = "",
        names: Sequence[RecordingName] = (),
    ) -> RecordingRef:
        """Seal a recording, its identified transcript and the names that came with it."""
        content = repr((participant, talk)).encode()
        ref = self.sealed(participant, content, day)
        segments = [
            transcript_pb2.Segment(
                index=n,
                speaker="S1",
                role=role,
                text=text,
                start_ms=n * 1000,
                end_ms=n * 1000 + 900,
                words=[
                    transcript_pb2.Word(
                        text=f" {word}",
                        start_ms=0,
                        end_ms=1,
                        probability=0.2 if word == doubted else 0.95,
                    )
                    for word in text.split()
                ],
            )
            for n, (role, text) in enumerate(talk)
        ]
        encoded = encode(segments)
        digest = content_hash(encoded)
        key = digest.hex()[:32]
        writer = segment_service_pb2_grpc.SegmentWriterServiceStub(
            self.clinical.channel("transcription")
        )
        writer.PutWindow(
            segment_pb2.PutWindowRequest(ref=ref, run_key=key, window=0, encoded_segments=encoded)
        )
        transcription = cast(grpc.Channel, self.clinical.channel("transcription"))
        put_recording_roster(transcription, ref, key, names)
        manifest = transcript_pb2.TranscriptManifest(
            run_key=key,
            content_sha256=digest,
            segment_count=len(segments),
            window_count=1,
            session=3,
            provenance={"engine": "test/1"},
        )
        writer.CommitTranscript(segment_pb2.CommitTranscriptRequest(ref=ref, manifest=manifest))
        return RecordingRef(ref.study_id, ref.participant, ref.recording_id)

    def released(self, ref: RecordingRef) -> list[segment_pb2.GetTranscriptResponse]:
        """The research transcript as the release service reads it."""
        reader = segment_service_pb2_grpc.SegmentReaderServiceStub(self.research.channel("release"))
        request = segment_pb2.GetTranscriptRequest(ref=self.message(ref))
        return list(reader.GetTranscript(request))

    def texts(self, ref: RecordingRef) -> list[str]:
        """Texts of the research transcript."""
        return [s.text for s in segments_of(self.released(ref))]

    def use(self, policy: str) -> None:
        """Let the study bring this policy of its own, countersigned where it needs that."""
        self.describe(policy)
        parsed = Policy.parse(policy)
        if parsed.below_floor:
            self.countersign(parsed.digest)

    def countersign(self, digest: str, person: str = "puan.aishah") -> None:
        """Let a compliance officer countersign a policy of the study."""
        stub = catalog_service_pb2_grpc.CountersignatureServiceStub(
            self.clinical.channel("compliance")
        )
        with context.acting(person=person):
            stub.CountersignPolicy(
                catalog_pb2.CountersignPolicyRequest(study_id=STUDY, policy_digest=digest)
            )

    def describe(self, policy: str) -> None:
        """Let the study bring this policy of its own."""
        for service in (self.clinical, self.research):
            study = storage_service.study()
            study.policy, study.policy_document = "own", policy
            stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator"))
            stub.PutStudy(catalog_pb2.PutStudyRequest(study=study))

    def vault(self, participant: str) -> Vault:
        """Both tables."""
        stub = vault_service_pb2_grpc.VaultServiceStub(self.clinical.channel("deidentification"))
        wide, own = (
            stub.GetVault(
                vault_pb2.GetVaultRequest(ref=vault_pb2.VaultRef(study_id=STUDY, participant=p))
            ).document
            for p in ("", participant)
        )
        return Vault.loads(wide, own)


def outcome(runner: DeidentificationRunner, ref: RecordingRef) -> JobResult:
    """Work to the end."""
    *_, last = runner.run(ref, "")
    assert isinstance(last, JobResult)
    return last


def start(folder: Path, detector: PresidioDetector) -> TwoZones:
    """Start real storage services of both zones, under `folder`, and describe a study."""
    services = [storage_service.start(folder / zone, zone) for zone in ("clinical", "research")]
    for service in services:
        stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator"))
        stub.PutStudy(catalog_pb2.PutStudyRequest(study=storage_service.study()))
    return TwoZones(services[0], services[1], detector)
