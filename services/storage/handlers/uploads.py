# SPDX-License-Identifier: Apache-2.0
"""Uploads in parts: for those who bring recordings in, and for those who look at them before."""

from __future__ import annotations

from collections.abc import Iterator

import grpc

from services.common.audit import AuditTrail
from services.common.context import current
from services.registry.events import Event
from services.registry.media_forms import UNREADABLE, recording_form
from services.storage.domain.contents import Contents
from services.storage.domain.names import Owner
from services.storage.domain.recordings import Recordings
from services.storage.domain.uploads import PART_BYTES, Digests, Upload, UploadRef, Uploads
from services.storage.errors import ContentMismatch, ObjectMissing
from services.storage.handlers import convert
from services.storage.handlers.participants import Participants
from services.storage.handlers.recordings import coarse, found_message
from sotto.storage.v1 import recording_pb2, upload_pb2, upload_service_pb2_grpc

_CHUNK_BYTES = 1 << 20


class UploadHandlers(upload_service_pb2_grpc.UploadServiceServicer):
    """Takes files in parts; cannot read them back."""

    def __init__(
        self,
        uploads: Uploads,
        recordings: Recordings,
        contents: Contents,
        participants: Participants,
        trail: AuditTrail,
    ) -> None:
        self._uploads = uploads
        self._recordings = recordings
        self._contents = contents
        self._participants = participants
        self._trail = trail

    def BeginUpload(
        self, request: upload_pb2.BeginUploadRequest, context: grpc.ServicerContext
    ) -> upload_pb2.BeginUploadResponse:
        """Begin an upload, or go on with it."""
        owner = Owner(request.study_id, request.participant)
        self._participants.require(owner)
        first = request.first_part_sha256
        with self._trail.record(
            Event.UPLOAD_BEGUN,
            object=self._uploads.upload_id(owner, request.size, first),
            study_id=owner.study,
            participant=owner.code,
            attributes={"size": coarse(request.size)},
        ) as act:
            upload, existed = self._uploads.begin(
                owner, request.file_name, request.size, first, current().person
            )
            act.note(existed=existed)
        return upload_pb2.BeginUploadResponse(upload=_message(upload), existed=existed)

    def PutPart(
        self, request: upload_pb2.PutPartRequest, context: grpc.ServicerContext
    ) -> upload_pb2.PutPartResponse:
        """Seal a part."""
        ref = _ref(request.ref)
        with self._trail.record(
            Event.UPLOAD_PART_SEALED,
            object=ref.upload_id,
            study_id=ref.owner.study,
            participant=ref.owner.code,
            attributes={"part": request.part},
        ) as act:
            existed = self._uploads.put(ref, request.part, request.content_sha256, request.content)
            act.note(existed=existed)
        return upload_pb2.PutPartResponse(existed=existed)

    def GetUpload(
        self, request: upload_pb2.GetUploadRequest, context: grpc.ServicerContext
    ) -> upload_pb2.GetUploadResponse:
        """Tell how far an upload is."""
        return upload_pb2.GetUploadResponse(upload=_message(self._uploads.get(_ref(request.ref))))

    def ListUploads(
        self, request: upload_pb2.ListUploadsRequest, context: grpc.ServicerContext
    ) -> upload_pb2.ListUploadsResponse:
        """List uploads that did not end."""
        return upload_pb2.ListUploadsResponse(
            uploads=[_message(one) for one in self._uploads.all(request.study_id)]
        )

    def InspectUpload(
        self, request: upload_pb2.InspectUploadRequest, context: grpc.ServicerContext
    ) -> upload_pb2.InspectUploadResponse:
        """Tell what came, and where the same content is."""
        ref = _ref(request.ref)
        upload = self._uploads.get(ref)
        digests = self._digests(ref)
        form, is_media = recording_form(digests.head, upload.record.file_name)
        answer = upload_pb2.InspectUploadResponse(
            kind=_kind(is_media), form=form, unreadable=UNREADABLE.get(form, "")
        )
        for one in self._contents.find(ref.owner.study, [digests.content]):
            found = found_message(one)
            found.ClearField("content_sha256")  # the sender never learned it
            answer.found.append(found)
        return answer

    def FinishUpload(
        self, request: upload_pb2.FinishUploadRequest, context: grpc.ServicerContext
    ) -> upload_pb2.FinishUploadResponse:
        """Make an upload a recording."""
        ref = _ref(request.ref)
        upload = self._uploads.get(ref)
        if upload.recording:
            return _finished(ref, upload.recording, existed=True)
        try:
            return self._finish(request, upload)
        except ObjectMissing:
            # The same call at the same time was quicker, and took the parts away.
            upload = self._uploads.get(ref)
            if not upload.recording:
                raise
            return _finished(ref, upload.recording, existed=True)

    def _finish(
        self, request: upload_pb2.FinishUploadRequest, upload: Upload
    ) -> upload_pb2.FinishUploadResponse:
        ref = upload.ref
        digests = self._digests(ref)
        if digests.parts != request.parts_sha256:
            raise ContentMismatch(
                f"what came as {ref.upload_id} is not the file that is to be sealed: it was another"
                " file that begins alike, or it changed. Drop this upload and choose the file again"
            )
        header = convert.header(
            recording_pb2.RecordingHeader(
                study_id=ref.owner.study,
                participant=ref.owner.participant,
                session=request.session,
                kind=request.kind,
                file_name=upload.record.file_name,
                size=upload.record.size,
                content_sha256=digests.content,
                session_date=request.session_date,
                reading=request.reading if request.HasField("reading") else None,
                speakers=request.speakers,
            )
        )
        with self._trail.record(
            Event.RECORDING_SEALED,
            object=self._recordings.recording_id(header),
            study_id=ref.owner.study,
            participant=ref.owner.code,
            attributes={
                "kind": header.kind,
                "session": header.session,
                "size": coarse(header.size),
            },
        ) as act:
            recording_id, existed = self._recordings.receive(header, self._uploads.content(ref))
            self._uploads.became(ref, recording_id)
            act.note(existed=existed)
        return _finished(ref, recording_id, existed=existed)

    def AbortUpload(
        self, request: upload_pb2.AbortUploadRequest, context: grpc.ServicerContext
    ) -> upload_pb2.AbortUploadResponse:
        """Delete an upload."""
        ref = _ref(request.ref)
        return upload_pb2.AbortUploadResponse(objects_deleted=_end(self._uploads, ref, self._trail))

    def _digests(self, ref: UploadRef) -> Digests:
        with self._trail.record(
            Event.UPLOAD_CHECKED,
            object=ref.upload_id,
            study_id=ref.owner.study,
            participant=ref.owner.code,
        ):
            return self._uploads.digests(ref)


