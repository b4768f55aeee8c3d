# SPDX-License-Identifier: Apache-2.0
"""Reading of a sealed object from anywhere, a sealed segment of 1 MiB at a time."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidTag

from services.storage.domain import stream
from services.storage.errors import DataCorrupted

ReadAt = Callable[[int, int], bytes]
"""Reads so many sealed bytes from a place behind the header; fewer where they end."""


class Parts:
    """The bytes of an object in clear; `size` is how many there are.

    Each part is authentic and in its place. That the object is the whole one is for the caller to
    know, by its size.
    """

    def __init__(
        self,
        opener: stream.Opener,
        read_at: ReadAt,
        sealed: int,
        damaged: Callable[[str], DataCorrupted],
    ) -> None:
        self._opener = opener
        self._read_at = read_at
        self._segments = list(stream.layout(sealed))
        self._damaged = damaged
        self._held: tuple[int, bytes] = (-1, b"")
        self.size = sealed - stream.TAG * len(self._segments)

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes from a place on, fewer where the object ends; raises `DataCorrupted`."""
        found = bytearray()
        while len(found) < length and offset + len(found) < self.size:
            number, within = self._place(offset + len(found))
            found += self._segment(number)[within : within + length - len(found)]
        return bytes(found)

    def _place(self, offset: int) -> tuple[int, int]:
        """Return the segment that holds a byte, and where it is in it."""
        first = self._segments[0][0] - stream.TAG
        if offset < first:
            return 0, offset
        number, within = divmod(offset - first, stream.OURS.segment - stream.TAG)
        return number + 1, within

    def _segment(self, number: int) -> bytes:
        if self._held[0] != number:
            size, last = self._segments[number]
            start = self._segments[0][0] + (number - 1) * stream.OURS.segment if number else 0
            try:
                clear = self._opener.open_at(number, self._read_at(start, size), last=last)
            except InvalidTag:
                raise self._damaged("its seal is broken") from None
            self._held = number, clear
        return self._held[1]
