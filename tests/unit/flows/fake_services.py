# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG002, D102 - methods are the RPCs of the contracts
"""The services that flows call, in memory, behind real gRPC with mTLS."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import grpc

from services.common import certificate_authority, identity
from services.common.client import Peers
from services.common.errors import SottoError
from services.registry import identities
from sotto.deidentification.v1 import deidentification_pb2, deidentification_service_pb2_grpc
from sotto.release.v1 import release_service_pb2_grpc, review_pb2
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    pending_pb2,
    pending_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
    vault_pb2,
    vault_service_pb2_grpc,
    work_pb2,
    work_service_pb2_grpc,
)
from sotto.study.v1 import study_pb2
from sotto.transcript.v1 import transcript_pb2
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc

PAGE = 2
"""Recordings in a page: small, so that lists have several."""


def recording_id(number: int) -> str:
    """Return a recording id for tests."""
    return "rec-" + chr(ord("a") + number) * 26


def recording_ref(number: int, participant: str = "P07") -> recording_pb2.RecordingRef:
    """Return the names of a recording of the study s1."""
    return recording_pb2.RecordingRef(
        study_id="s1", participant=participant, recording_id=recording_id(number)
    )


def finished_run(key: str = "0" * 32, segments: int = 3) -> catalog_pb2.TranscriptState:
    """Return a finished transcript as a zone lists it."""
    manifest = transcript_pb2.TranscriptManifest(run_key=key, segment_count=segments)
    return catalog_pb2.TranscriptState(manifest=manifest)


def _fail(context: grpc.ServicerContext, error: SottoError) -> NoReturn:
    context.set_trailing_metadata((("sotto-reason", error.reason),))
    context.abort(grpc.StatusCode[error.status], error.message)


class FakeZone(
    catalog_service_pb2_grpc.CatalogReaderServiceServicer,
    catalog_service_pb2_grpc.CatalogWriterServiceServicer,
    catalog_service_pb2_grpc.CountersignatureServiceServicer,
    catalog_service_pb2_grpc.FailureServiceServicer,
    recording_service_pb2_grpc.RecordingWriterServiceServicer,
    recording_service_pb2_grpc.RetentionServiceServicer,
    vault_service_pb2_grpc.RosterWriterServiceServicer,
    pending_service_pb2_grpc.PendingServiceServicer,
    work_service_pb2_grpc.WorkNoteServiceServicer,
    work_service_pb2_grpc.WorkReaderServiceServicer,
):
    """A zone that keeps what it is given; `error` is what every call fails with, if set.

    `marks` are the marks of pending recordings by recording id, `notes` what workers told, and
    `work` what it tells of them.
    """

    def __init__(self) -> None:
        self.studies: dict[str, study_pb2.Study] = {}
        self.countersignatures: list[catalog_pb2.PolicyCountersignature] = []
        self.recordings: list[catalog_pb2.RecordingState] = []
        self.failures: list[catalog_pb2.PutFailureRequest] = []
        self.uploads: list[tuple[recording_pb2.RecordingHeader, bytes]] = []
        self.rosters: dict[str, bytes] = {}
        self.retention: dict[str, list[recording_pb2.RetentionEntry]] = {}
        self.deletions: list[recording_pb2.DeleteContentRequest] = []
        self.delete_errors: dict[str, SottoError] = {}
        self.error: SottoError | None = None
        self.marks: dict[str, int] = {}
        self.engines = ""
        self.pending_listings = 0
        self.notes: list[work_pb2.NoteWorkRequest] = []
        self.work = work_pb2.ListWorkResponse()

    def add(self, number: int, participant: str = "P07", session: int = 1) -> None:
        """Seal a recording, which is then pending."""
        ref = recording_ref(number, participant)
        self.recordings.append(catalog_pb2.RecordingState(ref=ref, session=session))
        self.mark(ref.recording_id)

    def mark(self, recording_id: str) -> None:
        """Mark a recording as one that may have work due."""
        self.marks[recording_id] = self.marks.get(recording_id, 0) + 1

    def state(self, ref: recording_pb2.RecordingRef) -> catalog_pb2.RecordingState | None:
        """Return what the zone lists of a recording."""
        return next((one for one in self.recordings if one.ref == ref), None)

    def commit(self, ref: recording_pb2.RecordingRef, run_key: str) -> None:
        """Finish a run of a recording."""
        state = self.state(ref)
        if state is None:
            state = catalog_pb2.RecordingState(ref=ref)
            self.recordings.append(state)
        state.transcripts.append(finished_run(run_key))

    def GetRecordingState(
        self, request: catalog_pb2.GetRecordingStateRequest, context: grpc.ServicerContext
    ) -> catalog_pb2.GetRecordingStateResponse:
        state = self.state(request.ref)
        if state is None:
            context.abort(grpc.StatusCode.NOT_FOUND, "there is no such recording")
        return catalog_pb2.GetRecordingStateResponse(state=state)

    def ListPending(
        self, request: pending_pb2.ListPendingRequest, context: grpc.ServicerContext
    ) -> pending_pb2.ListPendingResponse:
        self.pending_listings += 1
        return pending_pb2.ListPendingResponse(
            recordings=[
                pending_pb2.PendingRecording(
                    ref=one.ref, session=one.session, mark=self.marks[one.ref.recording_id]
                )
                for one in self.recordings
                if one.ref.recording_id in self.marks
            ]
        )

    def NoteWork(
        self, request: work_pb2.NoteWorkRequest, context: grpc.ServicerContext
    ) -> work_pb2.NoteWorkResponse:
        if self.error:
            _fail(context, self.error)
        self.notes.append(request)
        return work_pb2.NoteWorkResponse()

    def ListWork(
        self, request: work_pb2.ListWorkRequest, context: grpc.ServicerContext
    ) -> work_pb2.ListWorkResponse:
        return self.work

    def SettleRecording(
        self, request: pending_pb2.SettleRecordingRequest, context: grpc.ServicerContext
    ) -> pending_pb2.SettleRecordingResponse:
        newer = self.marks.get(request.ref.recording_id, 0) > request.mark
        if not newer:
            self.marks.pop(request.ref.recording_id, None)
        return pending_pb2.SettleRecordingResponse(still_pending=newer)

    def PutEngines(
        self, request: pending_pb2.PutEnginesRequest, context: grpc.ServicerContext
    ) -> pending_pb2.PutEnginesResponse:
        changed = self.engines not in ("", request.engines_sha256)
        self.engines = request.engines_sha256
        if changed:
            for one in self.recordings:
                self.mark(one.ref.recording_id)
        return pending_pb2.PutEnginesResponse(marked=len(self.recordings) if changed else 0)

    def GetStudy(
        self, request: catalog_pb2.GetStudyRequest, context: grpc.ServicerContext
    ) -> catalog_pb2.GetStudyResponse:
        if request.study_id not in self.studies:
            context.abort(grpc.StatusCode.NOT_FOUND, "there is no such study")
        return catalog_pb2.GetStudyResponse(
            study=self.studies[request.study_id], countersignatures=self.countersignatures
        )

    def CountersignPolicy(
        self, request: catalog_pb2.CountersignPolicyRequest, context: grpc.ServicerContext
    ) -> catalog_pb2.CountersignPolicyResponse:
        existed = bool(self.countersignatures)
        self.countersignatures.append(
            catalog_pb2.PolicyCountersignature(
                policy_digest=request.policy_digest, person="puan.aishah"
            )
        )
        return catalog_pb2.CountersignPolicyResponse(existed=existed)

    def ListStudies(
        self, request: catalog_pb2.ListStudiesRequest, context: grpc.ServicerContext
    ) -> catalog_pb2.ListStudiesResponse:
        return catalog_pb2.ListStudiesResponse(study_ids=sorted(self.studies))

    def PutStudy(
        self, request: catalog_pb2.PutStudyRequest, context: grpc.ServicerContext
    ) -> catalog_pb2.PutStudyResponse:
        existed = self.studies.get(request.study.id) == request.study
        self.studies[request.study.id] = request.study
        return catalog_pb2.PutStudyResponse(existed=existed)

    def ListRecordings(
        self, request: catalog_pb2.ListRecordingsRequest, context: grpc.ServicerContext
    ) -> catalog_pb2.ListRecordingsResponse:
        if self.error:
            _fail(context, self.error)
        found = [state for state in self.recordings if request.study_id in ("", state.ref.study_id)]
        start = int(request.page_token or 0)
        more = start + PAGE < len(found)
        return catalog_pb2.ListRecordingsResponse(
            recordings=found[start : start + PAGE],
            next_page_token=str(start + PAGE) if more else "",
        )

    def PutFailure(
        self, request: catalog_pb2.PutFailureRequest, context: grpc.ServicerContext
    ) -> catalog_pb2.PutFailureResponse:
        if self.error:
            _fail(context, self.error)
        self.failures.append(request)
        if self.marks.get(request.ref.recording_id, 0) <= request.mark:
            self.marks.pop(request.ref.recording_id, None)
        return catalog_pb2.PutFailureResponse()

    def PutRecording(
        self,
        request_iterator: Iterator[recording_pb2.PutRecordingRequest],
        context: grpc.ServicerContext,
    ) -> recording_pb2.PutRecordingResponse:
        header = next(request_iterator).header
        content = b"".join(message.chunk for message in request_iterator)
        existed = any(content == known for _, known in self.uploads)
        self.uploads.append((header, content))
        number = hashlib.sha256(content).digest()[0] % 26
        return recording_pb2.PutRecordingResponse(
            ref=recording_ref(number, header.participant), existed=existed
        )

    def ListRetention(
        self, request: recording_pb2.ListRetentionRequest, context: grpc.ServicerContext
    ) -> recording_pb2.ListRetentionResponse:
        """Say what the test wants said."""
        return recording_pb2.ListRetentionResponse(recordings=self.retention.get(request.study_id))

    def DeleteContent(
        self, request: recording_pb2.DeleteContentRequest, context: grpc.ServicerContext
    ) -> recording_pb2.DeleteContentResponse:
        if error := self.delete_errors.get(request.ref.recording_id):
            _fail(context, error)
        self.deletions.append(request)
        return recording_pb2.DeleteContentResponse()

    def PutRoster(
        self, request: vault_pb2.PutRosterRequest, context: grpc.ServicerContext
    ) -> vault_pb2.PutRosterResponse:
        before = self.rosters.get(request.study_id, b"")
        if not request.dry_run:
            self.rosters[request.study_id] = request.document
        return vault_pb2.PutRosterResponse(
            existed=before == request.document, names_before=before.count(b'"name"')
        )


class FakeTranscription(transcription_service_pb2_grpc.TranscriptionServiceServicer):
    """An engine that sends `updates` and then fails with `error`, if set.

    Without updates it makes the run that `wanted` names, after `seconds`.
    """

    def __init__(self, zone: FakeZone) -> None:
        self.zone = zone
        self.requests: list[transcription_pb2.TranscribeRequest] = []
        self.updates: Sequence[transcription_pb2.TranscribeResponse] = ()
        self.error: SottoError | None = None
        self.wanted = "a" * 32
        self.content_deleted = False
        self.seconds = 0.0
        self.times: list[tuple[str, float, float]] = []

    def Transcribe(
        self, request: transcription_pb2.TranscribeRequest, context: grpc.ServicerContext
    ) -> Iterator[transcription_pb2.TranscribeResponse]:
        self.requests.append(request)
        yield from self.updates
        if self.error:
            _fail(context, self.error)
        if not self.updates:
            began = time.monotonic()
            time.sleep(self.seconds)
            self.times.append((request.ref.recording_id, began, time.monotonic()))
            self.zone.commit(request.ref, self.wanted)
            result = transcription_pb2.TranscribeResult(run_key=self.wanted, segments=3)
            yield transcription_pb2.TranscribeResponse(result=result)

    def Plan(
        self, request: transcription_pb2.PlanRequest, context: grpc.ServicerContext
    ) -> transcription_pb2.PlanResponse:
        return transcription_pb2.PlanResponse(
            run_key=self.wanted, content_deleted=self.content_deleted
        )

    def DescribeEngine(
        self, request: transcription_pb2.DescribeEngineRequest, context: grpc.ServicerContext
    ) -> transcription_pb2.DescribeEngineResponse:
        return transcription_pb2.DescribeEngineResponse(model="base", engine="1")


class FakeDeidentification(
    deidentification_service_pb2_grpc.DeidentificationServiceServicer,
    deidentification_service_pb2_grpc.PolicyServiceServicer,
):
    """An engine that sends `updates` and then fails with `error`, if set.

    Without updates it makes the run that `wanted` names, after `seconds`.
    """

    def __init__(self, zone: FakeZone) -> None:
        self.zone = zone
        self.requests: list[deidentification_pb2.DeidentifyRequest] = []
        self.policies: list[deidentification_pb2.ValidatePolicyRequest] = []
        self.below_floor: Sequence[str] = ()
        self.updates: Sequence[deidentification_pb2.DeidentifyResponse] = ()
        self.error: SottoError | None = None
        self.wanted = "b" * 32
        self.seconds = 0.0
        self.versions = {"engine": "1"}

    def Deidentify(
        self, request: deidentification_pb2.DeidentifyRequest, context: grpc.ServicerContext
    ) -> Iterator[deidentification_pb2.DeidentifyResponse]:
        self.requests.append(request)
        yield from self.updates
        if self.error:
            _fail(context, self.error)
        if not self.updates:
            time.sleep(self.seconds)
            self.zone.commit(request.ref, self.wanted)
            result = deidentification_pb2.DeidentifyResult(run_key=self.wanted)
            yield deidentification_pb2.DeidentifyResponse(result=result)

    def Plan(
        self, request: deidentification_pb2.PlanRequest, context: grpc.ServicerContext
    ) -> deidentification_pb2.PlanResponse:
        return deidentification_pb2.PlanResponse(run_key=self.wanted)

    def DescribeEngine(
        self, request: deidentification_pb2.DescribeEngineRequest, context: grpc.ServicerContext
    ) -> deidentification_pb2.DescribeEngineResponse:
        return deidentification_pb2.DescribeEngineResponse(versions=self.versions)

    def ValidatePolicy(
        self, request: deidentification_pb2.ValidatePolicyRequest, context: grpc.ServicerContext
    ) -> deidentification_pb2.ValidatePolicyResponse:
        self.policies.append(request)
        if self.error:
            _fail(context, self.error)
        return deidentification_pb2.ValidatePolicyResponse(
            version=f"{request.name}/1", digest="d" * 64, below_floor=self.below_floor
        )


class FakeRelease(release_service_pb2_grpc.ReviewRuleServiceServicer):
    """A rule that approves nothing; fails with `error`, if set."""

    def __init__(self) -> None:
        self.requests: list[review_pb2.ApplyReviewRuleRequest] = []
        self.error: SottoError | None = None

    def ApplyReviewRule(
        self, request: review_pb2.ApplyReviewRuleRequest, context: grpc.ServicerContext
    ) -> review_pb2.ApplyReviewRuleResponse:
        self.requests.append(request)
        if self.error:
            _fail(context, self.error)
        return review_pb2.ApplyReviewRuleResponse()


@dataclass
class FakeServices:
    """All services that flows call, and channels to them."""

    peers: Peers
    addresses: dict[str, str]
    clinical: FakeZone = field(default_factory=FakeZone)
    research: FakeZone = field(default_factory=FakeZone)
    release: FakeRelease = field(default_factory=FakeRelease)

    def __post_init__(self) -> None:
        """Let the engines write into the zones."""
        self.transcription = FakeTranscription(self.clinical)
        self.deidentification = FakeDeidentification(self.research)

    def clear(self) -> None:
        """Forget everything, for the next test."""
        for service in (self.clinical, self.research, self.release):
            service.__init__()  # type: ignore[misc]
        self.transcription.__init__(self.clinical)  # type: ignore[misc]
        self.deidentification.__init__(self.research)  # type: ignore[misc]


@contextlib.contextmanager
def running(folder: Path) -> Iterator[FakeServices]:
    """Run the fake services, each with its own certificate."""
    names = (
        identities.CLINICAL, identities.RESEARCH, identities.TRANSCRIPTION,
        identities.DEIDENTIFICATION, identities.RELEASE,
    )  # fmt: skip
    certificate_authority.ensure_authority(folder)
    for name in (*names, identities.FLOWS):
        certificate_authority.ensure_certificate(folder, name)
    servers: list[grpc.Server] = []
    addresses: dict[str, str] = {}
    for name in names:
        own = identity.load(folder / name)
        server = grpc.server(ThreadPoolExecutor(16))
        credentials = grpc.ssl_server_credentials(
            [(own.key, own.certificate)], own.authority, require_client_auth=True
        )
        addresses[name] = f"127.0.0.1:{server.add_secure_port('127.0.0.1:0', credentials)}"
        servers.append(server)
    services = FakeServices(Peers(identity.load(folder / identities.FLOWS), addresses), addresses)
    for zone, server in zip((services.clinical, services.research), servers[:2], strict=True):
        catalog_service_pb2_grpc.add_CatalogReaderServiceServicer_to_server(zone, server)
        catalog_service_pb2_grpc.add_CatalogWriterServiceServicer_to_server(zone, server)
        catalog_service_pb2_grpc.add_CountersignatureServiceServicer_to_server(zone, server)
        catalog_service_pb2_grpc.add_FailureServiceServicer_to_server(zone, server)
        recording_service_pb2_grpc.add_RecordingWriterServiceServicer_to_server(zone, server)
        recording_service_pb2_grpc.add_RetentionServiceServicer_to_server(zone, server)
        vault_service_pb2_grpc.add_RosterWriterServiceServicer_to_server(zone, server)
        pending_service_pb2_grpc.add_PendingServiceServicer_to_server(zone, server)
        work_service_pb2_grpc.add_WorkNoteServiceServicer_to_server(zone, server)
        work_service_pb2_grpc.add_WorkReaderServiceServicer_to_server(zone, server)
    transcription_service_pb2_grpc.add_TranscriptionServiceServicer_to_server(
        services.transcription, servers[2]
    )
    deidentification_service_pb2_grpc.add_DeidentificationServiceServicer_to_server(
        services.deidentification, servers[3]
    )
    deidentification_service_pb2_grpc.add_PolicyServiceServicer_to_server(
        services.deidentification, servers[3]
    )
    release_service_pb2_grpc.add_ReviewRuleServiceServicer_to_server(services.release, servers[4])
    for server in servers:
        server.start()
    try:
        yield services
    finally:
        services.peers.close()
        for server in servers:
            server.stop(0)
