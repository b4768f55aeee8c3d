# SPDX-License-Identifier: Apache-2.0
"""Sealed objects: a short preamble, then a Tink streaming AEAD stream.

    "SOTTO1" || version (uint32) || key id (16 bytes) || length (uint8) || content type || stream

Integers are big-endian. The associated data of the stream binds the whole preamble, and the zone,
the owner and the name that the reader asked for, so that an object opens in its own place only.
Tink 1.16 has three traps, and each has its answer here:

* bytes behind a full last segment are ignored: the length is compared with the one computed;
* closing the stream of a dying writer makes it look whole: only `Sealing.finish` commits;
* plaintext comes out before the end was seen: `Opening.chunks` says so, `open_whole` does not.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, Any, cast

import tink
from tink import secret_key_access, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, tink_pb2

from services.storage.domain.ports import ObjectReader, Staged
from services.storage.errors import Damaged

SEGMENT = 1 << 20
KEY_BYTES = 32
MAGIC = b"SOTTO1"

_KEY_ID_BYTES = 16
_FIXED = struct.Struct(f">6sI{_KEY_ID_BYTES}sB")
_TAG = 16
_STREAM_HEADER = 1 + KEY_BYTES + 7  # length byte, salt as long as the derived key, nonce prefix
_TYPE_URL = "type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey"

streaming_aead.register()


@dataclass(frozen=True, slots=True)
class DataKey:
    """A participant's key in clear; lives in memory only."""

    key_id: bytes
    material: bytes

    def __repr__(self) -> str:
        """Name the key without its material."""
        return f"DataKey({self.key_id.hex()})"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object belongs; nothing of it is stored in the object itself."""

    zone: str
    study: str
    participant: str
    name: str


@dataclass(frozen=True, slots=True)
class Preamble:
    """What stands in clear in front of the stream."""

    version: int
    key_id: bytes
    content_type: str

    def encode(self) -> bytes:
        """Bytes as they stand in the object."""
        kind = self.content_type.encode("ascii")
        return _FIXED.pack(MAGIC, self.version, self.key_id, len(kind)) + kind


@dataclass(frozen=True, slots=True)
class Digest:
    """Sizes in bytes and SHA-256 of an object, in clear and sealed."""

    size: int
    sha256: bytes
    sealed_size: int
    sealed_sha256: bytes


def associated_data(place: Place, preamble: Preamble) -> bytes:
    """Canonical encoding of all that a stream is bound to: each field with its length."""
    fields = (
        b"sotto sealed object 1",
        place.zone.encode(),
        place.study.encode(),
        place.participant.encode(),
        place.name.encode(),
        preamble.encode(),
    )
    return b"".join(struct.pack(">I", len(field)) + field for field in fields)


def sealed_size(size: int, content_type: str) -> int:
    """Length of the object that `size` bytes in clear become."""
    first = SEGMENT - _STREAM_HEADER - _TAG
    segments = 1 if size <= first else 1 + -(-(size - first) // (SEGMENT - _TAG))
    return _FIXED.size + len(content_type) + _STREAM_HEADER + size + _TAG * segments


class Sealing:
    """An object being sealed into a staged object; visible only after `finish`."""

    def __init__(self, staged: Staged, key: DataKey, place: Place, preamble: Preamble) -> None:
        self._staged = staged
        self._sink = _Sink(staged)
        self._clear = hashlib.sha256()
        self._size = 0
        self._sink.write(preamble.encode())
        self._stream = _primitive(key).new_encrypting_stream(
            cast("IO[bytes]", self._sink), associated_data(place, preamble)
        )

    def write(self, data: bytes) -> None:
        """Seal more bytes."""
        self._clear.update(data)
        self._size += len(data)
        with self._sink.own_errors():
            self._stream.write(data)

    @property
    def size(self) -> int:
        """Bytes in clear so far."""
        return self._size

    def content_sha256(self) -> bytes:
        """SHA-256 of the bytes in clear so far."""
        return self._clear.digest()

    def finish(self) -> Digest:
        """Write the last segment and make the object visible; raises what `Staged.commit` does."""
        with self._sink.own_errors():
            self._stream.close()
        digest = Digest(self._size, self._clear.digest(), self._sink.size, self._sink.sha256())
        self._sink.deaf = True
        self._staged.commit()
        return digest

    def abandon(self) -> None:
        """Leave nothing behind; may be called at any time, also after `finish`."""
        # Tink writes a valid last segment when its stream is closed or collected, whatever
        # happened before: from here on the sink hears nothing.
        self._sink.deaf = True
        self._staged.abort()


class Opening:
    """A sealed object being opened."""

    def __init__(self, reader: ObjectReader, place: Place) -> None:
        self._source = _Source(reader)
        self._reader = reader
        self._place = place
        self.preamble = self._read_preamble()
        self.size = 0
        self._clear = hashlib.sha256()

    def chunks(self, key: DataKey) -> Iterator[bytes]:
        """Bytes in clear, at most 1 MiB each, PROVISIONAL until the iterator ends by itself.

        Each chunk is authentic and in its place; that the object ends where it should is known
        only at the end. Raises `Damaged` for whatever does not fit.
        """
        if self.preamble.key_id != key.key_id:
            raise self._damaged("it was sealed under another key")
        stream = _primitive(key).new_decrypting_stream(
            cast("IO[bytes]", self._source), associated_data(self._place, self.preamble)
        )
        while True:
            try:
                chunk = stream.read(SEGMENT)
            except tink.TinkError:
                if self._source.failure is not None:
                    raise self._source.failure from None
                # The library's text tells which key or header it tried; ours tells the place.
                raise self._damaged("its seal is broken") from None
            if not chunk:
                break
            self.size += len(chunk)
            self._clear.update(chunk)
            yield chunk
        if self._reader.size != sealed_size(self.size, self.preamble.content_type):
            raise self._damaged("its length does not fit its content")

    def digest(self) -> Digest:
        """Sizes and hashes, once `chunks` ended by itself."""
        return Digest(self.size, self._clear.digest(), self._reader.size, self._source.sha256())

    def _read_preamble(self) -> Preamble:
        fixed = self._source.exactly(_FIXED.size)
        if len(fixed) != _FIXED.size:
            raise self._damaged("it is too short")
        magic, version, key_id, length = _FIXED.unpack(fixed)
        kind = self._source.exactly(length)
        if magic != MAGIC or len(kind) != length or not kind.isascii():
            raise self._damaged("it does not begin like a sealed object")
        return Preamble(version, key_id, kind.decode("ascii"))

    def _damaged(self, why: str) -> Damaged:
        return Damaged(
            f"object {self._place.name} is damaged: {why}. Run 'sotto storage scrub', "
            "then restore it from a backup"
        )


class _Sink(io.RawIOBase):
    """Hands ciphertext on to a staged object and hashes it."""

    def __init__(self, staged: Staged) -> None:
        super().__init__()
        self._staged = staged
        self._hash = hashlib.sha256()
        self.size = 0
        self.deaf = False
        self.failure: Exception | None = None

    @contextlib.contextmanager
    def own_errors(self) -> Iterator[None]:
        """Raise what the staged object raised, not what Tink made of it."""
        try:
            yield
        except tink.TinkError:
            if self.failure is not None:
                raise self.failure from None
            raise

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if not self.deaf:
            piece = bytes(data)
            try:
                self._staged.write(piece)
            except Exception as error:  # Tink would wrap it: kept, and raised by `own_errors`
                self.failure = error
                self.deaf = True
                raise
            self._hash.update(piece)
            self.size += len(piece)
        return len(data)

    def sha256(self) -> bytes:
        return self._hash.digest()

    def close(self) -> None:
        """Stay open: Tink closes what it was given, and the object is not finished by that."""


class _Source(io.RawIOBase):
    """Gives ciphertext to Tink, hashes it, and keeps the reader's own error."""

    def __init__(self, reader: ObjectReader) -> None:
        super().__init__()
        self._reader = reader
        self._buffer = memoryview(b"")
        self._hash = hashlib.sha256()
        self.failure: Exception | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._buffer:
            try:
                self._buffer = memoryview(self._reader.read(SEGMENT))
            except Exception as error:  # Tink would wrap it: kept, and raised by `chunks`
                self.failure = error
                raise
            self._hash.update(self._buffer)
        data = bytes(self._buffer[:size] if size > 0 else self._buffer)
        self._buffer = self._buffer[len(data) :]
        return data

    def exactly(self, size: int) -> bytes:
        """`size` bytes, or fewer at the end."""
        data = b""
        while len(data) < size and (piece := self.read(size - len(data))):
            data += piece
        return data

    def sha256(self) -> bytes:
        return self._hash.digest()

    def close(self) -> None:
        """Stay open: the opener closes its reader itself."""


@lru_cache(maxsize=64)
def _primitive(key: DataKey) -> streaming_aead.StreamingAead:
    proto = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(
        key_value=key.material,
        params=aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingParams(
            ciphertext_segment_size=SEGMENT,
            derived_key_size=KEY_BYTES,
            hkdf_hash_type=common_pb2.SHA256,
        ),
    )
    keyset = tink_pb2.Keyset(primary_key_id=1)
    entry = keyset.key.add(key_id=1, status=tink_pb2.ENABLED, output_prefix_type=tink_pb2.RAW)
    entry.key_data.type_url = _TYPE_URL
    entry.key_data.value = proto.SerializeToString()
    entry.key_data.key_material_type = tink_pb2.KeyData.SYMMETRIC
    handle = tink.proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)
    return cast("streaming_aead.StreamingAead", handle.primitive(streaming_aead.StreamingAead))


def forget_keys() -> None:
    """Drop prepared keys from memory."""
    _primitive.cache_clear()
