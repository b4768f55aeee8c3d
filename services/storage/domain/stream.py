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

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SEGMENT = 1 << 20
KEY_BYTES = 32
TAG = 16
_PREFIX = 7
HEADER = 1 + KEY_BYTES + _PREFIX


class Sealer:
    """Makes one stream; what it gives out is not whole before `last`."""

    def __init__(self, key: bytes, associated_data: bytes) -> None:
        salt = secrets.token_bytes(KEY_BYTES)
        prefix = secrets.token_bytes(_PREFIX)
        self.header = bytes([HEADER]) + salt + prefix
        self._segments = _Segments(key, salt, prefix, associated_data)
        self._clear = bytearray()

    def full(self, data: bytes) -> Iterator[bytes]:
        """Take bytes in clear; the sealed segments that are full and not the last."""
        rest = memoryview(data)
        while len(self._clear) + len(rest) > self._segments.room:
            take = self._segments.room - len(self._clear)
            self._clear += rest[:take]
            rest = rest[take:]
            yield self._segments.seal(self._clear, last=False)
            self._clear = bytearray()
        self._clear += rest

    def last(self) -> bytes:
        """The last sealed segment, full or not."""
        return self._segments.seal(self._clear, last=True)


class Opener:
    """Opens one stream, segment by segment."""

    def __init__(self, key: bytes, associated_data: bytes, header: bytes) -> None:
        """Read a header; raises ValueError where it is none."""
        if len(header) != HEADER or header[0] != HEADER:
            msg = "this is no header of a stream"
            raise ValueError(msg)
        salt, prefix = header[1 : 1 + KEY_BYTES], header[1 + KEY_BYTES :]
        self._segments = _Segments(key, salt, prefix, associated_data)

    def open(self, segment: bytes, *, last: bool) -> bytes:
        """The next segment in clear; raises `cryptography.exceptions.InvalidTag`."""
        return self._segments.open(segment, last=last)


def layout(size: int) -> Iterator[tuple[int, bool]]:
    """Length of each sealed segment in `size` bytes behind a header, and whether it is the last."""
    room = SEGMENT - HEADER
    while size > room:
        yield room, False
        size -= room
        room = SEGMENT
    yield size, True


class _Segments:
    """Key and counter of one stream."""

    def __init__(self, key: bytes, salt: bytes, prefix: bytes, associated_data: bytes) -> None:
        kdf = HKDF(hashes.SHA256(), KEY_BYTES, salt, associated_data)
        self._cipher = AESGCM(kdf.derive(key))
        self._prefix = prefix
        self._number = 0

    @property
    def room(self) -> int:
        """Bytes in clear that fit the next segment."""
        return SEGMENT - TAG - (0 if self._number else HEADER)

    def seal(self, clear: bytes | bytearray, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last=last), clear, None)

    def open(self, sealed: bytes, *, last: bool) -> bytes:
        return self._cipher.decrypt(self._nonce(last=last), sealed, None)

    def _nonce(self, *, last: bool) -> bytes:
        nonce = self._prefix + self._number.to_bytes(4, "big") + bytes([last])
        self._number += 1
        return nonce