class UploadReaderHandlers(upload_service_pb2_grpc.UploadReaderServiceServicer):
    """Streams uploads in clear, for the transcription service."""

    def __init__(self, uploads: Uploads, trail: AuditTrail) -> None:
        self._uploads = uploads
        self._trail = trail

    def ReadUpload(
        self, request: upload_pb2.ReadUploadRequest, context: grpc.ServicerContext
    ) -> Iterator[upload_pb2.ReadUploadResponse]:
        """Stream what is known of the file, chunks and, once all is verified, the end mark."""
        ref = _ref(request.ref)
        with self._trail.record(
            Event.UPLOAD_READ,
            object=ref.upload_id,
            study_id=ref.owner.study,
            participant=ref.owner.code,
        ):
            name = self._uploads.get(ref).record.file_name
            is_first = True
            for data in self._uploads.content(ref):
                if is_first:
                    _, is_media = recording_form(data, name)
                    file = upload_pb2.UploadedFile(file_name=name, kind=_kind(is_media))
                    yield upload_pb2.ReadUploadResponse(file=file)
                    is_first = False
                for start in range(0, len(data), _CHUNK_BYTES):
                    chunk = data[start : start + _CHUNK_BYTES]
                    yield upload_pb2.ReadUploadResponse(chunk=chunk)
        yield upload_pb2.ReadUploadResponse(verified=True)


class UploadExpiryHandlers(upload_service_pb2_grpc.UploadExpiryServiceServicer):
    """Ends uploads that nobody finished, for the orchestrator."""

    def __init__(self, uploads: Uploads, trail: AuditTrail) -> None:
        self._uploads = uploads
        self._trail = trail

    def EndUploads(
        self, request: upload_pb2.EndUploadsRequest, context: grpc.ServicerContext
    ) -> upload_pb2.EndUploadsResponse:
        """End what was begun a day ago or earlier."""
        count = 0
        for ref in list(self._uploads.ended()):
            _end(self._uploads, ref, self._trail)
            count += 1
        return upload_pb2.EndUploadsResponse(ended=count)


def _end(uploads: Uploads, ref: UploadRef, trail: AuditTrail) -> int:
    with trail.record(
        Event.UPLOAD_ENDED,
        object=ref.upload_id,
        study_id=ref.owner.study,
        participant=ref.owner.code,
    ) as act:
        deleted = uploads.abort(ref)
        act.note(objects_deleted=deleted)
    return deleted


def _ref(message: upload_pb2.UploadRef) -> UploadRef:
    return UploadRef(Owner(message.study_id, message.participant), message.upload_id)


def _kind(is_media: bool) -> recording_pb2.RecordingKind:
    return convert.KINDS_BACK["media" if is_media else "transcript"]


def _finished(
    ref: UploadRef, recording_id: str, *, existed: bool
) -> upload_pb2.FinishUploadResponse:
    return upload_pb2.FinishUploadResponse(ref=_recording(ref, recording_id), existed=existed)


def _recording(ref: UploadRef, recording_id: str) -> recording_pb2.RecordingRef:
    return recording_pb2.RecordingRef(
        study_id=ref.owner.study,
        participant=ref.owner.participant,
        recording_id=recording_id,
    )


def _message(upload: Upload) -> upload_pb2.Upload:
    ref, record = upload.ref, upload.record
    message = upload_pb2.Upload(
        ref=upload_pb2.UploadRef(
            study_id=ref.owner.study, participant=ref.owner.participant, upload_id=ref.upload_id
        ),
        size=record.size,
        part_bytes=PART_BYTES,
        parts=record.parts,
        received=upload.received,
        begun_at=convert.timestamp(record.begun_at),
        begun_by=record.begun_by,
        recording=_recording(ref, upload.recording) if upload.recording else None,
    )
    message.expires_at.FromDatetime(record.expires_at)
    return message
