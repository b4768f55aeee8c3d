# SPDX-License-Identifier: Apache-2.0
"""The catalogue of a zone. Reading it returns ids, counts and states alone; it is not audited."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager, nullcontext

import grpc

from services.common import context as calls
from services.common.audit import AuditTrail
from services.common.context import current
from services.registry.attributes import Attributes
from services.registry.events import Event
from services.registry.identities import RELEASE
from services.storage.domain.catalog import Catalog
from services.storage.domain.countersignatures import CountersignatureStore
from services.storage.domain.pending import Change, PendingList
from services.storage.domain.states import State
from services.storage.errors import ObjectMissing
from services.storage.handlers import convert, paging, state_messages, study_description
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc
from sotto.study.v1 import study_pb2


class CatalogReaderHandlers(catalog_service_pb2_grpc.CatalogReaderServiceServicer):
    """Reads studies and states; only the clinical zone has countersignatures."""

    def __init__(self, catalog: Catalog, signatures: CountersignatureStore | None = None) -> None:
        self._catalog = catalog
        self._signatures = signatures

    @staticmethod
    def _state(value: State) -> catalog_pb2.RecordingState:
        """Return a state as the caller may see it: `release` has the transcripts themselves."""
        return state_messages.state(value, whole=current().caller == RELEASE)

    def GetStudy(
        self,
        request: catalog_pb2.GetStudyRequest,
        context: grpc.ServicerContext,
    ) -> catalog_pb2.GetStudyResponse:
        """Return a study."""
        document = self._catalog.get_study(request.study_id)
        signed = self._signatures.of(request.study_id) if self._signatures else ()
        return catalog_pb2.GetStudyResponse(
            study=study_pb2.Study.FromString(document),
            countersignatures=[
                catalog_pb2.PolicyCountersignature(
                    policy_digest=one.policy_digest,
                    person=one.person,
                    time=convert.timestamp(one.time),
                )
                for one in signed
            ],
        )

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
        after, size = paging.read(request.page_token, request.page_size)
        states, more = self._catalog.states(request.study_id, after, size)
        return catalog_pb2.ListRecordingsResponse(
            recordings=[self._state(state) for state in states],
            next_page_token=paging.token(states[-1].ref) if more else "",
        )

    def GetRecordingState(
        self,
        request: catalog_pb2.GetRecordingStateRequest,
        context: grpc.ServicerContext,
    ) -> catalog_pb2.GetRecordingStateResponse:
        """Return the state of one recording."""
        state = self._catalog.state(convert.ref(request.ref))
        return catalog_pb2.GetRecordingStateResponse(state=self._state(state))


class CatalogWriterHandlers(catalog_service_pb2_grpc.CatalogWriterServiceServicer):
    """Writes studies; only the clinical zone has a pending list."""

    def __init__(self, catalog: Catalog, pending: PendingList | None, trail: AuditTrail) -> None:
        self._catalog = catalog
        self._pending = pending
        self._trail = trail

    def PutStudy(
        self,
        request: catalog_pb2.PutStudyRequest,
        context: grpc.ServicerContext,
    ) -> catalog_pb2.PutStudyResponse:
        """Create a study, or replace its description."""
        study = request.study
        study_description.check(study)
        person = calls.current().person

        def describe(before: bytes) -> bytes:
            return study_description.described(before, study, person)

        with (
            self._trail.record(
                Event.STUDY_WRITTEN,
                object=request.study.id,
                study_id=request.study.id,
                attributes=self._attributes(request.study),
            ) as act,
            self._changing(request.study.id) as change,
        ):
            existed = self._catalog.put_study(study.id, describe)
            change.happened = not existed
            act.note(existed=existed)
        return catalog_pb2.PutStudyResponse(existed=existed)

    def _changing(self, study: str) -> AbstractContextManager[Change]:
        return self._pending.changing(study) if self._pending else nullcontext(Change())

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
            if field.name not in study_description.OWN_FIELDS
            and getattr(before, field.name) != getattr(study, field.name)
        ]
        facts["changed"] = ",".join(names) or "nothing"
        return facts


class FailureHandlers(catalog_service_pb2_grpc.FailureServiceServicer):
    """Writes failures; only the clinical zone has them."""

    def __init__(self, catalog: Catalog, pending: PendingList, trail: AuditTrail) -> None:
        self._catalog = catalog
        self._pending = pending
        self._trail = trail

    def PutFailure(
        self,
        request: catalog_pb2.PutFailureRequest,
        context: grpc.ServicerContext,
    ) -> catalog_pb2.PutFailureResponse:
        """Record or clear the failure of a recording."""
        ref = convert.ref(request.ref)
        self._catalog.require(ref)
        given = convert.failure(request.failure) if request.HasField("failure") else None
        with self._trail.record(
            Event.RECORDING_FAILURE_WRITTEN,
            object=ref.recording_id,
            study_id=ref.owner.study,
            participant=ref.owner.code,
            attributes={"stage": given.stage, "reason": given.reason} if given else {},
        ):
            if given is not None:
                self._catalog.failures.put(ref.owner, ref.recording_id, given)
                self._pending.settle(ref, request.mark)
            else:
                with self._pending.changing(ref.owner.study, ref) as change:
                    self._catalog.failures.put(ref.owner, ref.recording_id, None)
                    change.happened = True
        return catalog_pb2.PutFailureResponse()
