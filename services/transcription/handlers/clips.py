# SPDX-License-Identifier: Apache-2.0
"""ClipService: clips for reviewers of the study, each recorded before its bytes leave."""

from __future__ import annotations

from collections.abc import Callable

import grpc

from services.common import membership
from services.common.audit import AuditTrail
from services.registry.events import Event
from services.transcription.adapters import convert
from services.transcription.domain.clips import Clip, ClipMaker, ClippedRecording
from sotto.storage.v1 import recording_pb2
from sotto.study.v1 import study_pb2
from sotto.transcription.v1 import clip_pb2, clip_service_pb2_grpc


class ClipHandlers(clip_service_pb2_grpc.ClipServiceServicer):
    """Handlers of ClipService. A clip takes no turn in the line of recordings: it is quick.

    `study` returns the newest description of a study, `find` what clips of a recording are cut of.
    """

    def __init__(
        self,
        maker: ClipMaker,
        study: Callable[[str], study_pb2.Study],
        find: Callable[[recording_pb2.RecordingRef], ClippedRecording],
        trail: AuditTrail,
    ) -> None:
        self._maker = maker
        self._study = study
        self._find = find
        self._trail = trail

    def GetClip(
        self, request: clip_pb2.GetClipRequest, context: grpc.ServicerContext
    ) -> clip_pb2.GetClipResponse:
        """Cut a clip; the study is read for each, since its members may have changed."""
        ref = request.ref
        membership.require(self._study(ref.study_id), study_pb2.MEMBER_ROLE_REVIEWER)
        with self._trail.record(
            Event.CLIP_CUT,
            object=ref.recording_id,
            study_id=ref.study_id,
            participant=ref.participant,
            attributes={"run_key": request.source_run_key},
        ) as act:
            made = self._maker.make(
                self._find(ref), request.source_run_key, convert.clip_place(request)
            )
            if isinstance(made, Clip):
                length = made.times.end_ms - made.times.start_ms
                act.note(seconds=-(-length // 1000))
        return convert.clip_message(made)
