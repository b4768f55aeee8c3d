# SPDX-License-Identifier: Apache-2.0
"""The list of recordings that may have work due, for the orchestrator. Ids and numbers alone."""

from __future__ import annotations

from collections.abc import Callable

import grpc

from services.common.audit import AuditTrail
from services.common.errors import InvalidInput
from services.registry.events import Event
from services.storage.domain.names import RecordingRef
from services.storage.domain.pending import PendingList
from services.storage.handlers import convert, paging
from sotto.storage.v1 import pending_pb2, pending_service_pb2_grpc


class PendingHandlers(pending_service_pb2_grpc.PendingServiceServicer):
    """Keeps the list; `require` refuses what is no recording."""

    def __init__(
        self, pending: PendingList, require: Callable[[RecordingRef], None], trail: AuditTrail
    ) -> None:
        self._pending = pending
        self._require = require
        self._trail = trail

    def ListPending(
        self, request: pending_pb2.ListPendingRequest, context: grpc.ServicerContext
    ) -> pending_pb2.ListPendingResponse:
        """List recordings that were marked since they were settled last."""
        after, size = paging.read(request.page_token, request.page_size)
        found, more = self._pending.page(request.study_id, after, size)
        return pending_pb2.ListPendingResponse(
            recordings=[
                pending_pb2.PendingRecording(
                    ref=convert.ref_message(one.ref), session=one.session, mark=one.mark
                )
                for one in found
            ],
            next_page_token=paging.token(found[-1].ref) if more else "",
        )

    def MarkPending(
        self, request: pending_pb2.MarkPendingRequest, context: grpc.ServicerContext
    ) -> pending_pb2.MarkPendingResponse:
        """Mark one recording, those of a study, or all."""
        if not request.HasField("recording"):
            with self._trail.record(Event.WORK_REQUESTED, study_id=request.study_id) as act:
                marked = self._pending.mark_all(request.study_id)
                act.note(count=marked)
            return pending_pb2.MarkPendingResponse(marked=marked)
        ref = convert.ref(request.recording)
        if request.study_id not in {"", ref.owner.study}:
            raise InvalidInput("the recording belongs to another study: name one of the two")
        self._require(ref)
        with self._trail.record(
            Event.WORK_REQUESTED,
            object=ref.recording_id,
            study_id=ref.owner.study,
            participant=ref.owner.code,
        ):
            self._pending.mark(ref)
        return pending_pb2.MarkPendingResponse(marked=1)

    def SettleRecording(
        self, request: pending_pb2.SettleRecordingRequest, context: grpc.ServicerContext
    ) -> pending_pb2.SettleRecordingResponse:
        """Take a mark that was seen away."""
        still = self._pending.settle(convert.ref(request.ref), request.mark)
        return pending_pb2.SettleRecordingResponse(still_pending=still)

    def PutEngines(
        self, request: pending_pb2.PutEnginesRequest, context: grpc.ServicerContext
    ) -> pending_pb2.PutEnginesResponse:
        """Note the engines in use; mark all recordings where they changed."""
        if self._pending.has_engines(request.engines_sha256):
            return pending_pb2.PutEnginesResponse(marked=0)
        with self._trail.record(Event.WORK_REQUESTED) as act:
            marked = self._pending.put_engines(request.engines_sha256)
            act.note(count=marked)
        return pending_pb2.PutEnginesResponse(marked=marked)
