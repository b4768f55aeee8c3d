# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from services.common.errors import WrongUse
from services.common.files import is_open_to_others, write_private
from services.common.installation import Installation


class TestWritePrivate:
    def test_is_readable_by_its_owner_only(self, tmp_path: Path) -> None:
        """The file is 0600 from its first moment, and replaces an older one whole."""
        target = tmp_path / "key"
        target.write_bytes(b"old")
        target.chmod(0o644)
        write_private(target, b"new")

        assert target.read_bytes() == b"new"
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        assert os.listdir(tmp_path) == ["key"]  # noqa: PTH208 - hidden names too

    def test_failure_leaves_the_old_file(self, tmp_path: Path) -> None:
        """Where the new file cannot be put in place the old one stays and nothing is left over."""
        target = tmp_path / "key"
        target.mkdir()
        (target / "old").touch()

        with pytest.raises(OSError, match="key"):
            write_private(target, b"new")
        assert os.listdir(tmp_path) == ["key"]  # noqa: PTH208 - hidden names too


class TestHome:
    def test_folders_are_private(self, tmp_path: Path) -> None:
        """Every folder of the home is 0700, on the way down as well."""
        home = Installation(tmp_path / "a" / "home")
        before = os.umask(0)
        try:
            made = home.make_folder("clinical", "objects")
        finally:
            os.umask(before)

        for path in (home.root, made.parent, made):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700

    def test_home_that_cannot_be_made(self, tmp_path: Path) -> None:
        """A file in the place of the home, or of a part, is wrong use with advice."""
        (tmp_path / "file").touch()

        for home in (Installation(tmp_path / "file"), Installation(tmp_path / "file" / "home")):
            with pytest.raises(WrongUse, match="--home"):
                home.make_folder("run")

    def test_default(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The environment names the home; else it is the platform's folder for state."""
        monkeypatch.setenv("SOTTO_HOME", str(tmp_path))
        assert Installation.default().root == tmp_path

        monkeypatch.delenv("SOTTO_HOME")
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        assert Installation.default().root == tmp_path / "state" / "sotto"


class TestIsOpenToOthers:
    @pytest.mark.parametrize(
        ("mode", "is_open"),
        [(0o600, False), (0o700, False), (0o640, True), (0o602, True), (0o711, True)],
    )
    def test_any_right_of_others_counts(self, tmp_path: Path, mode: int, is_open: bool) -> None:
        """A file is private when neither its group nor others have any right to it."""
        path = tmp_path / "key"
        path.touch()
        path.chmod(mode)

        assert is_open_to_others(path) is is_open
