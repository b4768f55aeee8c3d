# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


class TestStart:
    @pytest.mark.parametrize(
        ("module", "settings", "told"),
        [
            ("flows.worker", {}, "address of the scheduler"),
            ("flows.worker", {"SOTTO_RECORDINGS_AT_ONCE": "0"}, "recordings_at_once"),
            ("services.storage", {"SOTTO_SERVICE": "storage-clinical"}, "zone"),
            ("services.audit", {"SOTTO_ADDRESSES": "{"}, "addresses"),
            ("services.release", {"SOTTO_LOG_LEVEL": "loud"}, "log_level"),
        ],
    )
    def test_wrong_settings_are_told_in_one_line(
        self, tmp_path: Path, module: str, settings: dict[str, str], told: str
    ) -> None:
        """A process that cannot start with its settings ends with 2 and one line that names one."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SOTTO_")}
        done = subprocess.run(
            [sys.executable, "-m", module],
            env={**clean, "SOTTO_HOME": str(tmp_path), **settings},
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert done.returncode == 2
        assert told in done.stderr
        assert done.stderr.count("\n") == 1
        assert "Traceback" not in done.stderr
