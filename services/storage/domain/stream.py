# SPDX-License-Identifier: Apache-2.0
"""Tink's streaming AEAD (AES-GCM-HKDF), AES-256 and SHA-256, in segments of 1 MiB.

    header  = length of the header (uint8) || salt (32 bytes) || nonce prefix (7 bytes)
    key     = HKDF-SHA-256(key, salt, info = associated data)
    segment = AES-256-GCM(nonce = prefix || number (uint32) || 1 for the last, else 0)

The first ciphertext segment is shorter by the header; each but the last is full. The format is that
of Tink's documentation, "AES-GCM-HKDF Streaming AEAD", and opens with any Tink; its Python library
copies each stream through small buffers, which costs eight times the cipher itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

TAG = 16
_PREFIX = 7


@dataclass(frozen=True, slots=True)
class Shape:
    """Parameters of a stream: bytes of a sealed segment and of the derived key, hash of HKDF."""

    segment: int = 1 << 20
    key: int = 32
    digest: hashes.HashAlgorithm = field(default_factory=hashes.SHA256)

    @property
    def header(self) -> int:
        """Length of the header."""
        return 1 + self.key + _PREFIX


OURS = Shape()


class Sealer:
    """Encrypts one stream; its output is not complete before `last`."""

    def __init__(self, key: bytes, associated_data: bytes, shape: Shape = OURS) -> None:
        self.header = (
            bytes([shape.header]) + secrets.token_bytes(shape.key) + secrets.token_bytes(_PREFIX)
        )
        self._segments = _Segments(key, associated_data, self.header, shape)
        self._clear = bytearray()

    def full(self, data: bytes) -> Iterator[bytes]:
        """Take bytes in clear; yield the sealed segments that are full and not the last."""
        rest = memoryview(data)
        while len(self._clear) + len(rest) > self._segments.room:
            take = self._segments.room - len(self._clear)
            self._clear += rest[:take]
            rest = rest[take:]
            yield self._segments.seal(self._clear, last=False)
            self._clear = bytearray()
        self._clear += rest

    def last(self) -> bytes:
        """Return the last sealed segment, full or not."""
        return self._segments.seal(self._clear, last=True)


class Opener:
    """Opens one stream, segment by segment."""

    def __init__(
        self, key: bytes, associated_data: bytes, header: bytes, shape: Shape = OURS
    ) -> None:
        """Read a header; raises ValueError where it is none."""
        if len(header) != shape.header or header[0] != shape.header:
            raise ValueError("this is no header of a stream")
        self._segments = _Segments(key, associated_data, header, shape)

    def open(self, segment: bytes, *, last: bool) -> bytes:
        """Return the next segment in clear; raises `cryptography.exceptions.InvalidTag`."""
        return self._segments.open(segment, last=last)

    def open_at(self, number: int, segment: bytes, *, last: bool) -> bytes:
        """Return the segment of this number in clear, and go on behind it; raises as `open`."""
        self._segments.number = number
        return self._segments.open(segment, last=last)


def layout(size: int, shape: Shape = OURS) -> Iterator[tuple[int, bool]]:
    """Yield the length of each sealed segment in `size` bytes after a header, and if it is last."""
    room = shape.segment - shape.header
    while size > room:
        yield room, False
        size -= room
        room = shape.segment
    yield size, True


class _Segments:
    """Key and counter of one stream."""

    def __init__(self, key: bytes, associated_data: bytes, header: bytes, shape: Shape) -> None:
        salt = header[1 : 1 + shape.key]
        kdf = HKDF(shape.digest, shape.key, salt, associated_data)
        self._cipher = AESGCM(kdf.derive(key))
        self._prefix = header[1 + shape.key :]
        self.number = 0
        self._shape = shape

    @property
    def room(self) -> int:
        """Bytes in clear that fit the next segment."""
        return self._shape.segment - TAG - (0 if self.number else self._shape.header)

    def seal(self, clear: bytes | bytearray, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last=last), clear, None)

    def open(self, sealed: bytes, *, last: bool) -> bytes:
        return self._cipher.decrypt(self._nonce(last=last), sealed, None)

    def _nonce(self, *, last: bool) -> bytes:
        nonce = self._prefix + self.number.to_bytes(4, "big") + bytes([last])
        self.number += 1
        return nonce
