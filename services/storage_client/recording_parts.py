# SPDX-License-Identifier: Apache-2.0
"""Reading of parts of a recording, for a clip of it."""

from __future__ import annotations

import queue
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Self

import grpc

from services.common.errors import Corrupted
from services.common.seekable_reader import SeekableReader
from sotto.storage.v1 import recording_pb2, recording_service_pb2_grpc

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BLOCK = 256 * 1024
"""Bytes of a part: what the sandbox asks for at once."""

_KEPT = 16
"""Blocks that are kept: readers of containers go back to their beginning."""


class RecordingParts(SeekableReader):
    """A recording that is read from anywhere while a call to the store is open.

    `header` says what it is; there is nothing to read where it says that there is no sound. Leaving
    the context in good order ends the call, whose outcome the store has recorded by then.
    """

    def __init__(self, channel: grpc.Channel, begin: recording_pb2.ReadRecordingPartsBegin) -> None:
        self._asked: queue.SimpleQueue[recording_pb2.ReadRecordingPartsRequest | None] = (
            queue.SimpleQueue()
        )
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._asked.put(recording_pb2.ReadRecordingPartsRequest(begin=begin))
        stub = recording_service_pb2_grpc.RecordingReaderServiceStub(channel)
        self._answers: Any = stub.ReadRecordingParts(iter(self._asked.get, None))
        try:
            self.header: recording_pb2.RecordingPartsHeader = self._answer("header").header
        except BaseException:
            self._asked.put(None)
            raise
        super().__init__(self.header.size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._asked.put(None)
        if kind is None:
            for _ in self._answers:
                pass
        else:
            self._answers.cancel()

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill a buffer from the position, or its beginning; 0 at the end."""
        view = memoryview(buffer).cast("B")
        if self._at >= self._size or not len(view):
            return 0
        number, offset = divmod(self._at, _BLOCK)
        part = self._block(number)[offset : offset + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            place = recording_pb2.RecordingPart(offset=number * _BLOCK, length=_BLOCK)
            self._asked.put(recording_pb2.ReadRecordingPartsRequest(part=place))
            data = self._answer("chunk").chunk
            if len(data) != min(_BLOCK, self._size - number * _BLOCK):
                raise _not_as_asked()
            self._blocks[number] = data
            if len(self._blocks) > _KEPT:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def _answer(self, part: str) -> recording_pb2.ReadRecordingPartsResponse:
        answer: recording_pb2.ReadRecordingPartsResponse | None = next(self._answers, None)
        if answer is None or answer.WhichOneof("kind") != part:
            raise _not_as_asked()
        return answer


def _not_as_asked() -> Corrupted:
    return Corrupted(
        "The store did not answer with the part of the recording that was asked for; check the zone"
        " with `sotto status` and try again."
    )
