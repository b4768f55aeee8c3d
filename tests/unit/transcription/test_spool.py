# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.transcription.adapters.spool import SealedSpool
from services.transcription.errors import TooLarge


def sealed(content: bytes, folder: Path, memory: int) -> SealedSpool:
    """A finished spool of this content."""
    spool = SealedSpool(folder, memory_bytes=memory, max_bytes=10**9)
    for at in range(0, len(content), 70_000):
        spool.write(content[at : at + 70_000])
    spool.finish()
    return spool


def unnamed_files(folder: Path) -> list[bytes]:
    """The contents of all files of a folder that this process has open and that have no name."""
    opened = [path for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return [path.read_bytes() for path in opened if path.readlink().is_relative_to(folder)]


class TestSealedSpool:
    @settings(max_examples=20, deadline=None)
    @given(st.integers(0, 700_000), st.lists(st.integers(0, 800_000), max_size=6))
    def test_reads_as_a_file_would(self, size: int, places: list[int]) -> None:
        """Any seek and any read give what a plain file gives."""
        content = os.urandom(size)
        with sealed(content, Path("/tmp"), 1) as spool, spool.open() as reader:  # noqa: S108 - a folder that is always there
            plain = io.BytesIO(content)
            for place in places:
                assert reader.seek(place) == plain.seek(place)
                assert reader.read(100_001) == plain.read(100_001)
            assert reader.seek(0, 2) == size

    def test_nothing_rests_in_clear_and_nothing_has_a_name(self, tmp_path: Path) -> None:
        """The working copy is neither readable in the file nor findable in the folder."""
        secret = b"my name is Faizal " * 50_000
        with sealed(secret, tmp_path, 0):
            assert list(tmp_path.iterdir()) == []
            (working_copy,) = unnamed_files(tmp_path)
            assert len(working_copy) >= len(secret)
            assert b"Faizal" not in working_copy

    def test_too_large(self, tmp_path: Path) -> None:
        """The limit holds while bytes come in."""
        spool = SealedSpool(tmp_path, memory_bytes=0, max_bytes=10)
        with spool, pytest.raises(TooLarge):
            spool.write(b"x" * 11)
