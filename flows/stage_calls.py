# SPDX-License-Identifier: Apache-2.0
"""What the flow of a recording asks the services: which runs are wanted, and to make them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeVar

from flows.due import RecordingIds
from services.common.client import Peers
from services.common.errors import Cancelled, Erased, Internal, NotFound, SottoError
from services.recordings_client.stages import Stage, StageProgress
from services.registry import identities
from services.storage_client.catalog import CatalogClient
from sotto.deidentification.v1 import deidentification_pb2, deidentification_service_pb2_grpc
from sotto.release.v1 import release_service_pb2_grpc, review_pb2
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    pending_pb2,
    pending_service_pb2_grpc,
    recording_pb2,
)
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc

_MOST_MESSAGE = 500

_MOST_SEEN = 12
"""Updates from which the pace is taken: what a resumed run finds done comes at once, and passes."""

Report = Callable[[StageProgress], None]
"""Called with how far a stage is."""

_Update = TypeVar(
    "_Update", transcription_pb2.TranscribeResponse, deidentification_pb2.DeidentifyResponse
)


class StageCalls:
    """Calls of the services about a recording; a stage ends early once `stopping` is set."""

    def __init__(self, peers: Peers, stopping: threading.Event) -> None:
        self._peers = peers
        self._stopping = stopping

    def finished_transcript(self, recording: RecordingIds) -> str:
        """Return the key of the transcript that is wanted now if it is there; "" otherwise.

        A transcript under other settings, model or roster does not count, except where the content
        of the recording was deleted: then the newest one is the last that there will be. Raises
        Erased when the participant withdrew.
        """
        state = self._state(identities.CLINICAL, recording)
        if state.erased:
            raise Erased("the participant of this recording withdrew")
        if not state.transcripts:
            return ""
        wanted = transcription_service_pb2_grpc.TranscriptionServiceStub(
            self._peers.channel(identities.TRANSCRIPTION)
        ).Plan(transcription_pb2.PlanRequest(ref=recording.ref))
        if wanted.content_deleted:
            return state.transcripts[-1].manifest.run_key
        return wanted.run_key if _is_newest(state, wanted.run_key) else ""

    def finished_run(self, recording: RecordingIds, transcript: str) -> str:
        """Return the key of the de-identified run of a transcript that is wanted now, or "".

        A run of another transcript, or under another policy, does not count.
        """
        try:
            state = self._state(identities.RESEARCH, recording)
        except NotFound:
            return ""
        if not state.transcripts:
            return ""
        wanted = deidentification_service_pb2_grpc.DeidentificationServiceStub(
            self._peers.channel(identities.DEIDENTIFICATION)
        ).Plan(deidentification_pb2.PlanRequest(ref=recording.ref, source_run_key=transcript))
        return wanted.run_key if _is_newest(state, wanted.run_key) else ""

    def transcribe(self, recording: RecordingIds, report: Report) -> str:
        """Have the recording transcribed; return the key of the transcript."""
        stub = transcription_service_pb2_grpc.TranscriptionServiceStub(
            self._peers.channel(identities.TRANSCRIPTION)
        )
        return read_to_result(
            stub.Transcribe(transcription_pb2.TranscribeRequest(ref=recording.ref)),
            Stage.TRANSCRIPTION,
            lambda update: (update.progress.done, 1000, update.progress.before),
            report,
            self._stopping,
        ).result.run_key

    def deidentify(self, recording: RecordingIds, transcript: str, report: Report) -> str:
        """Have the transcript de-identified; return the key of the run."""
        stub = deidentification_service_pb2_grpc.DeidentificationServiceStub(
            self._peers.channel(identities.DEIDENTIFICATION)
        )
        request = deidentification_pb2.DeidentifyRequest(
            ref=recording.ref, source_run_key=transcript
        )
        return read_to_result(
            stub.Deidentify(request),
            Stage.DEIDENTIFICATION,
            lambda update: (update.progress.done, update.progress.total, 0),
            report,
            self._stopping,
        ).result.run_key

    def apply_review_rule(self, recording: RecordingIds, run: str) -> None:
        """Have the rule of the study's policy applied to a de-identified run."""
        release_service_pb2_grpc.ReviewRuleServiceStub(
            self._peers.channel(identities.RELEASE)
        ).ApplyReviewRule(review_pb2.ApplyReviewRuleRequest(ref=recording.ref, run_key=run))

    def settle(self, recording: RecordingIds, mark: int) -> None:
        """Say that nothing is due; a mark that is newer than `mark` keeps the recording pending."""
        pending_service_pb2_grpc.PendingServiceStub(
            self._peers.channel(identities.CLINICAL)
        ).SettleRecording(pending_pb2.SettleRecordingRequest(ref=recording.ref, mark=mark))

    def put_failure(
        self, recording: RecordingIds, stage: Stage, error: SottoError, mark: int
    ) -> None:
        """Write a failure to the catalogue, where people look for it.

        The recording is not tried again by itself, unless it has a mark that is newer than `mark`.
        """
        failure = recording_pb2.StageFailure(
            stage=stage, reason=error.status, message=error.message[:_MOST_MESSAGE]
        )
        catalog_service_pb2_grpc.FailureServiceStub(
            self._peers.channel(identities.CLINICAL)
        ).PutFailure(catalog_pb2.PutFailureRequest(ref=recording.ref, failure=failure, mark=mark))

    def _state(self, zone: str, recording: RecordingIds) -> catalog_pb2.RecordingState:
        return CatalogClient(self._peers.channel(zone)).recording(recording.ref)


def read_to_result(
    updates: Iterable[_Update],
    stage: Stage,
    progress: Callable[[_Update], tuple[int, int, int]],
    report: Report,
    stopping: threading.Event,
) -> _Update:
    """Read a stream of updates to the one with the result, and return that.

    `progress` returns how much of an update's work is done, of how much, and how many have their
    turn first; `report` is called with each update.
    Raises Cancelled when the run is to stop, Internal when the stream ends without a result.
    """
    pace = Pace()
    for update in updates:
        if stopping.is_set():
            raise Cancelled("the run was stopped; the stage goes on in the next one")
        if update.HasField("result"):
            return update
        done, total, before = progress(update)
        percent = round(100.0 * done / total, 1) if total else 0.0
        left = None if before else pace.seconds_left(percent)
        report(StageProgress(percent, left, before))
    raise Internal(f"{stage} ended without a result; try again")


class Pace:
    """How fast a stage goes; `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, float]] = deque(maxlen=_MOST_SEEN)

    def seconds_left(self, percent: float) -> int | None:
        """Note how far it is now; return how long the rest takes, None while no pace is known."""
        now = self._clock()
        self._seen.append((now, percent))
        since, then = self._seen[0]
        if percent <= then:
            return None
        return round((100.0 - percent) * (now - since) / (percent - then))


def _is_newest(state: catalog_pb2.RecordingState, run_key: str) -> bool:
    # An older run that is wanted again has to become the newest, which a release takes: its service
    # does that when it is asked for the run.
    return bool(state.transcripts) and state.transcripts[-1].manifest.run_key == run_key
