# SPDX-License-Identifier: Apache-2.0
"""Building, listing and handing out releases."""

from __future__ import annotations

from collections.abc import Iterator

import grpc

from services.common import context as call
from services.common.audit import AuditTrail
from services.common.signing import PublicKey
from services.registry.events import Event
from services.registry.export_formats import BY_NUMBER, STYLE_BY_NUMBER
from services.registry.identities import REVIEWER
from services.release.domain.building import ReleaseBuilder
from services.release.domain.exporting import ReleaseReader
from services.release.handlers.convert import release_summary, unfinished
from services.storage_client.study_members import StudyMembers
from sotto.release.v1 import release_pb2, release_service_pb2_grpc
from sotto.study.v1 import study_pb2


class ReleaseBuilderHandlers(release_service_pb2_grpc.ReleaseBuilderServiceServicer):
    """Builds releases, for reviewers and operators."""

    def __init__(
        self,
        builder: ReleaseBuilder,
        reader: ReleaseReader,
        members: StudyMembers,
        trail: AuditTrail,
    ) -> None:
        self._builder = builder
        self._reader = reader
        self._members = members
        self._trail = trail

    def BuildRelease(
        self, request: release_pb2.BuildReleaseRequest, context: grpc.ServicerContext
    ) -> release_pb2.BuildReleaseResponse:
        """Build of what was approved."""
        study_id = request.study_id
        with self._trail.record(Event.RELEASE_BUILT, object=study_id, study_id=study_id) as act:
            if call.current().client == REVIEWER:
                self._members.require(study_id, study_pb2.MEMBER_ROLE_REVIEWER)
            release, existed = self._builder.build(
                study_id, [unfinished(one) for one in request.unfinished]
            )
            act.note(release_id=release.release_id, files=len(release.files))
        return release_pb2.BuildReleaseResponse(
            release=release_summary(self._reader, release), existed=existed
        )


class ReleaseReaderHandlers(release_service_pb2_grpc.ReleaseReaderServiceServicer):
    """Lists and exports releases, for researchers."""

    def __init__(
        self, reader: ReleaseReader, key: PublicKey, members: StudyMembers, trail: AuditTrail
    ) -> None:
        self._reader = reader
        self._key = key
        self._members = members
        self._trail = trail

    def ListStudies(
        self, request: release_pb2.ListStudiesRequest, context: grpc.ServicerContext
    ) -> release_pb2.ListStudiesResponse:
        """List the studies that have the person as a researcher."""
        found = self._members.studies(study_pb2.MEMBER_ROLE_RESEARCHER)
        return release_pb2.ListStudiesResponse(study_ids=found)

    def GetCertificate(
        self, request: release_pb2.GetCertificateRequest, context: grpc.ServicerContext
    ) -> release_pb2.GetCertificateResponse:
        """Give the certificate of a release and its signature."""
        self._members.require(request.study_id, study_pb2.MEMBER_ROLE_RESEARCHER)
        release = self._reader.find(request.study_id, request.release_id)
        certificate, signature = self._reader.signed(release)
        return release_pb2.GetCertificateResponse(certificate=certificate, signature=signature)

    def ListReleases(
        self, request: release_pb2.ListReleasesRequest, context: grpc.ServicerContext
    ) -> release_pb2.ListReleasesResponse:
        """List releases from their certificates, oldest first."""
        self._members.require(request.study_id, study_pb2.MEMBER_ROLE_RESEARCHER)
        found = self._reader.releases(request.study_id)
        held = self._reader.held_back(found)
        rejected = self._reader.rejected_since(found)
        return release_pb2.ListReleasesResponse(
            releases=[
                release_summary(self._reader, one, held[one.release_id], rejected[one.release_id])
                for one in found
            ]
        )

    def ExportRelease(
        self, request: release_pb2.ExportReleaseRequest, context: grpc.ServicerContext
    ) -> Iterator[release_pb2.ExportReleaseResponse]:
        """Stream the files of a format and style; the audit outcome says whether all were sent."""
        file_format, style = BY_NUMBER[request.format], STYLE_BY_NUMBER[request.style]
        with self._trail.record(
            Event.RELEASE_EXPORTED,
            object=request.release_id or request.study_id,
            study_id=request.study_id,
            attributes={"format": style.of(file_format)},
        ) as act:
            self._members.require(request.study_id, study_pb2.MEMBER_ROLE_RESEARCHER)
            release = self._reader.find(request.study_id, request.release_id)
            act.note(release_id=release.release_id)
            files, started = 0, False
            held: release_pb2.ExportReleaseResponse | None = None
            for piece in self._reader.export(release, file_format, style):
                if held is not None:
                    yield held
                held = release_pb2.ExportReleaseResponse(
                    file_name="" if started else piece.name, chunk=piece.data, last=piece.last
                )
                files, started = files + piece.last, not piece.last
            act.note(files=files)
        # A caller that has all it asked for may leave; by then the outcome is in the log.
        if held is not None:
            yield held

    def GetSigningKey(
        self, request: release_pb2.GetSigningKeyRequest, context: grpc.ServicerContext
    ) -> release_pb2.GetSigningKeyResponse:
        """Return the public key that certificates are signed with."""
        return release_pb2.GetSigningKeyResponse(
            public_key_pem=self._key.pem, fingerprint=self._key.fingerprint
        )
