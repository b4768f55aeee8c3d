# SPDX-License-Identifier: Apache-2.0
"""IntakeService: what is in a file before it is a recording; the store records that it is read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import grpc

from services.transcription.adapters import convert
from services.transcription.domain.examination import Examiner, FoundAudio, UploadedFile
from services.transcription.handlers.cancelling import check_of
from sotto.storage.v1 import upload_pb2
from sotto.transcription.v1 import intake_pb2, intake_service_pb2_grpc


class IntakeHandlers(intake_service_pb2_grpc.IntakeServiceServicer):
    """Handlers of IntakeService; `open_upload` begins to read an upload."""

    def __init__(
        self,
        examiner: Examiner,
        open_upload: Callable[[upload_pb2.UploadRef], AbstractContextManager[UploadedFile]],
    ) -> None:
        self._examiner = examiner
        self._open_upload = open_upload

    def ExamineUpload(
        self, request: intake_pb2.ExamineUploadRequest, context: grpc.ServicerContext
    ) -> intake_pb2.ExamineUploadResponse:
        """Read an upload and tell what was found; store nothing."""
        options = convert.options_from_message(request.options)
        with self._open_upload(request.ref) as file:
            found = self._examiner.examine(file, options, check_of(context))
        if isinstance(found, FoundAudio):
            audio = intake_pb2.FoundAudio(
                duration_ms=found.duration_ms, channels=found.channels, doubts=found.doubts
            )
            return intake_pb2.ExamineUploadResponse(audio=audio)
        return intake_pb2.ExamineUploadResponse(reading=convert.reading_to_message(found))
