# SPDX-License-Identifier: Apache-2.0
"""BleepingService: sound for releases, recorded in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import grpc

from services.common.audit import AuditTrail
from services.registry.events import Event
from services.storage_client import chunks
from services.transcription.adapters import convert
from services.transcription.domain.bleep_job import (
    BleepableRecording,
    BleepedAudio,
    BleepRunner,
    NoAudio,
)
from services.transcription.domain.waiting_line import WaitingLine
from services.transcription.handlers.cancelling import check_of
from sotto.storage.v1 import recording_pb2
from sotto.transcription.v1 import bleeping_pb2, bleeping_service_pb2_grpc


class BleepingHandlers(bleeping_service_pb2_grpc.BleepingServiceServicer):
    """Handlers of BleepingService, which take turns with those of TranscriptionService."""

    def __init__(
        self,
        runner: BleepRunner,
        find: Callable[[recording_pb2.RecordingRef], BleepableRecording],
        trail: AuditTrail,
        line: WaitingLine,
    ) -> None:
        self._runner = runner
        self._find = find
        self._trail = trail
        self._line = line

    def Bleep(
        self, request: bleeping_pb2.BleepRequest, context: grpc.ServicerContext
    ) -> Iterator[bleeping_pb2.BleepResponse]:
        """Make the sound of what an approved transcript says; nothing of it is sent before it was
        heard again.
        """
        ref = request.ref
        check_cancelled = check_of(context)
        with (
            self._trail.record(
                Event.AUDIO_BLEEPED,
                object=ref.recording_id,
                study_id=ref.study_id,
                participant=ref.participant,
                attributes={"run_key": request.source_run_key},
            ) as act,
            self._line.join() as wait,
        ):
            while before := wait(1.0):
                check_cancelled()
                yield bleeping_pb2.BleepResponse(progress=bleeping_pb2.BleepProgress(before=before))
            order = convert.bleep_order(request)
            made = self._runner.run(self._find(ref), order, check_cancelled)
            if isinstance(made, BleepedAudio):
                act.note(
                    count=made.redacted_stretches,
                    muted_share=made.muted_ms / made.duration_ms if made.duration_ms else 0.0,
                    heard_again=made.heard_again,
                )
        # Behind the outcome's record: a reader may leave as soon as it has what it wants.
        yield bleeping_pb2.BleepResponse(audio=convert.audio_message(made))
        for chunk in chunks.of_bytes(b"" if isinstance(made, NoAudio) else made.data):
            yield bleeping_pb2.BleepResponse(chunk=chunk)
