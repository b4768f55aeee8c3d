# SPDX-License-Identifier: Apache-2.0
"""The `minio` client, extended by conditional writes and bounded listings."""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

from minio import Minio
from minio.error import S3Error

Headers = dict[str, str | list[str] | tuple[str]]

_ONCE = {"If-None-Match": "*"}
_CRC = "x-amz-checksum-crc32"


class Body:
    """Bytes to send that lie in pieces; nothing is copied to join them."""

    def __init__(self, pieces: Sequence[bytes | memoryview]) -> None:
        self._pieces = pieces
        self._size = sum(map(len, pieces))

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes | memoryview]:
        return iter(self._pieces)

    def crc32(self) -> str:
        """Return the CRC-32 as S3 writes it."""
        value = 0
        for piece in self._pieces:
            value = zlib.crc32(piece, value)
        return b64encode(value.to_bytes(4, "big")).decode("ascii")


@dataclass(frozen=True, slots=True)
class SentPart:
    """A part that the server took; `crc32` is empty where none was sent."""

    number: int
    tag: str
    crc32: str


class Client(Minio):
    """A client that writes an object only when none of its name exists.

    A server checks what it takes against a SHA-256 (in the signature, without TLS) or an MD5 (with
    TLS). With `crc` it is a CRC-32, which costs both sides a tenth: for servers that were seen to
    refuse a wrong one, and connections that no other process can write into.
    """

    crc = False

    def put_once(self, bucket: str, name: str, body: Body, headers: Headers) -> None:
        """Write a whole object; the server answers PreconditionFailed where the name is taken."""
        kind: Headers = {"Content-Type": "application/octet-stream"}
        self._send(bucket, name, body, {**headers, **_ONCE, **kind}, {}, self._crc32(body))

    def begin_upload(self, bucket: str, name: str, headers: Headers) -> str:
        """Begin a multipart upload and return its id."""
        announced: Headers = {"x-amz-checksum-algorithm": "CRC32"} if self.crc else {}
        return self._create_multipart_upload(bucket, name, {**headers, **announced})

    def put_part(self, bucket: str, name: str, upload_id: str, number: int, body: Body) -> SentPart:
        """Send one part."""
        query: Headers = {"partNumber": str(number), "uploadId": upload_id}
        crc32 = self._crc32(body)
        tag = self._send(bucket, name, body, {}, query, crc32)
        return SentPart(number, tag, crc32)

    def complete_once(self, bucket: str, name: str, upload_id: str, parts: list[SentPart]) -> None:
        """Complete an upload, on the same condition as `put_once`."""
        root = ET.Element("CompleteMultipartUpload")
        for part in parts:
            element = ET.SubElement(root, "Part")
            if part.crc32:
                ET.SubElement(element, "ChecksumCRC32").text = part.crc32
            ET.SubElement(element, "PartNumber").text = str(part.number)
            ET.SubElement(element, "ETag").text = f'"{part.tag}"'
        body = ET.tostring(root)
        headers: Headers = {**_ONCE, "Content-Type": "application/xml", "Content-MD5": _md5(body)}
        response = self._execute(
            "POST", bucket, name, body=body, headers=headers, query_params={"uploadId": upload_id}
        )
        # A completion may answer 200 and carry an error in its body.
        if b"<Error" in response.data:
            code = ET.fromstring(response.data).findtext("{*}Code") or ""  # noqa: S314 - our server
            raise S3Error(response, code, None, None, None, None)

    def refuses_wrong_crc(self, bucket: str, name: str) -> bool:
        """Return whether the server refuses bytes that do not have the announced CRC-32."""
        try:
            self._send(bucket, name, Body([b"probe"]), {**_ONCE}, {}, Body([b"other"]).crc32())
        except S3Error as error:
            return "igest" in (error.code or "") or "hecksum" in (error.code or "")
        return False

    def _crc32(self, body: Body) -> str:
        return body.crc32() if self.crc else ""

    def _send(
        self,
        bucket: str,
        name: str,
        body: Body,
        headers: Headers,
        query: Headers,
        crc32: str,
    ) -> str:
        """Send bytes and return the tag that the server gives them."""
        sent: Any = body
        if crc32:
            headers = {**headers, _CRC: crc32}
        else:
            sent = b"".join(body)
            if self._base_url.is_https:
                headers = {**headers, "Content-MD5": _md5(sent)}
        return str(self._put_object(bucket, name, sent, headers, query or None).etag)

    def _build_headers(
        self, host: str, headers: Any = None, body: Any = None, creds: Any = None
    ) -> Any:
        """Leave out the hash of what a CRC-32 covers already."""
        if not isinstance(body, Body):
            return super()._build_headers(host, headers, body, creds)
        built, date = super()._build_headers(host, headers, None, creds)
        built["Content-Length"] = str(len(body))
        built["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD"
        return built, date

    def abort_upload(self, bucket: str, name: str, upload_id: str) -> None:
        """Abort an upload."""
        self._abort_multipart_upload(bucket, name, upload_id)

    def uploads(self, bucket: str) -> list[tuple[str, str, datetime]]:
        """Return name, id and begin of unfinished uploads, one page of them."""
        found = self._list_multipart_uploads(bucket).uploads
        return [
            (str(item.object_name), str(item.upload_id), item.initiated_time)
            for item in found
            if item.initiated_time is not None
        ]

    # The SDK's own listings fail on the times of some servers, which we do not need.

    def page(self, bucket: str, prefix: str, after: str, limit: int) -> list[tuple[str, int]]:
        """Return name and size of at most `limit` objects behind `after`, by one request."""
        query = {"list-type": "2", "prefix": prefix, "max-keys": str(limit), "start-after": after}
        root = self._list(bucket, query)
        return [
            (item.findtext("{*}Key") or "", int(item.findtext("{*}Size") or 0))
            for item in root.iterfind("{*}Contents")
        ][:limit]

    def versions(self, bucket: str, name: str) -> list[tuple[str, bool]]:
        """Return the ids of all versions of an object, and whether each is a delete marker."""
        found: list[tuple[str, bool]] = []
        markers = {"key-marker": "", "version-id-marker": ""}
        while True:
            root = self._list(bucket, {"versions": "", "prefix": name, **markers})
            for item in root:
                kind = item.tag.rpartition("}")[2]
                if kind in {"Version", "DeleteMarker"} and item.findtext("{*}Key") == name:
                    version = item.findtext("{*}VersionId") or "null"
                    found.append((version, kind == "DeleteMarker"))
            if root.findtext("{*}IsTruncated") != "true":
                return found
            markers = {
                "key-marker": root.findtext("{*}NextKeyMarker") or "",
                "version-id-marker": root.findtext("{*}NextVersionIdMarker") or "",
            }
            if markers["key-marker"] > name:
                return found  # what follows are objects whose names only begin alike

    def _list(self, bucket: str, query: dict[str, str]) -> ET.Element:
        # Empty parameters stay, since policies of some servers ask for them.
        response = self._execute("GET", bucket, query_params={"delimiter": "", **query})
        return ET.fromstring(response.data)  # noqa: S314 - our server


def _md5(data: bytes) -> str:
    return b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode("ascii")
