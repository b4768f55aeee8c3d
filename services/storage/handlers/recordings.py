# SPDX-License-Identifier: Apache-2.0
"""Intake and reading of recordings."""

from __future__ import annotations

from collections.abc import Iterator

import grpc

from services.common.audit import AuditTrail
from services.common.context import current
from services.common.errors import InvalidInput
from services.registry.events import Event
from services.storage.domain.catalog import Catalog
from services.storage.domain.contents import Contents, ContentState, FoundContent
from services.storage.domain.listening import Listening
from services.storage.domain.parts import Parts
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
        return recording_pb2.FindContentResponse(found=[found_message(one) for one in found])


def found_message(one: FoundContent) -> recording_pb2.FoundContent:
    """Return a place of a content as a message."""
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

    def __init__(self, recordings: Recordings, listening: Listening, trail: AuditTrail) -> None:
        self._recordings = recordings
        self._listening = listening
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

    def ReadRecordingParts(
        self,
        request_iterator: Iterator[recording_pb2.ReadRecordingPartsRequest],
        context: grpc.ServicerContext,
    ) -> Iterator[recording_pb2.ReadRecordingPartsResponse]:
        """Note what the person of the call hears, then give the parts that are asked for."""
        first = next(request_iterator, None)
        if first is None or first.WhichOneof("kind") != "begin":
            raise InvalidInput("say first what is heard, then which parts are wanted")
        begin = first.begin
        ref = convert.ref(begin.ref)
        stretch = (begin.start_ms // 1000, -(-begin.end_ms // 1000))
        if stretch[1] <= stretch[0]:
            raise InvalidInput("what is heard ends before it begins: give a start and a later end")
        with self._trail.record(
            Event.RECORDING_PARTS_READ,
            object=ref.recording_id,
            study_id=ref.owner.study,
            participant=ref.owner.code,
            attributes={"seconds": stretch[1] - stretch[0]},
        ):
            header = recording_pb2.RecordingPartsHeader(
                kind=convert.KINDS_BACK[self._recordings.get(ref.owner, ref.recording_id).kind],
                content_deleted=self._recordings.content_deleted(ref.owner, ref.recording_id),
            )
            if header.kind != recording_pb2.RECORDING_KIND_MEDIA or header.content_deleted:
                yield recording_pb2.ReadRecordingPartsResponse(header=header)
                return
            header.heard_ms = 1000 * self._listening.note(
                ref.owner, ref.recording_id, current().person, stretch, begin.most_ms // 1000
            )
            with self._recordings.reading_parts(ref.owner, ref.recording_id) as parts:
                header.size = parts.size
                yield recording_pb2.ReadRecordingPartsResponse(header=header)
                for request in request_iterator:
                    yield _part(parts, request)


def _part(
    parts: Parts, request: recording_pb2.ReadRecordingPartsRequest
) -> recording_pb2.ReadRecordingPartsResponse:
    if request.WhichOneof("kind") != "part":
        raise InvalidInput("what is heard came twice: send it once")
    data = parts.read(request.part.offset, request.part.length)
    return recording_pb2.ReadRecordingPartsResponse(chunk=data)
