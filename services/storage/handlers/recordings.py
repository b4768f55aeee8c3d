# SPDX-License-Identifier: Apache-2.0
"""Intake and reading of recordings."""

from __future__ import annotations

from collections.abc import Iterator

import grpc

from services.common.audit import AuditTrail
from services.registry.events import Event
from services.storage.domain.catalog import Catalog
from services.storage.domain.contents import Contents, ContentState, FoundContent
from services.storage.domain.recordings import Recordings
from services.storage.errors import ContentMismatch
from services.storage.handlers import convert
from services.storage.handlers.participants import Participants
from sotto.storage.v1 import recording_pb2, recording_service_pb2_grpc

_STATES = {
    ContentState.SEALED: recording_pb2.CONTENT_STATE_SEALED,
    ContentState.REMOVED: recording_pb2.CONTENT_STATE_REMOVED,
    ContentState.WITHDRAWN: recording_pb2.CONTENT_STATE_WITHDRAWN,
}


class RecordingWriterHandlers(recording_service_pb2_grpc.RecordingWriterServiceServicer):
    """Seals recordings; cannot read them back."""

    def __init__(
        self, recordings: Recordings, contents: Contents, catalog: Catalog, trail: AuditTrail
    ) -> None:
        self._recordings = recordings
        self._contents = contents
        self._participants = Participants(catalog)
        self._trail = trail

    def PutRecording(
        self,
        request_iterator: Iterator[recording_pb2.PutRecordingRequest],
        context: grpc.ServicerContext,
    ) -> recording_pb2.PutRecordingResponse:
        """Seal an upload."""
        first = next(request_iterator, None)
        if first is None or first.WhichOneof("part") != "header":
            raise ContentMismatch("the first message must be the header: send it, then chunks")
        header = convert.header(first.header)
        owner = header.owner
        self._participants.require(owner)
        with self._trail.record(
            Event.RECORDING_SEALED,
            object=self._recordings.recording_id(header),
            study_id=owner.study,
            participant=owner.code,
            attributes={
                "kind": header.kind,
                "session": header.session,
                "size": coarse(header.size),
            },
        ) as act:
            recording_id, existed = self._recordings.receive(
                header, convert.chunks(request_iterator)
            )
            act.note(existed=existed)
        return recording_pb2.PutRecordingResponse(
            ref=recording_pb2.RecordingRef(
                study_id=owner.study, participant=owner.participant, recording_id=recording_id
            ),
            existed=existed,
        )

    def FindContent(
        self,
        request: recording_pb2.FindContentRequest,
        context: grpc.ServicerContext,
    ) -> recording_pb2.FindContentResponse:
        """Say where contents are in a study already; each question is in the log."""
        with self._trail.record(
            Event.CONTENT_SOUGHT,
            study_id=request.study_id,
            attributes={"count": len(request.content_sha256)},
        ) as act:
            found = self._contents.find(request.study_id, request.content_sha256)
            act.note(objects=len(found))
        return recording_pb2.FindContentResponse(found=[_found(one) for one in found])


def _found(one: FoundContent) -> recording_pb2.FoundContent:
    message = recording_pb2.FoundContent(
        content_sha256=one.sha256,
        ref=convert.ref_message(one.ref),
        session=one.session,
        state=_STATES[one.state],
    )
    if one.removal is not None:
        message.removal = convert.REMOVAL_REASONS_BACK[one.removal]
    return message


def coarse(size: int) -> int:
    """Return a length in bytes as the log may hold it: rounded up to a power of two, from 1 MiB.

    An exact length tells which file it is, to whoever has files to compare.
    """
    return max(1 << 20, 1 << (size - 1).bit_length())


class RecordingReaderHandlers(recording_service_pb2_grpc.RecordingReaderServiceServicer):
    """Streams recordings in clear, for the transcription service."""

    def __init__(self, recordings: Recordings, trail: AuditTrail) -> None:
        self._recordings = recordings
        self._trail = trail

    def GetRecording(
        self,
        request: recording_pb2.GetRecordingRequest,
        context: grpc.ServicerContext,
    ) -> Iterator[recording_pb2.GetRecordingResponse]:
        """Stream header, chunks and, once all is verified, the end mark."""
        ref = convert.ref(request.ref)
        with (
            self._trail.record(
                Event.RECORDING_READ,
                object=ref.recording_id,
                study_id=ref.owner.study,
                participant=ref.owner.code,
            ),
            self._recordings.reading(ref.owner, ref.recording_id) as (recording, chunks),
        ):
            yield recording_pb2.GetRecordingResponse(header=convert.header_message(recording))
            for chunk in chunks:
                yield recording_pb2.GetRecordingResponse(chunk=chunk)
        # Behind the outcome's record: a reader that has the mark has a complete trace, too.
        yield recording_pb2.GetRecordingResponse(verified=True)

    def GetRecordingHeader(
        self,
        request: recording_pb2.GetRecordingHeaderRequest,
        context: grpc.ServicerContext,
    ) -> recording_pb2.GetRecordingHeaderResponse:
        """Return the header alone; the file's name, which is content, is left out."""
        ref = convert.ref(request.ref)
        with self._trail.record(
            Event.RECORDING_HEADER_READ,
            object=ref.recording_id,
            study_id=ref.owner.study,
            participant=ref.owner.code,
        ):
            header = convert.header_message(self._recordings.get(ref.owner, ref.recording_id))
            deleted = self._recordings.content_deleted(ref.owner, ref.recording_id)
        header.ClearField("file_name")
        return recording_pb2.GetRecordingHeaderResponse(header=header, content_deleted=deleted)
