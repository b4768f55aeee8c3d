# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import exporting
from services.common.errors import InvalidInput, Unavailable
from sotto.release.v1.release_pb2 import ExportReleaseResponse as Part

WHOLE = [
    Part(file_name="P07.txt", chunk=b"one "),
    Part(chunk=b"two"),
    Part(file_name="certificate.json", chunk=b"{}", last=True),
]


def _left(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))  # noqa: PTH208 - hidden names too


class TestWrite:
    def test_whole_release(self, tmp_path: Path) -> None:
        """All files are there under the names that were sent, and nothing else."""
        names = exporting._write(WHOLE, tmp_path / "new" / "out")

        assert names == ["P07.txt", "certificate.json"]
        assert _left(tmp_path / "new") == ["out"]
        assert (tmp_path / "new" / "out" / "P07.txt").read_bytes() == b"one two"

    def test_folder_is_for_whom_the_umask_says(self, tmp_path: Path) -> None:
        """The folder is as open as other folders that the person makes: it is for sharing."""
        before = os.umask(0o027)
        try:
            exporting._write(WHOLE, tmp_path / "out")
        finally:
            os.umask(before)

        assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o750

    def test_empty_folder_may_be_named(self, tmp_path: Path) -> None:
        """A folder that is there and empty is filled."""
        (tmp_path / "out").mkdir()
        exporting._write(WHOLE, tmp_path / "out")

        assert _left(tmp_path / "out") == ["P07.txt", "certificate.json"]

    def test_release_that_does_not_come_whole(self, tmp_path: Path) -> None:
        """Without the last mark nothing stays: half a release looks like a whole one."""
        with pytest.raises(InvalidInput, match="did not come whole"):
            exporting._write(WHOLE[:2], tmp_path / "out")
        assert _left(tmp_path) == []

    def test_stream_that_breaks(self, tmp_path: Path) -> None:
        """What breaks the stream goes on as it is, and nothing stays."""

        def broken() -> Iterator[Part]:
            yield WHOLE[0]
            raise Unavailable("release cannot be reached")

        with pytest.raises(Unavailable):
            exporting._write(broken(), tmp_path / "out")
        assert _left(tmp_path) == []

    @pytest.mark.parametrize(
        "name", ["../P07.txt", "/etc/P07.txt", ".bashrc", "a/b.txt", "..", ".", "a\x00b", "a" * 300]
    )
    def test_name_that_leads_elsewhere(self, tmp_path: Path, name: str) -> None:
        """A name that would write outside the folder, or hide, is refused, and nothing stays."""
        (tmp_path / "work").mkdir()
        with pytest.raises(InvalidInput, match="unsafe file name"):
            exporting._write([Part(file_name=name, chunk=b"x", last=True)], tmp_path / "work" / "o")

        assert _left(tmp_path / "work") == []
        assert _left(tmp_path) == ["work"]

    def test_file_without_a_name(self, tmp_path: Path) -> None:
        """Bytes that belong to no file are refused."""
        with pytest.raises(InvalidInput):
            exporting._write([Part(chunk=b"x", last=True)], tmp_path / "out")
        assert _left(tmp_path) == []

    def test_same_name_twice(self, tmp_path: Path) -> None:
        """Two files of one name do not run into each other."""
        part = Part(file_name="a.txt", chunk=b"1", last=True)
        with pytest.raises(InvalidInput):
            exporting._write([part, part], tmp_path / "out")
        assert _left(tmp_path) == []

    def test_place_that_cannot_be_written(self, tmp_path: Path) -> None:
        """A place that cannot be written to is told as that."""
        (tmp_path / "file").touch()

        with pytest.raises(InvalidInput, match="cannot be written"):
            exporting._write(WHOLE, tmp_path / "file" / "out")


class TestCheckTarget:
    def test_taken(self, tmp_path: Path) -> None:
        """A file, or a folder with something in it, is in the way."""
        (tmp_path / "file").touch()

        for target in (tmp_path, tmp_path / "file"):
            with pytest.raises(InvalidInput, match="exists already"):
                exporting.check_target(target)
        exporting.check_target(tmp_path / "new")
