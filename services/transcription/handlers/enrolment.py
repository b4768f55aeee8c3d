# SPDX-License-Identifier: Apache-2.0
"""EnrolmentService: the voice of an interviewer is checked here; the store records and seals it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import grpc

from services.common.errors import InvalidInput
from services.transcription.domain.enrolment import MOST_BYTES, CheckedClip, ClipChecker
from services.transcription.errors import BadVoiceClip
from services.transcription.handlers.cancelling import check_of
from sotto.transcription.v1 import enrolment_pb2 as pb
from sotto.transcription.v1 import enrolment_service_pb2_grpc


class Enrolled(NamedTuple):
    """Whether the same clip was there before, and whether another one was replaced."""

    existed: bool
    replaced: bool


class EnrolmentHandlers(enrolment_service_pb2_grpc.EnrolmentServiceServicer):
    """Handlers of EnrolmentService; `keep` has a clip of a study's person sealed."""

    def __init__(
        self, checker: ClipChecker, keep: Callable[[str, str, CheckedClip], Enrolled]
    ) -> None:
        self._checker = checker
        self._keep = keep

    def EnrolVoice(
        self, request_iterator: Iterator[pb.EnrolVoiceRequest], context: grpc.ServicerContext
    ) -> pb.EnrolVoiceResponse:
        """Check a clip and have it stored; of a clip that is refused nothing is kept."""
        first = next(request_iterator, None)
        if first is None or first.WhichOneof("part") != "begin":
            raise InvalidInput("say whose voice it is first, then send the bytes")
        begin = first.begin
        clip = self._checker.check(_chunks(request_iterator, check_of(context)))
        kept = self._keep(begin.study_id, begin.person, clip)
        return pb.EnrolVoiceResponse(
            existed=kept.existed, replaced=kept.replaced, speech_ms=clip.speech_ms
        )


def _chunks(
    messages: Iterator[pb.EnrolVoiceRequest], check_cancelled: Callable[[], None]
) -> Iterator[bytes]:
    total = 0
    for message in messages:
        check_cancelled()
        if message.WhichOneof("part") != "chunk":
            raise InvalidInput("whose voice it is came twice: send it once")
        total += len(message.chunk)
        if total > MOST_BYTES:
            raise BadVoiceClip(
                f"the file is larger than {MOST_BYTES >> 20} MiB: a voice needs half a minute"
            )
        yield message.chunk
