# SPDX-License-Identifier: Apache-2.0
"""Cutting content into chunks."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from services.storage_client import chunks


@given(st.integers(0, 3), st.integers(0, 5))
def test_nothing_is_lost(whole: int, rest: int) -> None:
    """Chunks have at most 1 MiB and make the content again, from memory and from a file."""
    data = b"x" * (whole * chunks.CHUNK_BYTES) + b"y" * rest
    for found in (list(chunks.of_bytes(data)), list(chunks.of_file(io.BytesIO(data)))):
        assert b"".join(found) == data
        assert all(0 < len(one) <= chunks.CHUNK_BYTES for one in found)
