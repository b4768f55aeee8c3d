# SPDX-License-Identifier: Apache-2.0
"""TranscriptionService: each call is a run, recorded in the audit log."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import grpc
import structlog

from services.common.audit import AuditTrail
from services.common.errors import Cancelled, Unavailable
from services.registry.events import Event
from services.transcription.domain.job import (
    JobResult,
    OpenRecording,
    Progress,
    TranscriptionRunner,
)
from services.transcription.domain.runs import EngineIdentity
from sotto.storage.v1 import recording_pb2
from sotto.transcription.v1 import transcription_pb2 as pb
from sotto.transcription.v1 import transcription_service_pb2_grpc

_log = structlog.get_logger(__name__)


OpenStored = Callable[[recording_pb2.RecordingRef], AbstractContextManager[OpenRecording]]
"""Begins to read a recording of the store; leaving the context ends the download."""


class TranscriptionHandlers(transcription_service_pb2_grpc.TranscriptionServiceServicer):
    """Handlers of TranscriptionService; `parallel` recordings at a time, others wait."""

    def __init__(
        self,
        runner: TranscriptionRunner,
        identity: Callable[[], EngineIdentity],
        open_recording: OpenStored,
        trail: AuditTrail,
        parallel: int,
    ) -> None:
        self._runner = runner
        self._identity = identity
        self._open_recording = open_recording
        self._trail = trail
        self._slots = threading.Semaphore(parallel)

    def Transcribe(
        self, request: pb.TranscribeRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.TranscribeResponse]:
        """Make the transcript of a recording, or resume one that was started."""
        ref = request.ref

        def check_cancelled() -> None:
            if not context.is_active():
                raise Cancelled(
                    "The call was cancelled or its deadline passed; "
                    "what was stored is kept for the next try."
                )

        with self._trail.record(
            Event.RECORDING_TRANSCRIBED,
            object=ref.recording_id,
            study_id=ref.study_id,
            participant=ref.participant,
        ) as act:
            while not self._slots.acquire(timeout=1.0):
                check_cancelled()
            try:
                with self._open_recording(ref) as stored:
                    for update in self._runner.run(
                        stored.recording, stored.study(), stored.run, check_cancelled
                    ):
                        if isinstance(update, JobResult):
                            act.note(run_key=update.run_key, segments=update.segments)
                            self._warn(update, ref.recording_id)
                        yield _message(update)
            finally:
                self._slots.release()

    def Plan(self, request: pb.PlanRequest, context: grpc.ServicerContext) -> pb.PlanResponse:
        """Return the run that would be made now."""
        raise Unavailable("not served yet; try again after an update")

    def DescribeEngine(
        self, request: pb.DescribeEngineRequest, context: grpc.ServicerContext
    ) -> pb.DescribeEngineResponse:
        """Return which engine and model are used."""
        identity = self._identity()
        return pb.DescribeEngineResponse(
            model=identity.model,
            model_sha256=identity.model_sha256,
            demo=identity.demo,
            engine=identity.engine,
        )

    @staticmethod
    def _warn(result: JobResult, recording_id: str) -> None:
        if result.may_be_hallucinated:
            _log.warning(
                "demo_model_on_unknown_recording",
                recording_id=recording_id,
                run_key=result.run_key,
                demo=True,
            )


def _message(update: Progress | JobResult) -> pb.TranscribeResponse:
    if isinstance(update, Progress):
        return pb.TranscribeResponse(
            progress=pb.TranscribeProgress(
                done_ms=update.done_ms, total_ms=update.total_ms, segments=update.segments
            )
        )
    return pb.TranscribeResponse(
        result=pb.TranscribeResult(
            run_key=update.run_key, segments=update.segments, existed=update.existed
        )
    )
