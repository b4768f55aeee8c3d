# SPDX-License-Identifier: Apache-2.0
"""Recordings of the clinical zone as clips are cut of them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from services.storage_client.recording_parts import RecordingParts
from services.storage_client.transcripts import is_invented, own_manifest, read_own_segment
from services.transcription.adapters.convert import from_message
from services.transcription.domain.bleep_job import NoAudio
from services.transcription.domain.clips import HeardRun, OpenSound, Times
from services.transcription.domain.transcript import Segment
from sotto.storage.v1 import recording_pb2

_READ_AHEAD = 256 * 1024


class StoredClipSource:
    """Implements `ClippedRecording` on the clinical zone."""

    def __init__(self, channel: grpc.Channel, ref: recording_pb2.RecordingRef) -> None:
        self._channel, self._ref = channel, ref

    def run(self, key: str) -> HeardRun:
        """Return a finished run; raises NotFound."""
        found = own_manifest(self._channel, self._ref, key)

        def segment(index: int) -> Segment:
            return from_message(read_own_segment(self._channel, self._ref, found, index))

        return HeardRun(found.duration_ms, is_invented(found), segment)

    @contextmanager
    def listen(self, times: Times, most_ms: int) -> Iterator[OpenSound | NoAudio]:
        """Open the recording for the person of the call; the store notes what they hear."""
        begin = recording_pb2.ReadRecordingPartsBegin(
            ref=self._ref, start_ms=times.start_ms, end_ms=times.end_ms, most_ms=most_ms
        )
        with RecordingParts(self._channel, begin) as parts:
            if parts.header.kind == recording_pb2.RECORDING_KIND_TRANSCRIPT:
                yield NoAudio.MADE_ELSEWHERE
            elif parts.header.content_deleted:
                yield NoAudio.DELETED
            else:
                file = io.BufferedReader(parts, buffer_size=_READ_AHEAD)
                yield OpenSound(file, parts.header.heard_ms)
