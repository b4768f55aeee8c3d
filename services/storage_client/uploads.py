# SPDX-License-Identifier: Apache-2.0
"""Uploads in parts: sending one, and reading what came of it before it is a recording."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Self

import grpc

from services.common.errors import Corrupted
from sotto.storage.v1 import upload_pb2, upload_service_pb2_grpc

PART_BYTES = 3 << 20
"""Length of each part but the last one, as the store tells it too."""

_LONG_SECONDS = 1800.0
"""For calls that read a whole upload."""


class UploadClient:
    """The uploads of the clinical zone, for those who bring recordings in."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = upload_service_pb2_grpc.UploadServiceStub(channel)

    def begin(self, request: upload_pb2.BeginUploadRequest) -> upload_pb2.BeginUploadResponse:
        """Begin an upload, or go on with that of the same file."""
        return self._stub.BeginUpload(request)

    def put(self, ref: upload_pb2.UploadRef, part: int, content: bytes, sha256: bytes) -> bool:
        """Have a part sealed; True where it was there already."""
        request = upload_pb2.PutPartRequest(
            ref=ref, part=part, content=content, content_sha256=sha256
        )
        return self._stub.PutPart(request).existed

    def get(self, ref: upload_pb2.UploadRef) -> upload_pb2.Upload:
        """Return how far an upload is; raises NotFound for one that ended."""
        return self._stub.GetUpload(upload_pb2.GetUploadRequest(ref=ref)).upload

    def all(self, study_id: str = "") -> list[upload_pb2.Upload]:
        """Return the uploads that did not end, of one study or of all."""
        request = upload_pb2.ListUploadsRequest(study_id=study_id)
        return list(self._stub.ListUploads(request).uploads)

    def inspect(self, ref: upload_pb2.UploadRef) -> upload_pb2.InspectUploadResponse:
        """Return what came by its first bytes, and where the same content is."""
        request = upload_pb2.InspectUploadRequest(ref=ref)
        return self._stub.InspectUpload(request, timeout=_LONG_SECONDS)

    def finish(self, request: upload_pb2.FinishUploadRequest) -> upload_pb2.FinishUploadResponse:
        """Make an upload a recording; may be repeated."""
        return self._stub.FinishUpload(request, timeout=_LONG_SECONDS)

    def abort(self, ref: upload_pb2.UploadRef) -> None:
        """Give an upload up; may be repeated."""
        self._stub.AbortUpload(upload_pb2.AbortUploadRequest(ref=ref))


class UploadDownload:
    """An upload that is being read; leaving the context ends the call.

    Raises Corrupted when the stream does not begin with what is known of the file.
    """

    def __init__(self, channel: grpc.Channel, ref: upload_pb2.UploadRef) -> None:
        stub = upload_service_pb2_grpc.UploadReaderServiceStub(channel)
        self._answers: Any = stub.ReadUpload(upload_pb2.ReadUploadRequest(ref=ref))
        first = next(iter(self._answers), None)
        if first is None or first.WhichOneof("part") != "file":
            raise _unverified()
        self.file: upload_pb2.UploadedFile = first.file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._answers.cancel()

    def chunks(self) -> Iterator[bytes]:
        """Yield the content in order; raises Corrupted at the end unless the whole was verified."""
        for answer in self._answers:
            part = answer.WhichOneof("part")
            if part == "chunk":
                yield answer.chunk
            elif part == "verified" and answer.verified:
                return
        raise _unverified()


def parts_sha256(hashes: Iterator[bytes] | list[bytes]) -> bytes:
    """Return the hash over the hashes of all parts, by which a sender says what it sent."""
    return hashlib.sha256(b"".join(hashes)).digest()


def _unverified() -> Corrupted:
    return Corrupted(
        "The store did not verify the whole upload, so none of it was used; drop it and upload the"
        " file again."
    )
