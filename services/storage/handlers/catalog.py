# SPDX-License-Identifier: Apache-2.0
"""The catalogue of a zone. Reading it returns ids, counts and states alone; it is not audited."""

from __future__ import annotations

import hashlib

import grpc

from services.common.audit import AuditTrail
from services.registry.attributes import Attributes
from services.registry.events import Event
from services.storage.domain.catalog import Catalog
from services.storage.domain.names import RECORDING, Owner, check
from services.storage.domain.states import RecordingRef
from services.storage.errors import InvalidName, ObjectMissing, WrongZone
from services.storage.handlers import convert
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc
from sotto.study.v1 import study_pb2

_PAGE = 1000  # states; some hundred bytes each, so far below the limit of a message


class CatalogReaderHandlers(catalog_service_pb2_grpc.CatalogReaderServiceServicer):
    """Reads studies and states."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def GetStudy(
        self,
        request: catalog_pb2.GetStudyRequest,
        context: grpc.ServicerContext,
    ) -> catalog_pb2.GetStudyResponse:
        """Return a study."""
        document = self._catalog.get_study(request.study_id)
        return catalog_pb2.GetStudyResponse(study=study_pb2.Study.FromString(document))

    def ListStudies(
        self,
        request: catalog_pb2.ListStudiesRequest,
        context: grpc.ServicerContext,
    ) -> catalog_pb2.ListStudiesResponse:
        """List studies."""
        return catalog_pb2.ListStudiesResponse(study_ids=self._catalog.studies())

    def ListRecordings(
        self,
        request: catalog_pb2.ListRecordingsRequest,
        context: grpc.ServicerContext,
    ) -> catalog_pb2.ListRecordingsResponse:
        """List recordings with their states."""
        after = _parse_token(request.page_token) if request.page_token else None
        states, more = self._catalog.states(request.study_id, after, request.page_size or _PAGE)
        return catalog_pb2.ListRecordingsResponse(
            recordings=[convert.state(state) for state in states],
            next_page_token=_token(states[-1].ref) if more else "",
        )

    def GetRecordingState(
        self,
        request: catalog_pb2.GetRecordingStateRequest,
        context: grpc.ServicerContext,
    ) -> catalog_pb2.GetRecordingStateResponse:
        """Return the state of one recording."""
        state = self._catalog.state(convert.ref(request.ref))
        return catalog_pb2.GetRecordingStateResponse(state=convert.state(state))


class CatalogWriterHandlers(catalog_service_pb2_grpc.CatalogWriterServiceServicer):
    """Writes studies and failures."""

    def __init__(self, catalog: Catalog, zone: str, trail: AuditTrail) -> None:
        self._catalog = catalog
        self._zone = zone
        self._trail = trail

    def PutStudy(
        self,
        request: catalog_pb2.PutStudyRequest,
        context: grpc.ServicerContext,
    ) -> catalog_pb2.PutStudyResponse:
        """Create a study, or replace its description."""
        document = request.study.SerializeToString(deterministic=True)
        with self._trail.record(
            Event.STUDY_WRITTEN,
            object=request.study.id,
            study_id=request.study.id,
            attributes=self._attributes(request.study),
        ) as act:
            existed = self._catalog.put_study(request.study.id, document)
            act.note(existed=existed)
        return catalog_pb2.PutStudyResponse(existed=existed)

    def _attributes(self, study: study_pb2.Study) -> Attributes:
        """Return what the log may hold of a study: counts, the policy, which fields change."""
        facts: Attributes = {
            "participants": len(study.participants),
            "policy": study.policy,
        }
        if study.policy_document:
            digest = hashlib.sha256(study.policy_document.encode()).hexdigest()
            facts["policy_version"] = digest[:16]
        try:
            before = study_pb2.Study.FromString(self._catalog.get_study(study.id))
        except ObjectMissing:
            return facts
        names = [
            field.name
            for field in study_pb2.Study.DESCRIPTOR.fields
            if getattr(before, field.name) != getattr(study, field.name)
        ]
        facts["changed"] = ",".join(names) or "nothing"
        return facts

    def PutFailure(
        self,
        request: catalog_pb2.PutFailureRequest,
        context: grpc.ServicerContext,
    ) -> catalog_pb2.PutFailureResponse:
        """Record or clear the failure of a recording."""
        ref = convert.ref(request.ref)
        if self._zone != "clinical":
            raise WrongZone("failures are kept in the clinical zone: call its service")
        self._catalog.require(ref)
        given = convert.failure(request.failure) if request.HasField("failure") else None
        with self._trail.record(
            Event.RECORDING_FAILURE_WRITTEN,
            object=ref.recording_id,
            study_id=ref.owner.study,
            participant=ref.owner.code,
            attributes={"stage": given.stage, "reason": given.reason} if given else {},
        ):
            self._catalog.failures.put(ref.owner, ref.recording_id, given)
        return catalog_pb2.PutFailureResponse()


def _token(ref: RecordingRef) -> str:
    return f"{ref.owner.prefix}{ref.recording_id}"


def _parse_token(token: str) -> RecordingRef:
    parts = token.split("/")
    if len(parts) != 3:
        raise InvalidName("page token is malformed: send the one of the page before")
    return RecordingRef(Owner(parts[0], parts[1]), check(RECORDING, parts[2], "page token"))
