# SPDX-License-Identifier: Apache-2.0
"""Two processes of the service on one home. Slow: each of them loads the engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import transcription_service
from tests.support.sounds import SAMPLES
from tests.support.transcription_service import ServiceProcess

pytestmark = pytest.mark.timeout(600)


def test_one_is_killed_and_the_other_does_the_work_of_both(tmp_path: Path) -> None:
    """Their working copies lie in one folder without names: nothing of one is in the way of the
    other, and nothing is left of the one that was killed.
    """
    home = tmp_path / "home"
    deployment = transcription_service.start(home)
    audit = transcription_service.start_audit(home)
    workers: list[ServiceProcess] = []
    try:
        refs = [
            deployment.upload((SAMPLES / f"{name}.ogg").read_bytes(), name=f"{name}.ogg")
            for name in ("interview-a", "interview-c")
        ]
        workers += [
            ServiceProcess(
                home, deployment, audit.address, number, {"SOTTO_SPOOL_MEMORY_BYTES": "0"}
            )
            for number in (1, 2)
        ]
        calls = [worker.transcribe(ref) for worker, ref in zip(workers, refs, strict=True)]
        for call in calls:
            next(call)  # both have begun
        workers[0].kill()
        assert [*calls[1]][-1].result.segments > 10
        assert [*workers[1].transcribe(refs[0])][-1].result.segments > 10
        assert list((home / "tmp").iterdir()) == []
    finally:
        for worker in workers:
            worker.kill()
        audit.stop()
        deployment.stop()
