# SPDX-License-Identifier: Apache-2.0
"""TranscriptionService, where each call is a run that is recorded in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import grpc

from services.common.audit import AuditTrail
from services.common.errors import InvalidInput
from services.registry.events import Event
from services.transcription.adapters import convert
from services.transcription.domain.job import JobResult, Progress, TranscriptionRunner
from services.transcription.domain.ports import SourceRecording
from services.transcription.domain.reading import Reading
from services.transcription.domain.runs import RUN_VERSION
from services.transcription.domain.waiting_line import WaitingLine
from services.transcription.handlers.cancelling import check_of
from sotto.storage.v1 import recording_pb2
from sotto.transcription.v1 import transcription_pb2 as pb
from sotto.transcription.v1 import transcription_service_pb2_grpc


class PlannableRecording(SourceRecording, Protocol):
    """A recording of the store, of which it is known whether its content is still there."""

    @property
    def content_deleted(self) -> bool:
        """Whether its content was deleted by the study's rule of retention."""
        ...


class TranscriptionHandlers(transcription_service_pb2_grpc.TranscriptionServiceServicer):
    """Handlers of TranscriptionService; recordings take turns in `line`.

    `sandbox` is what confines the processes that read files from outside.
    """

    def __init__(
        self,
        runner: TranscriptionRunner,
        find: Callable[[recording_pb2.RecordingRef], PlannableRecording],
        trail: AuditTrail,
        line: WaitingLine,
        sandbox: str,
    ) -> None:
        self._runner = runner
        self._find = find
        self._trail = trail
        self._sandbox = sandbox
        self._line = line

    def Transcribe(
        self, request: pb.TranscribeRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.TranscribeResponse]:
        """Make the transcript of a recording, or resume one that was started."""
        ref = request.ref
        result: JobResult | None = None
        check_cancelled = check_of(context)
        with (
            self._trail.record(
                Event.RECORDING_TRANSCRIBED,
                object=ref.recording_id,
                study_id=ref.study_id,
                participant=ref.participant,
            ) as act,
            self._line.join() as wait,
        ):
            told = 0
            while before := wait(1.0):
                check_cancelled()
                if before != told:
                    told = before
                    yield pb.TranscribeResponse(progress=pb.TranscribeProgress(before=before))
            for update in self._runner.run(self._find(ref), check_cancelled):
                if isinstance(update, JobResult):
                    result = update
                    act.note(run_key=update.run_key, segments=update.segments)
                else:
                    yield _message(update)
        # Behind the outcome's record: a reader may leave as soon as it has the result.
        if result is not None:
            yield _message(result)

    def Plan(self, request: pb.PlanRequest, context: grpc.ServicerContext) -> pb.PlanResponse:
        """Return the run that would be made now."""
        found = self._find(request.ref)
        planned = self._runner.plan(found)
        return pb.PlanResponse(
            run_key=planned.key,
            provenance=planned.provenance,
            content_deleted=found.content_deleted,
            invented=planned.invented,
        )

    def ExamineTranscript(
        self, request_iterator: Iterator[pb.ExamineTranscriptRequest], context: grpc.ServicerContext
    ) -> pb.ExamineTranscriptResponse:
        """Read a transcript made elsewhere and tell what was found; store nothing."""
        first = next(request_iterator, None)
        if first is None or first.WhichOneof("part") != "begin":
            raise InvalidInput("send what is known of the transcript first, then its bytes")
        begin = first.begin
        options = convert.options_from_message(begin.options)
        turns = self._runner.parse(_chunks(request_iterator), begin.file_name, options)
        found = next(one for one in turns if isinstance(one, Reading))
        return pb.ExamineTranscriptResponse(reading=convert.reading_to_message(found))

    def DescribeEngine(
        self, request: pb.DescribeEngineRequest, context: grpc.ServicerContext
    ) -> pb.DescribeEngineResponse:
        """Return which engine and model are used."""
        described = self._runner.describe()
        identity = described.identity
        return pb.DescribeEngineResponse(
            model=identity.model,
            model_sha256=identity.model_sha256,
            demo=identity.demo,
            engine=identity.engine,
            invents=described.invents,
            run_version=RUN_VERSION,
            sandbox=self._sandbox,
        )


def _chunks(messages: Iterator[pb.ExamineTranscriptRequest]) -> Iterator[bytes]:
    for message in messages:
        if message.WhichOneof("part") != "chunk":
            raise InvalidInput("what is known of the transcript came twice: send it once")
        yield message.chunk


def _message(update: Progress | JobResult) -> pb.TranscribeResponse:
    if isinstance(update, Progress):
        return pb.TranscribeResponse(
            progress=pb.TranscribeProgress(
                done=1000 * update.done_ms // update.total_ms if update.total_ms else 0,
                segments=update.segments,
            )
        )
    return pb.TranscribeResponse(
        result=pb.TranscribeResult(
            run_key=update.run_key, segments=update.segments, existed=update.existed
        )
    )
