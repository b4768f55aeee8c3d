# SPDX-License-Identifier: Apache-2.0
"""Sealed objects: a short preamble, then a stream of Tink's streaming AEAD.

    "SOTTO1" || version (uint32) || key id (16 bytes) || length (uint8) || content type || stream

Integers are big-endian. The associated data of the stream binds the whole preamble, and the zone,
the owner and the name that the reader asked for, so that an object opens in its own place only.
Where Tink's own library has traps (it ignores bytes behind a full last segment, makes the stream of
a dying writer look whole, returns plaintext before the end was seen), this has answers:

* segments are counted from the length of the object: bytes behind the end break the last seal;
* only `Sealing.finish` writes a last segment, and then commits;
* `Opening.chunks` says that what it gives is provisional.
"""

from __future__ import annotations

import contextlib
import hashlib
import struct
from collections.abc import Generator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag

from services.storage.domain import stream
from services.storage.domain.digests import ObjectDigest
from services.storage.domain.parts import Parts, ReadAt
from services.storage.domain.ports import ObjectReader, Staged
from services.storage.domain.prefetch import prefetch
from services.storage.errors import DataCorrupted

SEGMENT = stream.OURS.segment
KEY_BYTES = stream.OURS.key
MAGIC = b"SOTTO1"

_KEY_ID_BYTES = 16
_WORTH_A_THREAD = 4 * SEGMENT  # bytes; starting a thread takes longer than a smaller object
_FIXED = struct.Struct(f">6sI{_KEY_ID_BYTES}sB")


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
    """The unencrypted fields in front of the stream."""

    version: int
    key_id: bytes
    content_type: str

    def encode(self) -> bytes:
        """Return the bytes as the object holds them."""
        kind = self.content_type.encode("ascii")
        return _FIXED.pack(MAGIC, self.version, self.key_id, len(kind)) + kind


def associated_data(place: Place, preamble: Preamble) -> bytes:
    """Return the canonical encoding of all that a stream is bound to: fields with lengths."""
    fields = (
        b"sotto sealed object 1",
        place.zone.encode(),
        place.study.encode(),
        place.participant.encode(),
        place.name.encode(),
        preamble.encode(),
    )
    return b"".join(struct.pack(">I", len(field)) + field for field in fields)


class Sealing:
    """An object being sealed into a staged object; visible only after `finish`."""

    def __init__(self, staged: Staged, key: DataKey, place: Place, preamble: Preamble) -> None:
        self._staged = staged
        self._sealer = stream.Sealer(key.material, associated_data(place, preamble))
        self._clear = hashlib.sha256()
        self._sealed = hashlib.sha256()
        self.size = 0  # bytes in clear so far
        self._sealed_size = 0
        self._pass_on(preamble.encode() + self._sealer.header)

    def write(self, data: bytes) -> None:
        """Seal more bytes."""
        self._clear.update(data)
        self.size += len(data)
        for segment in self._sealer.full(data):
            self._pass_on(segment)

    def content_sha256(self) -> bytes:
        """Return the SHA-256 of the bytes in clear so far."""
        return self._clear.digest()

    def finish(self) -> ObjectDigest:
        """Write the last segment and make the object visible; raises what `Staged.commit` does."""
        self._pass_on(self._sealer.last())
        self._staged.commit()
        return ObjectDigest(
            size=self.size,
            sha256=self._clear.digest(),
            sealed_size=self._sealed_size,
            sealed_sha256=self._sealed.digest(),
        )

    def abandon(self) -> None:
        """Leave nothing behind; may be called at any time, also after `finish`."""
        self._staged.abort()

    def _pass_on(self, sealed: bytes) -> None:
        self._sealed.update(sealed)
        self._sealed_size += len(sealed)
        self._staged.write(sealed)


class Opening:
    """A sealed object being opened."""

    def __init__(self, reader: ObjectReader, place: Place) -> None:
        self._reader = reader
        self._place = place
        self._left = reader.size
        self._clear = hashlib.sha256()
        self._sealed = hashlib.sha256()
        self.size = 0  # bytes in clear so far
        self.preamble = self._read_preamble()

    def chunks(self, key: DataKey) -> Generator[bytes, None, None]:
        """Yield bytes in clear, at most 1 MiB each, PROVISIONAL until the iterator ends by itself.

        Each chunk is authentic and in its place; that the object ends where it should is known
        only at the end. A caller that stops early closes it before the reader, since a thread
        reads ahead. Raises `DataCorrupted` for whatever does not fit.
        """
        opener = self._opener(key)
        segments = self._segments()
        if self._left > _WORTH_A_THREAD:
            segments = prefetch(segments)
        with contextlib.closing(segments):
            for sealed, last in segments:
                try:
                    chunk = opener.open(sealed, last=last)
                except InvalidTag:
                    raise self._damaged("its seal is broken") from None
                self.size += len(chunk)
                self._clear.update(chunk)
                if chunk:
                    yield chunk

    def parts(self, key: DataKey, read_at: ReadAt) -> Parts:
        """Return the object as parts that are read from anywhere; `read_at` reads its sealed bytes.

        Raises `DataCorrupted` as `chunks` does.
        """
        opener = self._opener(key)
        behind = self._reader.size - self._left
        return Parts(
            opener,
            lambda offset, size: read_at(behind + offset, size),
            self._left,
            self._damaged,
        )

    def digest(self) -> ObjectDigest:
        """Return sizes and hashes, once `chunks` ended by itself."""
        return ObjectDigest(
            size=self.size,
            sha256=self._clear.digest(),
            sealed_size=self._reader.size,
            sealed_sha256=self._sealed.digest(),
        )

    def _opener(self, key: DataKey) -> stream.Opener:
        if self.preamble.key_id != key.key_id:
            raise self._damaged("it was sealed under another key")
        bound = associated_data(self._place, self.preamble)
        try:
            return stream.Opener(key.material, bound, self._take(stream.OURS.header))
        except ValueError:
            raise self._damaged("its seal is broken") from None

    def _segments(self) -> Generator[tuple[bytes, bool], None, None]:
        for size, last in stream.layout(self._left):
            yield self._take(size), last

    def _take(self, size: int) -> bytes:
        """Return the next `size` bytes of the object, or fewer where it ends."""
        size = min(size, self._left)
        data = self._reader.read(size)
        while len(data) < size and (more := self._reader.read(size - len(data))):
            data += more
        self._left -= len(data)
        self._sealed.update(data)
        return data

    def _read_preamble(self) -> Preamble:
        fixed = self._take(_FIXED.size)
        if len(fixed) != _FIXED.size:
            raise self._damaged("it is too short")
        magic, version, key_id, length = _FIXED.unpack(fixed)
        kind = self._take(length)
        if magic != MAGIC or len(kind) != length or not kind.isascii():
            raise self._damaged("it does not begin like a sealed object")
        return Preamble(version, key_id, kind.decode("ascii"))

    def _damaged(self, why: str) -> DataCorrupted:
        return DataCorrupted(
            f"object {self._place.name} is damaged: {why}. Run 'sotto storage scrub', "
            "then restore it from a backup"
        )
