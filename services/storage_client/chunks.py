# SPDX-License-Identifier: Apache-2.0
"""Cutting uploads into messages that the contract takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

#: The contract takes chunks of at most 1 MiB.
CHUNK_BYTES = 1 << 20


def of_bytes(data: bytes) -> Iterator[bytes]:
    """Yield the chunks of bytes in memory, in order."""
    for start in range(0, len(data), CHUNK_BYTES):
        yield data[start : start + CHUNK_BYTES]


def of_file(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the chunks of an open file up to its end; raises OSError."""
    while chunk := file.read(CHUNK_BYTES):
        yield chunk
