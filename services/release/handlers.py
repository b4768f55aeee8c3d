# SPDX-License-Identifier: Apache-2.0
"""gRPC handlers of the release service; each action lies between its audit intent and outcome."""

from __future__ import annotations

from collections.abc import Iterator

import grpc

from services.common.audit import AuditTrail
from services.registry.events import Event
from services.registry.export_formats import BY_NUMBER
from services.release.domain.approval import Approval
from services.release.domain.building import ReleaseBuilder
from services.release.domain.exporting import ReleaseReader
from services.release.domain.ports import StoredRelease
from services.release.domain.signing import PublicKey
from services.release.domain.transcript import TranscriptSummary
from sotto.release.v1 import release_pb2, release_service_pb2_grpc


class ReleaseBuilderHandlers(release_service_pb2_grpc.ReleaseBuilderServiceServicer):
    """Approves transcripts and builds releases, for reviewers and operators."""

    def __init__(self, builder: ReleaseBuilder, reader: ReleaseReader, trail: AuditTrail) -> None:
        self._builder = builder
        self._reader = reader
        self._trail = trail

    def BuildRelease(
        self, request: release_pb2.BuildReleaseRequest, context: grpc.ServicerContext
    ) -> release_pb2.BuildReleaseResponse:
        """Approve what the policy or the caller approves, then build."""
        study_id = request.study_id
        review = self._builder.review(study_id)
        approver = review.policy
        if approver is not None:
            for summary in review.pending:
                approval, _ = self._approve(study_id, summary, approver)
                review = review.with_approval(summary, approval)
        with self._trail.record(Event.RELEASE_BUILT, object=study_id, study_id=study_id) as act:
            release, existed = self._builder.build(review)
            act.note(release_id=release.release_id, files=len(release.files))
        return release_pb2.BuildReleaseResponse(
            release=_release_summary(self._reader, release), existed=existed
        )

    def _approve(
        self, study_id: str, summary: TranscriptSummary, approver: str
    ) -> tuple[Approval, bool]:
        with self._trail.record(
            Event.TRANSCRIPT_APPROVED,
            object=summary.recording_id,
            study_id=study_id,
            participant=summary.participant,
            attributes={"run_key": summary.run_key},
        ) as act:
            approval, existed = self._builder.approve(study_id, summary, approver)
            act.note(account=approver)
            return approval, existed


class ReleaseReaderHandlers(release_service_pb2_grpc.ReleaseReaderServiceServicer):
    """Lists and exports releases, for researchers."""

    def __init__(self, reader: ReleaseReader, key: PublicKey, trail: AuditTrail) -> None:
        self._reader = reader
        self._key = key
        self._trail = trail

    def ListReleases(
        self, request: release_pb2.ListReleasesRequest, context: grpc.ServicerContext
    ) -> release_pb2.ListReleasesResponse:
        """List releases from their certificates, oldest first."""
        found = self._reader.releases(request.study_id)
        return release_pb2.ListReleasesResponse(
            releases=[_release_summary(self._reader, one) for one in found]
        )

    def ExportRelease(
        self, request: release_pb2.ExportReleaseRequest, context: grpc.ServicerContext
    ) -> Iterator[release_pb2.ExportReleaseResponse]:
        """Stream the files of one format; the audit outcome says whether all were sent."""
        file_format = BY_NUMBER[request.format]
        release = self._reader.find(request.study_id, request.release_id)
        with self._trail.record(
            Event.RELEASE_EXPORTED,
            object=release.release_id,
            study_id=request.study_id,
            attributes={"format": file_format.value},
        ) as act:
            files, started = 0, False
            for piece in self._reader.export(release, file_format):
                yield release_pb2.ExportReleaseResponse(
                    file_name="" if started else piece.name, chunk=piece.data, last=piece.last
                )
                files, started = files + piece.last, not piece.last
            act.note(files=files)

    def GetSigningKey(
        self, request: release_pb2.GetSigningKeyRequest, context: grpc.ServicerContext
    ) -> release_pb2.GetSigningKeyResponse:
        """Return the public key that certificates are signed with."""
        return release_pb2.GetSigningKeyResponse(
            public_key_pem=self._key.pem, fingerprint=self._key.fingerprint
        )


def _release_summary(reader: ReleaseReader, release: StoredRelease) -> release_pb2.ReleaseSummary:
    certificate = reader.certificate(release)
    return release_pb2.ReleaseSummary(
        study_id=release.study_id,
        release_id=release.release_id,
        time=release.committed_at,
        transcripts=len(certificate.inputs),
        replacements=certificate.redactions,
        withdrawn=certificate.withdrawn,
    )
