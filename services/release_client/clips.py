# SPDX-License-Identifier: Apache-2.0
"""Asks for the sound of a place that a reviewer reads."""

from __future__ import annotations

import grpc

from services.common.errors import NotReady
from sotto.release.v1 import review_pb2
from sotto.transcript.v1 import transcript_pb2
from sotto.transcription.v1 import bleeping_pb2, clip_pb2, clip_service_pb2_grpc

_WHY = {
    bleeping_pb2.NO_AUDIO_REASON_MADE_ELSEWHERE: (
        "there is no sound: its transcript was made elsewhere, and nothing was recorded here"
    ),
    bleeping_pb2.NO_AUDIO_REASON_DELETED: (
        "there is no sound any more: it was deleted by the study's rule of retention"
    ),
    bleeping_pb2.NO_AUDIO_REASON_INVENTED: (
        "its words are invented by a demo model, so that nobody knows where one is in the sound"
    ),
}


def clip_of_words(
    channel: grpc.Channel,
    item: review_pb2.ReviewItem,
    segment: transcript_pb2.Segment,
    start: int = 0,
    end: int = 0,
) -> clip_pb2.GetClipResponse:
    """Return the sound of code points of a de-identified segment as its engine wrote it, or of all.

    Raises NotReady, in plain words, where there is no sound of the recording.
    """
    words = clip_pb2.ClipWords(
        segment=segment.index, start=start, end=end, encoded_segment=segment.SerializeToString()
    )
    return _ask(channel, item, clip_pb2.GetClipRequest(words=words))


def _ask(
    channel: grpc.Channel, item: review_pb2.ReviewItem, request: clip_pb2.GetClipRequest
) -> clip_pb2.GetClipResponse:
    if not item.source_run_key:
        raise NotReady(
            "an earlier version made this transcript, which does not say what it was made from;"
            f" make it anew with: sotto recordings redo --recording {item.ref.recording_id}"
        )
    request.ref.CopyFrom(item.ref)
    request.source_run_key = item.source_run_key
    answer = clip_service_pb2_grpc.ClipServiceStub(channel).GetClip(request)
    if answer.missing:
        raise NotReady(f"{item.ref.recording_id}: {_WHY.get(answer.missing, 'there is no sound')}")
    return answer
