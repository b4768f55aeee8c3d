# SPDX-License-Identifier: Apache-2.0
"""The `minio` client with what its public side lacks: conditional writes and bounded listings."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from datetime import datetime
from xml.etree import ElementTree as ET

from minio import Minio
from minio.datatypes import Part
from minio.error import S3Error

Headers = dict[str, str | list[str] | tuple[str]]

_ONCE = {"If-None-Match": "*"}


class Client(Minio):
    """A client that writes an object only where there is none."""

    def put_once(self, bucket: str, name: str, body: bytes, headers: Headers) -> None:
        """Write a whole object; the server answers PreconditionFailed where the name is taken."""
        self._put_object(
            bucket,
            name,
            body,
            {
                **headers,
                **_ONCE,
                **self._checksum(body),
                "Content-Type": "application/octet-stream",
            },
        )

    def _checksum(self, body: bytes) -> Headers:
        # Without TLS the signature covers a SHA-256 of the body already.
        return {"Content-MD5": _md5(body)} if self._base_url.is_https else {}

    def begin_upload(self, bucket: str, name: str, headers: Headers) -> str:
        """Begin a multipart upload; its id."""
        return self._create_multipart_upload(bucket, name, {**headers})

    def put_part(self, bucket: str, name: str, upload_id: str, number: int, body: bytes) -> Part:
        """Send one part."""
        headers = self._checksum(body)
        tag = self._upload_part(bucket, name, body, headers, upload_id, number)
        return Part(number, tag)

    def complete_once(self, bucket: str, name: str, upload_id: str, parts: list[Part]) -> None:
        """Complete an upload, on the same condition as `put_once`."""
        root = ET.Element("CompleteMultipartUpload")
        for part in parts:
            element = ET.SubElement(root, "Part")
            ET.SubElement(element, "PartNumber").text = str(part.part_number)
            ET.SubElement(element, "ETag").text = f'"{part.etag}"'
        body = ET.tostring(root)
        headers: Headers = {**_ONCE, "Content-Type": "application/xml", "Content-MD5": _md5(body)}
        response = self._execute(
            "POST", bucket, name, body=body, headers=headers, query_params={"uploadId": upload_id}
        )
        # A completion may answer 200 and carry an error in its body.
        if b"<Error" in response.data:
            code = ET.fromstring(response.data).findtext("{*}Code") or ""  # noqa: S314 - our server
            raise S3Error(response, code, None, None, None, None)

    def abort_upload(self, bucket: str, name: str, upload_id: str) -> None:
        """Give an upload up."""
        self._abort_multipart_upload(bucket, name, upload_id)

    def uploads(self, bucket: str) -> list[tuple[str, str, datetime]]:
        """Name, id and begin of unfinished uploads, one page of them."""
        found = self._list_multipart_uploads(bucket).uploads
        return [
            (str(item.object_name), str(item.upload_id), item.initiated_time)
            for item in found
            if item.initiated_time is not None
        ]

    # The SDK's own listings fail on the times of some servers, which we do not need.

    def page(self, bucket: str, prefix: str, after: str, limit: int) -> list[tuple[str, int]]:
        """Name and size of at most `limit` objects behind `after`, by one request."""
        query = {"list-type": "2", "prefix": prefix, "max-keys": str(limit), "start-after": after}
        root = self._list(bucket, query)
        return [
            (item.findtext("{*}Key") or "", int(item.findtext("{*}Size") or 0))
            for item in root.iterfind("{*}Contents")
        ][:limit]

    def versions(self, bucket: str, name: str) -> list[tuple[str, bool]]:
        """Ids of all versions of an object, and whether each is a delete marker."""
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
