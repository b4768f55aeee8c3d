# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.house import ROOT, House

CHECKS = (
    "transcripts against what was said",
    "planted identifiers in the release",
    "release verified",
    "a second run of the same inputs",
    "planted identifiers outside sealed objects",
    "audit log verified",
    "sockets beyond loopback",
)


class TestDemo:
    @pytest.mark.timeout(600)
    def test_every_check_holds_with_no_network_at_all(self, tmp_path: Path) -> None:
        """The demonstration passes all its checks in a network namespace with loopback alone."""
        home = tmp_path / "home"
        command = [sys.executable, "-m", "flows.cli.main", "demo", "--home", str(home)]
        if os.geteuid() == 0 and shutil.which("unshare"):
            inner = 'ip link set lo up && exec "$0" "$@"'
            if subprocess.run(["unshare", "-n", "true"], check=False).returncode == 0:
                command = ["unshare", "-n", "sh", "-c", inner, *command]

        done = subprocess.run(
            command, capture_output=True, text=True, cwd=ROOT, timeout=580, check=False
        )

        assert done.returncode == 0, done.stdout + done.stderr + House(home).logs()
        lines = done.stdout.splitlines()
        for check in CHECKS:
            assert [line for line in lines if check in line and line.startswith("ok")], done.stdout
