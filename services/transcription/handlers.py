# SPDX-License-Identifier: Apache-2.0
"""TranscriptionService: each call is a run, recorded in the audit log."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import grpc
import structlog

from services.common.audit import AuditTrail
from services.common.errors import Cancelled
from services.registry.events import Event
from services.transcription.domain.job import (
    JobResult,
    OpenRecording,
    Progress,
    RecordingDescription,
    TranscriptionRunner,
)
from sotto.storage.v1 import recording_pb2
from sotto.transcription.v1 import transcription_pb2 as pb
from sotto.transcription.v1 import transcription_service_pb2_grpc

_log = structlog.get_logger(__name__)


class RecordingStore(Protocol):
    """The recordings of the clinical zone."""

    def open(self, ref: recording_pb2.RecordingRef) -> AbstractContextManager[OpenRecording]:
        """Begin to read a recording; leaving the context ends the download."""
        ...

    def describe(self, ref: recording_pb2.RecordingRef) -> RecordingDescription:
        """Return what is known of a recording without its bytes."""
        ...


class TranscriptionHandlers(transcription_service_pb2_grpc.TranscriptionServiceServicer):
    """Handlers of TranscriptionService; `parallel` recordings at a time, others wait."""

    def __init__(
        self,
        runner: TranscriptionRunner,
        store: RecordingStore,
        trail: AuditTrail,
        parallel: int,
    ) -> None:
        self._runner = runner
        self._store = store
        self._trail = trail
        self._slots = threading.Semaphore(parallel)

    def Transcribe(
        self, request: pb.TranscribeRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.TranscribeResponse]:
        """Make the transcript of a recording, or resume one that was started."""
        ref = request.ref
        result: JobResult | None = None

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
                with self._store.open(ref) as stored:
                    for update in self._runner.run(
                        stored.recording, stored.study(), stored.run, check_cancelled
                    ):
                        if isinstance(update, JobResult):
                            result = update
                            act.note(run_key=update.run_key, segments=update.segments)
                            self._warn(update, ref.recording_id)
                        else:
                            yield _message(update)
            finally:
                self._slots.release()
        # Behind the outcome's record: a reader may leave as soon as it has the result.
        if result is not None:
            yield _message(result)

    def Plan(self, request: pb.PlanRequest, context: grpc.ServicerContext) -> pb.PlanResponse:
        """Return the run that would be made now."""
        found = self._store.describe(request.ref)
        planned = self._runner.plan(found.identity, found.study)
        return pb.PlanResponse(
            run_key=planned.key,
            provenance=planned.provenance,
            content_deleted=found.content_deleted,
        )

    def DescribeEngine(
        self, request: pb.DescribeEngineRequest, context: grpc.ServicerContext
    ) -> pb.DescribeEngineResponse:
        """Return which engine and model are used."""
        identity = self._runner.describe().identity
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
