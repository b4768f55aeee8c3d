# SPDX-License-Identifier: Apache-2.0
"""Intake and reading of recordings."""

from __future__ import annotations

from collections.abc import Iterator

import grpc

from services.common.audit import AuditTrail
from services.registry.events import Event
from services.storage.domain.catalog import Catalog
from services.storage.domain.recordings import RecordingHeader, Recordings
from services.storage.errors import ContentMismatch, NotAParticipant
from services.storage.handlers import convert
from sotto.storage.v1 import recording_pb2, recording_service_pb2_grpc
from sotto.study.v1 import study_pb2


class RecordingWriterHandlers(recording_service_pb2_grpc.RecordingWriterServiceServicer):
    """Seals recordings; cannot read them back."""

    def __init__(self, recordings: Recordings, catalog: Catalog, trail: AuditTrail) -> None:
        self._recordings = recordings
        self._catalog = catalog
        self._trail = trail
        # By study: the generation of its description, and the codes in it.
        self._participants: dict[str, tuple[int, frozenset[str]]] = {}

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
        self._admit(header)
        owner = header.owner
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

    def _admit(self, header: RecordingHeader) -> None:
        owner = header.owner
        # Another process may have changed the study, so that its generation is looked at each time.
        generation = self._catalog.study_generation(owner.study)
        known = self._participants.get(owner.study)
        if known is None or known[0] != generation:
            study = study_pb2.Study.FromString(self._catalog.get_study(owner.study))
            known = generation, frozenset(study.participants)
            self._participants[owner.study] = known
        if owner.participant not in known[1]:
            raise NotAParticipant(
                f"study {owner.study} has no participant {owner.participant}: add the code to the "
                "study's description, then ingest again"
            )


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
