# SPDX-License-Identifier: Apache-2.0
"""Writing and reading of one object on an S3 server, in bounded memory.

A small object is one conditional PUT. A larger one is a multipart upload whose completion carries
the condition; an upload that is not completed is aborted. A retried write that meets its own first
try is recognised by a token in the object's metadata.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import urllib3
from minio.error import S3Error

from services.storage.adapters.s3_errors import translated
from services.storage.adapters.s3_sdk import Body, Client, Headers, SentPart
from services.storage.errors import ObjectExists, ObjectMissing, StoreOutOfSpace, StoreUnavailable

PART = 5 << 20  # bytes of a part: the least that S3 takes, so that memory stays small
_LARGE_PART = 16 << 20
_SMALL_PARTS = 2000  # after that many parts larger ones follow, so that 10,000 reach 130 GiB
_MOST_PARTS = 10_000
_AT_ONCE = 2  # parts on their way while the next one fills
_TRIES = 4
# What VersityGW says of a name in a folder that another process empties at the same moment.
_PASSING = {"ExistingObjectIsDirectory"}
_TOKEN = "x-amz-meta-sotto-write"  # noqa: S105 - the name of a header


class Upload:
    """A staged object on an S3 server."""

    def __init__(self, client: Client, bucket: str, name: str, headers: Headers) -> None:
        self._client = client
        self._bucket = bucket
        self._name = name
        self._token = secrets.token_hex(16)
        self._headers: Headers = {**headers, _TOKEN: self._token}
        self._pieces: list[memoryview] = []  # of the part that fills
        self._filled = 0
        self._upload_id = ""
        self._parts: list[Future[SentPart]] = []
        self._workers: ThreadPoolExecutor | None = None
        self._over = False

    def write(self, data: bytes) -> None:
        """Buffer the bytes; send a part when one is full."""
        if self._over:
            raise StoreUnavailable("the object was given up already: begin it again")
        rest = memoryview(data)
        while self._filled + len(rest) >= self._part_size():
            take = self._part_size() - self._filled
            self._pieces.append(rest[:take])
            rest = rest[take:]
            self.send(self._body())
        if rest:
            self._pieces.append(rest)
            self._filled += len(rest)

    def commit(self) -> None:
        """Make the object visible, once."""
        if self._over:
            raise StoreUnavailable("the object was given up already: begin it again")
        try:
            with translated(self._name):
                if self._upload_id:
                    self._complete()
                else:
                    self._put(self._body())
        except ObjectExists:
            if not self._is_ours():
                raise
        finally:
            self.abort()

    def _put(self, body: Body) -> None:
        for attempt in range(1, _TRIES + 1):
            try:
                self._client.put_once(self._bucket, self._name, body, self._headers)
            except S3Error as error:
                if error.code not in _PASSING or attempt == _TRIES:
                    raise
            else:
                return
            time.sleep(0.05 * 2**attempt)

    def abort(self) -> None:
        """Abort what is not complete."""
        if self._over:
            return
        self._over = True
        for part in self._parts:
            part.cancel()
        if self._workers is not None:
            self._workers.shutdown(wait=True, cancel_futures=True)
        if self._upload_id:
            # Best effort: a server that is unavailable now cleans up by its lifecycle rule.
            with contextlib.suppress(StoreUnavailable, ObjectMissing), translated(self._name):
                self._client.abort_upload(self._bucket, self._name, self._upload_id)
        self._pieces.clear()

    def _body(self) -> Body:
        body = Body(self._pieces)
        self._pieces = []
        self._filled = 0
        return body

    def _part_size(self) -> int:
        return PART if len(self._parts) < _SMALL_PARTS else _LARGE_PART

    def send(self, piece: Body) -> None:
        """Send a part, whatever its size."""
        if len(self._parts) >= _MOST_PARTS:
            raise StoreOutOfSpace("the object is larger than an S3 server can take")
        if not self._upload_id:
            with translated(self._name):
                self._upload_id = self._client.begin_upload(self._bucket, self._name, self._headers)
            self._workers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="s3-part")
        if len(self._parts) >= _AT_ONCE:
            with translated(self._name):
                self._parts[-_AT_ONCE].result()
        assert self._workers is not None  # noqa: S101 - made with the upload
        number = len(self._parts) + 1
        self._parts.append(
            self._workers.submit(
                self._client.put_part, self._bucket, self._name, self._upload_id, number, piece
            )
        )

    def _complete(self) -> None:
        if self._filled:
            self.send(self._body())
        parts = [future.result() for future in self._parts]
        self._client.complete_once(self._bucket, self._name, self._upload_id, parts)
        self._upload_id = ""

    def _is_ours(self) -> bool:
        """Return whether the object that is there came of an earlier attempt of this very write."""
        with contextlib.suppress(ObjectMissing), translated(self._name):
            found = self._client.stat_object(self._bucket, self._name)
            return (found.metadata or {}).get(_TOKEN) == self._token
        return False


class Download:
    """An object being read from an S3 server; continues where a broken connection stopped."""

    def __init__(self, client: Client, bucket: str, name: str, offset: int) -> None:
        self._client = client
        self._bucket = bucket
        self._name = name
        self._position = offset
        self._tag = ""
        self._response: Any = None
        self.size = 0
        self._open()

    def read(self, limit: int) -> bytes:
        """Read on."""
        for attempt in range(_TRIES):
            if self._position >= self.size:
                return b""
            try:
                if self._response is None:
                    self._open()
                data = bytes(self._response.read(limit))
            except (urllib3.exceptions.HTTPError, OSError, StoreUnavailable):
                data = b""
            if data:
                self._position += len(data)
                return data
            self._drop()
            time.sleep(0.2 * 2**attempt)
        raise StoreUnavailable(f"the S3 server breaks off object {self._name}: look at the server")

    def close(self) -> None:
        """Release the connection."""
        self._drop()

    def _open(self) -> None:
        # Later requests ask for the same object as the first, or none: parts of two do not fit.
        headers: Headers = {"If-Match": f'"{self._tag}"'} if self._tag else {}
        try:
            with translated(self._name):
                response = self._client.get_object(
                    self._bucket, self._name, offset=self._position, request_headers=headers
                )
        except StoreUnavailable as error:
            if error.reason != "store_range":
                raise
            # Nothing lies behind the end; the object's length is still asked for.
            with translated(self._name):
                self.size = int(self._client.stat_object(self._bucket, self._name).size or 0)
            return
        self._response = response
        self._tag = response.headers.get("etag", "").strip('"')
        whole = response.headers.get("content-range", "").rpartition("/")[2]
        length = response.headers.get("content-length", "")
        self.size = int(whole) if whole.isdigit() else self._position + int(length)

    def _drop(self) -> None:
        response, self._response = self._response, None
        if response is not None:
            response.close()
            response.release_conn()
