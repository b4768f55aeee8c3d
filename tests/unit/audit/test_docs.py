# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.audit.cli import log_export
from services.audit_evidence.checkpoint import peek
from tests.support.audit import REPOSITORY, make_log
from tests.support.tools import need

PAGE = (REPOSITORY / "docs" / "audit.md").read_text("utf-8")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """An export as the page names its files."""
    folder = make_log(tmp_path / "audit", 37)
    with log_export.copy_at(folder) as copy:
        log_export.export(copy, "jsonl", tmp_path / "log.jsonl")
    return tmp_path / "log.jsonl"


class TestByOtherMeans:
    """What the page says about checking without us is true as it stands there."""

    def test_openssl(self, export: Path) -> None:
        """The commands verify the signature, and refuse it when the text was changed."""
        need("openssl")
        found = re.search(r"with openssl\.\*\*.*?((?:\n    [^\n]+)+)", PAGE, re.DOTALL)
        assert found is not None
        commands = found[1].replace("\n    ", "\n")
        for change, code in (("", 0), ("\nsed -i s/37/38/ text\n", 1)):
            head, last = commands.rsplit("\n", 1)
            done = subprocess.run(
                ["bash", "-e", "-c", f"{head}{change}\n{last}"],
                cwd=export.parent,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == code, done.stderr

    def test_a_few_lines_of_python(self, export: Path) -> None:
        """The program prints the size and the root that the checkpoint states."""
        program = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
        assert program is not None
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program[1], str(export)],
            capture_output=True,
            text=True,
            check=True,
        )
        state = peek(export.with_name("log.jsonl.checkpoint").read_bytes())
        lines = str(state).splitlines()
        assert done.stdout == f"{lines[1]} {lines[2]}\n"

    def test_every_command_exists(self) -> None:
        """Each `sotto audit` command that the page names is one."""
        from services.audit.cli.main import app

        names = {one.name or one.callback.__name__ for one in app.registered_commands}
        names |= {group.name for group in app.registered_groups}
        assert set(re.findall(r"sotto audit ([a-z-]+)", PAGE)) <= names
