# SPDX-License-Identifier: Apache-2.0
"""What the readers of a file of known size have in common: a position that can be moved."""

from __future__ import annotations

import io


class SeekableReader(io.RawIOBase):
    """A readable raw stream of `size` bytes; subclasses read at `_at` and move it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position and return it; raises ValueError before the start."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("seek before the start")
        self._at = base + offset
        return self._at
