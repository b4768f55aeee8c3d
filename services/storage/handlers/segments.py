# SPDX-License-Identifier: Apache-2.0
"""Writing and reading of transcripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

import grpc
from google.protobuf.message import DecodeError

from services.common import membership, validation
from services.common.audit import Action, AuditTrail, behind_outcome
from services.common.context import current
from services.common.errors import InvalidInput
from services.registry.events import Event
from services.registry.identities import PEOPLE, REVIEWER
from services.storage.domain.names import RecordingRef
from services.storage.domain.transcripts import Finished, Transcripts
from services.storage.errors import ObjectMissing
from services.storage.handlers import convert
from sotto.storage.v1 import segment_pb2, segment_service_pb2_grpc
from sotto.study.v1 import study_pb2
from sotto.transcript.v1 import transcript_pb2


class SegmentWriterHandlers(segment_service_pb2_grpc.SegmentWriterServiceServicer):
    """Writes transcripts, a window at a time; `require` refuses what belongs to no recording."""

    def __init__(
        self, transcripts: Transcripts, require: Callable[[RecordingRef], None], trail: AuditTrail
    ) -> None:
        self._transcripts = transcripts
        self._require = require
        self._trail = trail

    def ListWindows(
        self,
        request: segment_pb2.ListWindowsRequest,
        context: grpc.ServicerContext,
    ) -> segment_pb2.ListWindowsResponse:
        """List what is stored of a run."""
        ref = convert.ref(request.ref)
        self._require(ref)
        response = segment_pb2.ListWindowsResponse(
            windows=self._transcripts.windows(ref.owner, ref.recording_id, request.run_key)
        )
        run = self._transcripts.finished(ref.owner, ref.recording_id, request.run_key)
        if run is not None:
            response.manifest.CopyFrom(convert.manifest(run))
        return response

    def GetWindow(
        self,
        request: segment_pb2.GetWindowRequest,
        context: grpc.ServicerContext,
    ) -> segment_pb2.GetWindowResponse:
        """Return a stored window."""
        ref = convert.ref(request.ref)
        with _record(self._trail, Event.TRANSCRIPT_READ, ref, request.run_key) as act:
            act.note(window=request.window)
            segments = self._transcripts.get_window(
                ref.owner, ref.recording_id, request.run_key, request.window
            )
        return segment_pb2.GetWindowResponse(encoded_segments=segments)

    def PutWindow(
        self,
        request: segment_pb2.PutWindowRequest,
        context: grpc.ServicerContext,
    ) -> segment_pb2.PutWindowResponse:
        """Store a window."""
        ref = convert.ref(request.ref)
        self._require(ref)
        _check(request.encoded_segments)
        with _record(self._trail, Event.WINDOW_SEALED, ref, request.run_key) as act:
            act.note(window=request.window, segments=len(request.encoded_segments))
            existed = self._transcripts.put_window(
                ref.owner,
                ref.recording_id,
                request.run_key,
                request.window,
                request.encoded_segments,
            )
        return segment_pb2.PutWindowResponse(existed=existed)

    def CommitTranscript(
        self,
        request: segment_pb2.CommitTranscriptRequest,
        context: grpc.ServicerContext,
    ) -> segment_pb2.CommitTranscriptResponse:
        """Finish a run."""
        ref = convert.ref(request.ref)
        self._require(ref)
        summary = convert.summary(request.manifest)
        with _record(self._trail, Event.TRANSCRIPT_SEALED, ref, summary.run_key) as act:
            act.note(windows=summary.window_count, segments=summary.segment_count)
            existed = self._transcripts.commit(ref.owner, ref.recording_id, summary)
        return segment_pb2.CommitTranscriptResponse(existed=existed)

    def SelectTranscript(
        self,
        request: segment_pb2.SelectTranscriptRequest,
        context: grpc.ServicerContext,
    ) -> segment_pb2.SelectTranscriptResponse:
        """Make a run the newest, unless it is."""
        ref = convert.ref(request.ref)
        self._require(ref)
        if self._transcripts.is_newest(ref.owner, ref.recording_id, request.run_key):
            return segment_pb2.SelectTranscriptResponse(existed=True)
        with _record(self._trail, Event.TRANSCRIPT_SELECTED, ref, request.run_key):
            self._transcripts.select(ref.owner, ref.recording_id, request.run_key)
        return segment_pb2.SelectTranscriptResponse()


class SegmentReaderHandlers(segment_service_pb2_grpc.SegmentReaderServiceServicer):
    """Reads finished transcripts.

    `get_study` returns the newest description of a study, `session_date` the date of an interview.
    """

    def __init__(
        self,
        transcripts: Transcripts,
        get_study: Callable[[str], bytes],
        session_date: Callable[[RecordingRef], str],
        trail: AuditTrail,
    ) -> None:
        self._transcripts = transcripts
        self._get_study = get_study
        self._session_date = session_date
        self._trail = trail

    def GetTranscript(
        self,
        request: segment_pb2.GetTranscriptRequest,
        context: grpc.ServicerContext,
    ) -> Iterator[segment_pb2.GetTranscriptResponse]:
        """Stream the manifest, then the windows, each verified before it is sent."""
        ref = convert.ref(request.ref)
        self._admit(ref)
        run = self._find(ref, request.run_key)
        recording = _record(self._trail, Event.TRANSCRIPT_READ, ref, run.summary.run_key)
        yield from behind_outcome(recording, self._stream(ref, run))

    def _stream(
        self, ref: RecordingRef, run: Finished
    ) -> Iterator[segment_pb2.GetTranscriptResponse]:
        yield segment_pb2.GetTranscriptResponse(
            manifest=convert.manifest(run), session_date=self._session_date(ref)
        )
        for index, segments in self._transcripts.read(ref.owner, ref.recording_id, run):
            window = segment_pb2.Window(window=index, encoded_segments=segments)
            yield segment_pb2.GetTranscriptResponse(window=window)

    def GetTranscriptManifest(
        self,
        request: segment_pb2.GetTranscriptManifestRequest,
        context: grpc.ServicerContext,
    ) -> segment_pb2.GetTranscriptManifestResponse:
        """Return the manifest of a finished transcript, and the date of the interview."""
        ref = convert.ref(request.ref)
        self._admit(ref)
        run = self._find(ref, request.run_key)
        with _record(self._trail, Event.TRANSCRIPT_MANIFEST_READ, ref, run.summary.run_key):
            session_date = self._session_date(ref)
        return segment_pb2.GetTranscriptManifestResponse(
            manifest=convert.manifest(run), session_date=session_date
        )

    def _admit(self, ref: RecordingRef) -> None:
        """Refuse a person who does not review the study, also where a service asks for a reviewer.

        The study is read for each call, since another process may have changed its members.
        """
        call = current()
        if call.client in PEOPLE or call.role == REVIEWER:
            study = study_pb2.Study.FromString(self._get_study(ref.owner.study))
            membership.require(study, study_pb2.MEMBER_ROLE_REVIEWER)

    def _find(self, ref: RecordingRef, run_key: str) -> Finished:
        if run_key:
            return self._transcripts.require(ref.owner, ref.recording_id, run_key)
        runs = self._transcripts.all_finished(ref.owner, ref.recording_id)
        if not runs:
            raise ObjectMissing(f"recording {ref.recording_id} has no such finished transcript")
        return runs[-1]


def _record(
    trail: AuditTrail, event: Event, ref: RecordingRef, run_key: str
) -> AbstractContextManager[Action]:
    return trail.record(
        event,
        object=f"{ref.recording_id}/{run_key}",
        study_id=ref.owner.study,
        participant=ref.owner.code,
    )


def _check(encoded: Sequence[bytes]) -> None:
    """Refuse what is no segment: it would be stored as it came, and no reader could use it."""
    for position, one in enumerate(encoded):
        try:
            segment = transcript_pb2.Segment.FromString(one)
        except DecodeError:
            raise InvalidInput(f"segment {position} of the window cannot be decoded") from None
        if fault := validation.find_fault(segment):
            raise InvalidInput(
                f"segment {position} of the window breaks the rules of its contract: {fault}"
            )
