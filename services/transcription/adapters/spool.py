# SPDX-License-Identifier: Apache-2.0
"""Encrypted working copy of a recording (a spool): seekable, and never on the disk in clear.

Containers such as MP4 put their index at the end, so ffmpeg must seek. A recording can be larger
than memory, so it cannot always stay there; a RAM disk can be swapped out in clear. The spool
therefore encrypts each chunk (AES-256-GCM) under a key that lives only in this object, and
keeps the result in memory while small, else in a file that has no name from the moment it
exists. When the process dies, the key is gone and the kernel frees the blocks.
"""

from __future__ import annotations

import contextlib
import errno
import io
import tempfile
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.common.seekable_reader import SeekableReader
from services.transcription.errors import OutOfSpace, TooLarge

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK = 256 * 1024
"""Bytes of a chunk; ffmpeg reads in order, so larger ones save nothing."""

_TAG = 16
"""Bytes of the authentication tag of AES-GCM."""


class SealedSpool:
    """Written once in order, then read any number of times from anywhere.

    `folder` takes the unnamed file once more than `memory_bytes` are written. Raises `TooLarge`
    beyond `max_bytes` and `OutOfSpace` when the disk is full.
    """

    def __init__(self, folder: Path | None, *, memory_bytes: int, max_bytes: int) -> None:
        self._cipher = AESGCM(AESGCM.generate_key(256))
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed by close()
            # 0 would mean that everything stays in memory.
            max_size=max(memory_bytes, 1),
            dir=str(folder) if folder else None,
        )
        self._pending = bytearray()
        self._chunks = 0
        self._max_bytes = max_bytes
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self.size += len(data)
        if self.size > self._max_bytes:
            raise TooLarge(f"The recording is larger than the limit of {self._max_bytes} bytes.")
        self._pending += data
        while len(self._pending) >= _CHUNK:
            self._seal(bytes(self._pending[:_CHUNK]))
            del self._pending[:_CHUNK]

    def finish(self) -> None:
        """Seal the last chunk; call once, before the first `open`."""
        if self._pending:
            self._seal(bytes(self._pending))
            self._pending.clear()

    def open(self) -> io.BufferedReader:
        """Return a seekable reader from the start; one reader at a time."""
        return io.BufferedReader(_SpoolReader(self), buffer_size=_CHUNK)

    def chunk(self, index: int) -> bytes:
        """Return one chunk in clear."""
        if index >= self._chunks:
            return b""
        self._file.seek(index * (_CHUNK + _TAG))
        sealed = self._file.read(_CHUNK + _TAG)
        return self._cipher.decrypt(index.to_bytes(12, "big"), sealed, None)

    def close(self) -> None:
        """Drop the key and the bytes."""
        # Closing fails as well on a full disk, where buffered bytes cannot be written.
        with contextlib.suppress(OSError):
            self._file.close()
        self._pending.clear()

    def __enter__(self) -> SealedSpool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _seal(self, clear: bytes) -> None:
        # A chunk number is used once under a key that is used once, so it may be the nonce.
        sealed = self._cipher.encrypt(self._chunks.to_bytes(12, "big"), clear, None)
        try:
            self._file.seek(0, io.SEEK_END)
            self._file.write(sealed)
            self._file.flush()
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise OutOfSpace(
                    "The disk has no space for the encrypted working copy of the recording; "
                    "free disk space in the temporary folder and try again."
                ) from error
            raise
        self._chunks += 1


class _SpoolReader(SeekableReader):
    def __init__(self, spool: SealedSpool) -> None:
        super().__init__(spool.size)
        self._spool = spool
        self._index, self._clear = -1, b""

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        if self._at >= self._size or not len(view):
            return 0
        index, offset = divmod(self._at, _CHUNK)
        if index != self._index:
            self._index, self._clear = index, self._spool.chunk(index)
        part = self._clear[offset : offset + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)
