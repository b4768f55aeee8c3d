# SPDX-License-Identifier: Apache-2.0
"""Two workers on one installation. Slow: all services start."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.support.deployment import Deployment, study_file, wait_until

STAGES = ("transcription:recording:transcribed", "deidentification:transcript:deidentified")
SETTLED = {"approved", "needs_review", "failed"}


class TestTwoWorkers:
    @pytest.mark.timeout(580)
    def test_log_has_each_stage_once(self, tmp_path: Path) -> None:
        """Recordings that two workers and a sweep may all take are worked on once."""
        deployment = Deployment(tmp_path / "home", {"SOTTO_REPLICAS": '{"worker": 2}'})
        deployment.up()
        try:
            deployment.ok("study", "create", str(study_file(tmp_path)))
            for code in ("P01", "P02"):
                files = [tmp_path / f"{code}-{number}.txt" for number in (1, 2)]
                for number, file in enumerate(files):
                    file.write_text(f"I: Good morning.\nP: I am {code}, {number} days late.\n")
                whose = ("--study", "trial", "--participant", code)
                deployment.ok("ingest", *map(str, files), *whose)
                deployment.ok("ingest", str(files[1]), *whose, "--session", "2")

            def states() -> list[str]:
                return [str(one["state"]) for one in deployment.recordings("trial")]

            wait_until(lambda: set(states()) <= SETTLED, what="the end", every=1.0)
            entries = deployment.ok("audit", "list", "--json").records
        finally:
            deployment.down()
        done = Counter(
            (one["event"], one["object"])
            for one in entries
            if one["event"] in STAGES and one["outcome"] == "success"
        )
        assert len(done) == 4 * len(STAGES)
        assert set(done.values()) == {1}
