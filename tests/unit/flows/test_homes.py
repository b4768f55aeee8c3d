# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from flows.cli import main as cli
from services.common.installation import Installation
from tests.support.command_tree import RECORDING, arguments, commands

#: Commands that may make a home, and why; docs/operations.md lists them too.
MAKES = {
    "up": "it starts an installation",
    "demo": "it makes one to show",
    "study create": "it may be the first command of a site that runs command by command",
    "models add": "a model may be there before the first start",
    "models pull": "as above",
    "console accounts add": "as above, of an account",
    "backup restore": "it makes one from a backup",
}
#: Commands that are for whoever has no installation, and so name none.
WITHOUT = {
    "backup verify": "read on any machine; the log of a home that is there is told",
    "release verify": "whoever received files verifies them by the key that was given to them",
    "transcribe run": "the engine alone",
    "transcribe evaluate": "files alone; the home has settings at most",
}
#: Commands for which a home without anything in it is an answer.
CONTENT = {"down": "nothing runs there", "status": "tells that there is none, with status 5"}

ALL = [one for one in commands() if any(p.name == "home" for p in one.parameters)]
READING = [one for one in ALL if one.name not in {**MAKES, **WITHOUT}]


class TestWrongHome:
    def test_table_names_commands(self) -> None:
        """The tables name commands that there are."""
        assert {*MAKES, *WITHOUT, *CONTENT} <= {one.name for one in ALL}

    @pytest.mark.parametrize("command", READING, ids=lambda one: one.name)
    def test_none_is_made_and_the_folder_is_named(
        self, command: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A mistyped --home is told, with what makes one, and no folder appears."""
        name, words = command.name, command.words  # type: ignore[attr-defined] # parametrized
        given = arguments(tmp_path / "files", "s1", "P07", RECORDING).get(name, [])
        home = tmp_path / "typo"

        status = cli.main([*words, *given, "--home", str(home)])

        told = "".join(capsys.readouterr())
        assert not home.exists()
        assert status == {"down": 0, "status": 5}.get(name, 2)
        if name == "down":
            return
        assert str(home) in told
        assert "sotto up" in told

    def test_by_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A mistyped SOTTO_HOME is told in the same words."""
        monkeypatch.setenv("SOTTO_HOME", str(tmp_path / "typo"))

        assert cli.main(["recordings", "list"]) == 2

        assert f"no installation in {tmp_path / 'typo'}" in capsys.readouterr().err
        assert not (tmp_path / "typo").exists()

    def test_folder_of_something_else(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A folder that holds no installation is none, and stays as it is."""
        (tmp_path / "notes.txt").touch()

        assert cli.main(["audit", "list", "--home", str(tmp_path)]) == 2

        assert "no installation" in capsys.readouterr().err
        assert [one.name for one in tmp_path.iterdir()] == ["notes.txt"]

    def test_log_that_cannot_be_opened(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """`up --detach` in a home that it cannot write to says so, and starts nothing."""
        (tmp_path / "logs" / "supervisor.log").mkdir(parents=True)

        assert cli.main(["up", "--detach", "--home", str(tmp_path)]) == 2

        assert f"the home {tmp_path} cannot be used" in capsys.readouterr().err

    def test_restored_log_is_one(self, tmp_path: Path) -> None:
        """A home that holds a restored log, and no certificates yet, is one."""
        assert not Installation(tmp_path).is_made
        (tmp_path / "audit").mkdir()
        assert Installation(tmp_path).require().is_made
