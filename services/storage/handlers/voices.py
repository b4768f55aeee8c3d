# SPDX-License-Identifier: Apache-2.0
"""Clips of interviewers' voices."""

from __future__ import annotations

from collections.abc import Callable

import grpc

from services.common.audit import AuditTrail
from services.registry.events import Event
from services.storage.domain.voices import VoiceStore
from services.storage.handlers import convert
from sotto.storage.v1 import voice_pb2 as pb
from sotto.storage.v1 import voice_service_pb2_grpc as grpc_pb


class VoiceReaderHandlers(grpc_pb.VoiceReaderServiceServicer):
    """Gives clips to the transcription service."""

    def __init__(self, voices: VoiceStore, trail: AuditTrail) -> None:
        self._voices = voices
        self._trail = trail

    def DescribeVoices(
        self, request: pb.DescribeVoicesRequest, context: grpc.ServicerContext
    ) -> pb.DescribeVoicesResponse:
        """Return whose voices there are, and the hashes of their clips."""
        return pb.DescribeVoicesResponse(
            voices=[
                pb.VoiceIdentity(person=one.person, clip_sha256=bytes.fromhex(one.clip_sha256))
                for one in self._voices.of(request.study_id)
            ]
        )

    def GetVoice(
        self, request: pb.GetVoiceRequest, context: grpc.ServicerContext
    ) -> pb.GetVoiceResponse:
        """Return a clip."""
        with self._trail.record(
            Event.VOICE_READ,
            object="voice",
            study_id=request.study_id,
            attributes={"account": request.person},
        ):
            clip = self._voices.clip(request.study_id, request.person)
        return pb.GetVoiceResponse(clip=clip)


class VoiceWriterHandlers(grpc_pb.VoiceWriterServiceServicer):
    """Takes checked clips from the transcription service; `require` refuses an unknown study."""

    def __init__(
        self, voices: VoiceStore, require: Callable[[str], object], trail: AuditTrail
    ) -> None:
        self._voices = voices
        self._require = require
        self._trail = trail

    def PutVoice(
        self, request: pb.PutVoiceRequest, context: grpc.ServicerContext
    ) -> pb.PutVoiceResponse:
        """Store a clip in the place of the one before."""
        with self._trail.record(
            Event.VOICE_ENROLLED,
            object="voice",
            study_id=request.study_id,
            attributes={"account": request.person},
        ) as act:
            self._require(request.study_id)
            existed, replaced = self._voices.put(
                request.study_id, request.person, request.clip, request.speech_ms
            )
            act.note(existed=existed)
        return pb.PutVoiceResponse(existed=existed, replaced=replaced)


class VoiceRegisterHandlers(grpc_pb.VoiceRegisterServiceServicer):
    """Lists and deletes voices, for operators; without sound."""

    def __init__(self, voices: VoiceStore, trail: AuditTrail) -> None:
        self._voices = voices
        self._trail = trail

    def ListVoices(
        self, request: pb.ListVoicesRequest, context: grpc.ServicerContext
    ) -> pb.ListVoicesResponse:
        """Return whose voices there are."""
        return pb.ListVoicesResponse(
            voices=[
                pb.ListedVoice(
                    person=one.person,
                    speech_ms=one.speech_ms,
                    enrolled_at=convert.timestamp(one.enrolled_at),
                )
                for one in self._voices.of(request.study_id)
            ]
        )

    def EraseVoice(
        self, request: pb.EraseVoiceRequest, context: grpc.ServicerContext
    ) -> pb.EraseVoiceResponse:
        """Delete a clip."""
        with self._trail.record(
            Event.VOICE_ERASED,
            object="voice",
            study_id=request.study_id,
            attributes={"account": request.person},
        ) as act:
            erased = self._voices.erase(request.study_id, request.person)
            act.note(objects_deleted=int(erased))
        return pb.EraseVoiceResponse(erased=erased)
