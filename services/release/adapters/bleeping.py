# SPDX-License-Identifier: Apache-2.0
"""The transcription service, which makes bleeped sound of approved transcripts, over gRPC."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import grpc

from services.common.errors import Corrupted
from services.release.adapters.review_store import ref_of
from services.release.domain.ports import AudioMode, BleepedAudio, NoAudio, Study
from services.release.domain.transcript import Segment, TranscriptSummary
from services.release.errors import MadeByEarlierVersion
from services.storage_client.transcripts import encode
from sotto.transcript.v1 import transcript_pb2
from sotto.transcription.v1 import bleeping_pb2, bleeping_service_pb2_grpc

_SOUNDS = {
    AudioMode.BLEEPED: bleeping_pb2.BLEEP_SOUND_TONE,
    AudioMode.MUTED: bleeping_pb2.BLEEP_SOUND_SILENCE,
}
_MISSING = {
    bleeping_pb2.NO_AUDIO_REASON_MADE_ELSEWHERE: NoAudio.MADE_ELSEWHERE,
    bleeping_pb2.NO_AUDIO_REASON_DELETED: NoAudio.DELETED,
    bleeping_pb2.NO_AUDIO_REASON_INVENTED: NoAudio.INVENTED,
}


class BleepingClient:
    """Client of the bleeping service; the channel is opened by the first release with sound."""

    def __init__(self, channel: Callable[[], grpc.Channel]) -> None:
        self._channel = channel

    def bleep(
        self, study: Study, summary: TranscriptSummary, approved: Sequence[Segment]
    ) -> BleepedAudio | NoAudio:
        """Return the bleeped sound of a recording, or why there is none.

        Raises MadeByEarlierVersion where the transcript does not say what it was made from, and
        Corrupted where the bytes that came are not those that were announced.
        """
        if not summary.source_run_key:
            raise MadeByEarlierVersion(summary.recording_id)
        request = bleeping_pb2.BleepRequest(
            ref=ref_of(study.study_id, summary),
            source_run_key=summary.source_run_key,
            sound=_SOUNDS[study.audio],
            disguise=study.disguise_voices,
            encoded_segments=encode(_segment(index, one) for index, one in enumerate(approved)),
        )
        facts: bleeping_pb2.BleepedAudio | None = None
        data = bytearray()
        stub = bleeping_service_pb2_grpc.BleepingServiceStub(self._channel())
        for answer in stub.Bleep(request):
            part = answer.WhichOneof("part")
            if part == "audio":
                facts = answer.audio
            elif part == "chunk":
                data += answer.chunk
        if facts is not None and facts.missing in _MISSING:
            return _MISSING[facts.missing]
        if facts is None or hashlib.sha256(data).digest() != facts.content_sha256:
            raise Corrupted(
                f"the sound of {summary.recording_id} did not come whole; build the release again"
            )
        return BleepedAudio(
            bytes(data),
            facts.duration_ms,
            facts.redacted_stretches,
            facts.redacted_ms,
            facts.muted_ms,
            facts.heard_again,
            facts.checked_with,
        )


def _segment(index: int, one: Segment) -> transcript_pb2.Segment:
    return transcript_pb2.Segment(
        index=index,
        text=one.text,
        replacements=[
            transcript_pb2.Replacement(start=part.start, end=part.end, entity_type=part.entity_type)
            for part in one.replacements
        ],
    )
