# SPDX-License-Identifier: Apache-2.0
"""The commands of the README. Slow: each is typed for real, against services that are started."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.deployment import ROOT, SAMPLES, Deployment

BLOCKS = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
MAKE = {"make demo", "make test", "make install"}


def commands() -> list[str]:
    """The README's commands in their order, but for those that install and test."""
    lines = [line.split("  #")[0].strip() for block in BLOCKS for line in block.splitlines()]
    return [line for line in lines if line and line not in MAKE and not line.startswith("export")]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A working folder with the files that the README speaks of, and a home of its own."""
    (tmp_path / "infra").symlink_to(ROOT / "infra")
    shutil.copyfile(ROOT / "flows/demo/samples/interview-d.txt", tmp_path / "interview.txt")
    shutil.copyfile(SAMPLES / "interview-c.ogg", tmp_path / "recording.ogg")
    yield tmp_path
    Deployment(tmp_path / "home").down()


class TestReadme:
    @pytest.mark.timeout(600)
    def test_every_command_works_as_it_stands(self, folder: Path) -> None:
        """Each command of the README ends well when they are typed one after the other."""
        environment = {
            **os.environ,
            "SOTTO_HOME": str(folder / "home"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        typed = commands()

        shown = ""
        for template in typed:
            command = self._filled(template, folder, shown)
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
            shown = done.stdout if command.startswith("sotto review show") else shown

        assert len(typed) > 10
        assert [line for line in typed if line.startswith("sotto participant withdraw")]

    def _filled(self, template: str, folder: Path, shown: str) -> str:
        """Return a command with what a reader puts in the place of its capital words.

        A withdrawal asks a person at the terminal, for which --yes stands here.
        """
        if template.startswith("sotto participant withdraw"):
            return f"{template} --yes"
        if not template.startswith("sotto review") or " REC" not in template:
            return template
        [waiting] = Deployment(folder / "home").ok("review", "list", "--json").records
        key = re.findall(r"--run (\S+)", shown)
        values = {
            "REC": str(waiting["recording_id"]),
            "KEY": key[0] if key else "",
            "WORDS": "teaching",
            "N": "7",
        }
        return re.sub(r"\b(REC|KEY|WORDS|N)\b", lambda word: values[word[0]], template)
