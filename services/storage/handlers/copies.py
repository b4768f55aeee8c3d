# SPDX-License-Identifier: Apache-2.0
"""Records of copies of releases, for the release service. What people say of theirs is content."""

from __future__ import annotations

from collections.abc import Iterator

import grpc

from services.common.audit import AuditTrail
from services.registry.events import Event
from services.storage.domain import names
from services.storage.domain.names import Owner
from services.storage.domain.study_records import StudyRecords
from sotto.storage.v1 import copy_pb2, copy_service_pb2_grpc


class CopyStoreHandlers(copy_service_pb2_grpc.CopyStoreServiceServicer):
    """Keeps who took which release, and what they said of it since."""

    def __init__(self, copies: StudyRecords, trail: AuditTrail) -> None:
        self._copies = copies
        self._trail = trail

    def PutCopyRecord(
        self, request: copy_pb2.PutCopyRecordRequest, context: grpc.ServicerContext
    ) -> copy_pb2.PutCopyRecordResponse:
        """Write the record of a copy unless another state of it came between."""
        owner = Owner.of_study(request.study_id)
        with self._trail.record(
            Event.COPY_WRITTEN, object=request.copy_id, study_id=owner.study
        ) as act:
            key = names.copy(request.copy_id)
            generation = self._copies.put(owner, key, request.document, request.generation)
            act.note(generation=generation)
        return copy_pb2.PutCopyRecordResponse(generation=generation)

    def ListCopyRecords(
        self, request: copy_pb2.ListCopyRecordsRequest, context: grpc.ServicerContext
    ) -> Iterator[copy_pb2.ListCopyRecordsResponse]:
        """Give the newest record of each copy of a study."""
        for copy_id, document, generation in self._copies.all(Owner.of_study(request.study_id)):
            yield copy_pb2.ListCopyRecordsResponse(
                copy_id=copy_id, document=document, generation=generation
            )
