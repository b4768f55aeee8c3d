# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.common.errors import InvalidInput
from services.intake.entry_list import template
from services.intake.sources import find, natural


def _write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


class TestFind:
    def test_folders_and_files_in_order(self, tmp_path: Path) -> None:
        """Files come in the order of their names, numbers by value, folders with what is below."""
        _write(tmp_path, "in/s10.txt", "in/S2.txt", "in/s1/b.wav", "in/s1/a.wav", "c.txt")

        found = find([tmp_path / "c.txt", tmp_path / "in"])

        assert [str(one.relative_to(tmp_path)) for one in found.files] == [
            "c.txt", "in/S2.txt", "in/s10.txt", "in/s1/a.wav", "in/s1/b.wav",
        ]  # fmt: skip
        assert found.roots[tmp_path / "c.txt"] is None
        assert found.roots[tmp_path / "in/S2.txt"] == tmp_path / "in"

    def test_what_programs_leave_behind_is_told(self, tmp_path: Path) -> None:
        """Nothing is left alone in silence: each such file is told with its reason."""
        _write(
            tmp_path, "a.txt", "Thumbs.db", ".DS_Store", "~$a.docx", ".~lock.a.odt#", "._a.txt",
            "b.part", "a.txt~", "__MACOSX/a.txt", ".git/config",
        )  # fmt: skip
        (tmp_path / "empty.txt").touch()
        (tmp_path / "link.txt").symlink_to("a.txt")
        (tmp_path / "linked").symlink_to(tmp_path)
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "list.csv").write_text(template([Path("a.txt")]), "utf-8")

        found = find([tmp_path])

        assert found.files == [tmp_path / "a.txt"]
        told = {path.name: why for path, why in found.skipped}
        assert told == {
            "Thumbs.db": "left behind by a program",
            ".DS_Store": "hidden",
            "~$a.docx": "left behind by a program",
            ".~lock.a.odt#": "left behind by a program",
            "._a.txt": "left behind by a program",
            "b.part": "left behind by a program",
            "a.txt~": "left behind by a program",
            "__MACOSX": "a folder that a program keeps for itself",
            ".git": "a folder that a program keeps for itself",
            "empty.txt": "empty",
            "link.txt": "a link",
            "linked": "a link",
            "pipe": "no regular file",
            "list.csv": "a list for --manifest",
        }

    def test_named_files_are_never_left_alone(self, tmp_path: Path) -> None:
        """Whoever names a file gets an answer about it, and one that is not there is kept too."""
        _write(tmp_path, ".hidden.txt")
        named = [tmp_path / ".hidden.txt", tmp_path / "none.txt"]
        assert find(named).files == named

    def test_folder_without_files(self, tmp_path: Path) -> None:
        """An empty folder is told, since nothing would be done."""
        with pytest.raises(InvalidInput, match="holds no file"):
            find([tmp_path])


def test_natural_order() -> None:
    """Numbers stand in the order of their values, and no name breaks the comparison."""
    names = ["s10", "S9", "a", "s", "²", "10", "9"]
    assert sorted(names, key=natural)[-2:] == ["9", "10"]
    assert [one for one in sorted(names, key=natural) if one[0] in "sS"] == ["s", "S9", "s10"]
