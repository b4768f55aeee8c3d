# SPDX-License-Identifier: Apache-2.0
"""The page about backups, typed. Slow: it starts all services twice."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.deployment import ROOT, Deployment, study_file
from tests.support.taking import TAKEN

_PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
_SECTION = _PAGE.split("## Backup and restore\n")[1].split("\n## ")[0]
BACK_UP, RESTORE = re.findall(r"```sh\n(.*?)```", _SECTION, re.DOTALL)

_FILE = "I: How are you?\nP: Well, my brother Faizal sends his greetings.\n"


def _type(block: str, folder: Path, home: Path) -> str:
    """Run the commands of a block one after the other, each of which must end well."""
    environment = {
        **os.environ,
        "SOTTO_HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", "-ec", block],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


class TestThePage:
    @pytest.mark.timeout(600)
    def test_brings_back_an_installation_that_ran_while_it_was_copied(self, tmp_path: Path) -> None:
        """Typed as it stands on another home, the page brings back recordings, review, log and the
        signing key; who withdrew after the backup stays erased, and a release verifies.
        """
        old = Deployment(tmp_path / "old")
        new = Deployment(tmp_path / "new")
        try:
            old.up()
            old.ok("study", "create", str(study_file(tmp_path)))
            for code in ("P01", "P02"):
                interview = tmp_path / f"{code}.txt"
                interview.write_text(f"{_FILE}P: I am {code}.\n", "utf-8")
                old.ok(
                    "ingest", str(interview), "--study", "trial", "--participant", code, "--wait"
                )
            old.approve("trial")
            old.ok("release", "build", "--study", "trial")
            export = tmp_path / "export"
            old.ok("release", "export", "--study", "trial", "--out", str(export), *TAKEN)
            before = {one["participant"]: one for one in old.recordings("trial")}

            said = _type(BACK_UP, tmp_path, old.root)

            assert "the log is whole" in said
            [manifest] = tmp_path.glob("backups/sotto-*/manifest.json")
            assert json.loads(manifest.read_bytes())["left_out"] == []
            old.ok("participant", "withdraw", "P02", "--study", "trial", "--yes")
            old.down()
            [restore, *rest] = RESTORE.splitlines(keepends=True)
            _type(f"{restore.rstrip()} --tombstones-from {old.root}\n", tmp_path, new.root)
            said = _type("".join(rest), tmp_path, new.root)

            assert "the log is whole" in said
            after = {one["participant"]: one for one in new.recordings("trial")}
            assert after["P01"] == before["P01"]
            assert after["P02"]["state"] == "erased"
            new.ok("release", "verify", str(export))
        finally:
            old.down()
            new.down()
            shutil.rmtree(tmp_path / "backups", ignore_errors=True)
