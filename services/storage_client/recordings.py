# SPDX-License-Identifier: Apache-2.0
"""Reading and writing of sealed recordings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, Self

import grpc

from services.common.errors import Corrupted
from sotto.storage.v1 import recording_pb2, recording_service_pb2_grpc


def put_recording(
    channel: grpc.Channel, header: recording_pb2.RecordingHeader, chunks: Iterable[bytes]
) -> recording_pb2.PutRecordingResponse:
    """Seal a recording; `chunks` are of at most 1 MiB each and are read while they are sent."""

    def messages() -> Iterator[recording_pb2.PutRecordingRequest]:
        yield recording_pb2.PutRecordingRequest(header=header)
        for chunk in chunks:
            yield recording_pb2.PutRecordingRequest(chunk=chunk)

    return recording_service_pb2_grpc.RecordingWriterServiceStub(channel).PutRecording(messages())


def read_header(
    channel: grpc.Channel, ref: recording_pb2.RecordingRef
) -> recording_pb2.GetRecordingHeaderResponse:
    """Return what is known of a recording without its bytes; raises NotFound."""
    stub = recording_service_pb2_grpc.RecordingReaderServiceStub(channel)
    return stub.GetRecordingHeader(recording_pb2.GetRecordingHeaderRequest(ref=ref))


class RecordingDownload:
    """A recording that is being read; leaving the context ends the call.

    Raises Corrupted when the stream does not begin with a header.
    """

    def __init__(self, channel: grpc.Channel, ref: recording_pb2.RecordingRef) -> None:
        stub = recording_service_pb2_grpc.RecordingReaderServiceStub(channel)
        self._answers: Any = stub.GetRecording(recording_pb2.GetRecordingRequest(ref=ref))
        first = next(iter(self._answers), None)
        if first is None or first.WhichOneof("part") != "header":
            raise _unverified()
        self.header: recording_pb2.RecordingHeader = first.header

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._answers.cancel()

    def chunks(self) -> Iterator[bytes]:
        """Yield the content in order; raises Corrupted at the end unless the whole was verified.

        What was yielded is provisional until the iterator ends.
        """
        content = hashlib.sha256()
        for answer in self._answers:
            part = answer.WhichOneof("part")
            if part == "chunk":
                content.update(answer.chunk)
                yield answer.chunk
            elif (
                part == "verified"
                and answer.verified
                and content.digest() == self.header.content_sha256
            ):
                return
        raise _unverified()


def _unverified() -> Corrupted:
    return Corrupted(
        "The store did not verify the whole recording, so none of it was used; "
        "check the zone with `sotto status` and try again."
    )
