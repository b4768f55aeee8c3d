# SPDX-License-Identifier: Apache-2.0
"""Has a transcript read before it is sealed; the reading happens in the service's sandbox."""

from __future__ import annotations

from collections.abc import Iterator

from services.common.client import Channels
from services.intake import source_files
from services.registry import identities
from sotto.transcript.v1 import reading_pb2
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc

_SECONDS = 1800.0


def read_transcript(
    peers: Channels, source: source_files.SourceFile, options: reading_pb2.ReadingOptions
) -> reading_pb2.Reading:
    """Return what is found in a file that is no recording; nothing of it is stored.

    Raises InvalidInput where it is no transcript either, and as `source_files.content` does.
    """

    def messages() -> Iterator[transcription_pb2.ExamineTranscriptRequest]:
        name = source.path.name.encode("utf-8", "replace").decode()
        yield transcription_pb2.ExamineTranscriptRequest(
            begin=transcription_pb2.TranscriptToExamine(file_name=name, options=options)
        )
        for chunk in source_files.content(source):
            yield transcription_pb2.ExamineTranscriptRequest(chunk=chunk)

    stub = transcription_service_pb2_grpc.TranscriptionServiceStub(
        peers.channel(identities.TRANSCRIPTION)
    )
    return stub.ExamineTranscript(messages(), timeout=_SECONDS).reading
