# SPDX-License-Identifier: Apache-2.0
"""Listing releases and handing them out, and the copies that people took."""

from __future__ import annotations

from collections.abc import Iterator

import grpc

from services.common import context as call
from services.common.audit import AuditTrail
from services.common.signing import PublicKey
from services.registry.events import Event
from services.registry.export_formats import BY_NUMBER, STYLE_BY_NUMBER
from services.release.domain.copies.register import CopyRegister, CopyView
from services.release.domain.exporting import ReleaseReader
from services.release.errors import NoSuchCopy
from services.release.handlers.convert import release_summary
from services.release.handlers.copy_messages import (
    acceptance,
    held_copy,
    notice,
    terms_message,
)
from services.storage_client.study_members import StudyMembers
from sotto.release.v1 import copy_pb2, release_pb2, release_service_pb2_grpc
from sotto.study.v1 import study_pb2


class ReleaseReaderHandlers(release_service_pb2_grpc.ReleaseReaderServiceServicer):
    """Lists and exports releases, for researchers, who say here what became of their copies."""

    def __init__(
        self,
        reader: ReleaseReader,
        register: CopyRegister,
        key: PublicKey,
        members: StudyMembers,
        trail: AuditTrail,
    ) -> None:
        self._reader = reader
        self._register = register
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
        """Stream the files of a format and style; the audit outcome says whether all were sent.

        The copy is on record before the first byte: one that was perhaps taken counts as taken.
        """
        file_format, style = BY_NUMBER[request.format], STYLE_BY_NUMBER[request.style]
        form = style.of(file_format)
        with self._trail.record(
            Event.RELEASE_EXPORTED,
            object=request.release_id or request.study_id,
            study_id=request.study_id,
            attributes={"format": form},
        ) as act:
            self._members.require(request.study_id, study_pb2.MEMBER_ROLE_RESEARCHER)
            release = self._reader.find(request.study_id, request.release_id)
            self._reader.refuse_held(release)
            self._reader.require_form(release, form)
            said = acceptance(request, call.current().person)
            copy = self._register.take(release, form, said, request_id=call.current().request_id)
            # From here on something may have left, which the outcome tells by naming the release.
            act.note(
                release_id=release.release_id,
                copy_id=copy.copy_id,
                terms=copy.taking.terms_sha256,
                taken_for=copy.taking.purpose,
            )
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

    def GetLegend(
        self, request: copy_pb2.GetLegendRequest, context: grpc.ServicerContext
    ) -> copy_pb2.GetLegendResponse:
        """Give the legend of a release, which tells whom labels mean the same for."""
        with self._trail.record(
            Event.LEGEND_READ, object=request.release_id, study_id=request.study_id
        ) as act:
            self._members.require(request.study_id, study_pb2.MEMBER_ROLE_RESEARCHER)
            release = self._reader.find(request.study_id, request.release_id)
            legend = self._reader.legend(release)
            act.note(release_id=release.release_id)
        return copy_pb2.GetLegendResponse(legend=legend)

    def GetTerms(
        self, request: copy_pb2.GetTermsRequest, context: grpc.ServicerContext
    ) -> copy_pb2.GetTermsResponse:
        """Give the terms of a study as they are now."""
        self._members.require(request.study_id, study_pb2.MEMBER_ROLE_RESEARCHER)
        return copy_pb2.GetTermsResponse(
            terms=terms_message(self._register.terms(request.study_id))
        )

    def ListCopies(
        self, request: copy_pb2.ListCopiesRequest, context: grpc.ServicerContext
    ) -> copy_pb2.ListCopiesResponse:
        """List the person's own copies, also of studies that they are on no more."""
        studies = [request.study_id] if request.study_id else self._members.all_studies()
        person = call.current().person
        found = [view for one in studies for view in self._register.of_person(one, person)]
        if request.study_id and not found:
            self._members.require(request.study_id, study_pb2.MEMBER_ROLE_RESEARCHER)
        found.sort(key=_taken, reverse=True)
        return copy_pb2.ListCopiesResponse(copies=[held_copy(one) for one in found])

    def AcknowledgeNotices(
        self, request: copy_pb2.AcknowledgeNoticesRequest, context: grpc.ServicerContext
    ) -> copy_pb2.AcknowledgeNoticesResponse:
        """Take the person's word that they read what concerns their copy."""
        with self._trail.record(
            Event.NOTICES_SEEN,
            object=request.copy_id,
            study_id=request.study_id,
            attributes={"count": len(request.notices)},
        ):
            self._register.acknowledge(
                request.study_id,
                request.copy_id,
                call.current().person,
                [notice(one) for one in request.notices],
            )
        return copy_pb2.AcknowledgeNoticesResponse()

    def DeclareDestroyed(
        self, request: copy_pb2.DeclareDestroyedRequest, context: grpc.ServicerContext
    ) -> copy_pb2.DeclareDestroyedResponse:
        """Take the person's word that they destroyed their copy."""
        with self._trail.record(
            Event.COPY_DESTROYED, object=request.copy_id, study_id=request.study_id
        ) as act:
            try:
                copy, existed = self._register.declare_destroyed(
                    request.study_id, request.copy_id, call.current().person
                )
            except NoSuchCopy:
                # A study that was not understood is told first.
                self._members.require(request.study_id, study_pb2.MEMBER_ROLE_RESEARCHER)
                raise
            act.note(existed=existed, release_id=copy.taking.release_id)
        return copy_pb2.DeclareDestroyedResponse(existed=existed)


def _taken(view: CopyView) -> tuple[object, str]:
    return view.copy.taking.taken_at, view.copy.copy_id
