# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from services.common.errors import Unavailable
from services.common.installation import Installation
from services.common.options import installation_of


class TestInstallation:
    def test_default_is_that_of_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`SOTTO_HOME` names the installation, made absolute."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("SOTTO_HOME", "here")
        assert Installation.default() == Installation(tmp_path / "here")
        assert installation_of(None) == Installation(tmp_path / "here")

    def test_an_option_comes_before_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`--home` wins over `SOTTO_HOME`."""
        monkeypatch.setenv("SOTTO_HOME", str(tmp_path / "here"))
        assert installation_of(tmp_path / "there").root == tmp_path / "there"

    def test_naming_a_folder_makes_none(self, tmp_path: Path) -> None:
        """Only `make_folder` makes folders, each readable by its owner only."""
        installation = Installation(tmp_path / "home")
        assert installation.pki == tmp_path / "home" / "pki"
        assert installation.run == tmp_path / "home" / "run"
        assert not installation.root.exists()

        made = installation.make_folder("clinical", "objects")
        assert made == tmp_path / "home" / "clinical" / "objects"
        for folder in (made, made.parent, installation.root):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def test_one_process_of_a_kind_is_claimed_once(self, tmp_path: Path) -> None:
        """Whoever comes second is refused by name; another kind, or another home, is not."""
        first = Installation(tmp_path / "home")
        handle = first.claim("scheduler")
        with pytest.raises(Unavailable, match="a scheduler runs already"):
            first.claim("scheduler")
        os.close(first.claim("other"))
        os.close(Installation(tmp_path / "second").claim("scheduler"))
        os.close(handle)
        os.close(first.claim("scheduler"))
