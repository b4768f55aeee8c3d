# SPDX-License-Identifier: Apache-2.0
"""Clips of interviewers' voices, which stay in the clinical zone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import grpc

from services.common.errors import Conflict
from sotto.storage.v1 import voice_pb2, voice_service_pb2_grpc


def describe_voices(channel: grpc.Channel, study_id: str) -> Sequence[voice_pb2.VoiceIdentity]:
    """Return which voices a study has; for the transcription service."""
    stub = voice_service_pb2_grpc.VoiceReaderServiceStub(channel)
    return stub.DescribeVoices(voice_pb2.DescribeVoicesRequest(study_id=study_id)).voices


def get_voice(channel: grpc.Channel, study_id: str, person: str, clip_sha256: bytes) -> bytes:
    """Return the clip with a hash; raises NotFound, and Conflict where it is another one by now."""
    stub = voice_service_pb2_grpc.VoiceReaderServiceStub(channel)
    request = voice_pb2.GetVoiceRequest(study_id=study_id, person=person)
    clip: bytes = stub.GetVoice(request).clip
    if hashlib.sha256(clip).digest() != clip_sha256:
        raise Conflict("a voice of the study was enrolled anew meanwhile: transcribe again")
    return clip


def put_voice(
    channel: grpc.Channel, study_id: str, person: str, clip: bytes, speech_ms: int
) -> voice_pb2.PutVoiceResponse:
    """Store a clip that was checked; for the transcription service."""
    stub = voice_service_pb2_grpc.VoiceWriterServiceStub(channel)
    return stub.PutVoice(
        voice_pb2.PutVoiceRequest(study_id=study_id, person=person, clip=clip, speech_ms=speech_ms)
    )


def list_voices(channel: grpc.Channel, study_id: str) -> Sequence[voice_pb2.ListedVoice]:
    """Return whose voices a study has; for operators."""
    stub = voice_service_pb2_grpc.VoiceRegisterServiceStub(channel)
    return stub.ListVoices(voice_pb2.ListVoicesRequest(study_id=study_id)).voices


def erase_voice(channel: grpc.Channel, study_id: str, person: str) -> bool:
    """Delete a clip; return whether there was one."""
    stub = voice_service_pb2_grpc.VoiceRegisterServiceStub(channel)
    request = voice_pb2.EraseVoiceRequest(study_id=study_id, person=person)
    return stub.EraseVoice(request).erased
