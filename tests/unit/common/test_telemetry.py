# SPDX-License-Identifier: Apache-2.0
"""Libraries are told not to report to their makers."""

from __future__ import annotations

import subprocess
import sys

import pytest

from services.common import telemetry

SHOW = "; import os; print(*(os.environ.get(name) for name in sorted(telemetry.OFF)))"


class TestEveryProcess:
    @pytest.mark.parametrize(
        "start",
        [
            "import services.common.process_main as p; p.sys.exit = print; p.run_process(print)",
            "from flows.cli import main as m; m.main(['--help'])",
        ],
    )
    def test_switches_it_off(self, start: str) -> None:
        """Entry points of services and the command line set every switch before anything loads."""
        code = f"from services.common import telemetry; {start}{SHOW}"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        wanted = [telemetry.OFF[name] for name in sorted(telemetry.OFF)]
        assert done.stdout.splitlines()[-1].split() == wanted
