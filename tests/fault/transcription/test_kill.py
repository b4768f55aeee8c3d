# SPDX-License-Identifier: Apache-2.0
"""Death after every window. Slow: as many processes are started as the recording has windows."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from services.common.errors import SottoError
from sotto.storage.v1 import recording_pb2
from tests.support import transcription_service
from tests.support.sounds import encoded, sample
from tests.support.transcription_service import ServiceProcess, TranscriptionDeployment

TEXT = b"".join(b"P: we talked about the garden, part %d\n" % n for n in range(4000))

# Each kill costs a start of the service, which loads the engine again: minutes on a busy machine.
pytestmark = pytest.mark.timeout(900)


def contents(
    deployment: TranscriptionDeployment, ref: recording_pb2.RecordingRef
) -> tuple[str, str, int]:
    """Run, hash and number of windows of what de-identification would read."""
    manifest, _segments = deployment.transcript(ref)  # verified while it is read
    return manifest.run_key, manifest.content_sha256.hex(), manifest.window_count


def media() -> bytes:
    """A recording of several windows."""
    return encoded(np.tile(sample("interview-c"), (1, 2)), "ogg", "libopus")


@pytest.mark.parametrize("kind", ["transcript", "media"])
def test_killed_after_each_window(kind: str, tmp_path: Path) -> None:
    """Killed with -9 after every single window, the rerun ends as if nothing had happened."""
    content = media() if kind == "media" else TEXT
    name = "a.ogg" if kind == "media" else "a.txt"
    undisturbed = transcription_service.start(tmp_path / "undisturbed", window_seconds=60)
    try:
        ref = undisturbed.upload(content, media=kind == "media", name=name)
        undisturbed.transcribe(ref)
        wanted = contents(undisturbed, ref)
    finally:
        undisturbed.stop()

    home = tmp_path / "home"
    deployment = transcription_service.start(home)
    audit = transcription_service.start_audit(home)
    stored = kills = 0
    try:
        ref = deployment.upload(content, media=kind == "media", name=name)
        for round_ in itertools.count():
            assert round_ < 20, "no progress from restart to restart"
            worker = ServiceProcess(
                home, deployment, audit.address, environment={"SOTTO_WINDOW_SECONDS": "60"}
            )
            try:
                for answer in worker.transcribe(ref):
                    written = deployment.storage.log.names().count("transcript:window:sealed")
                    if answer.HasField("progress") and written > stored:
                        stored = written
                        worker.kill()
                        kills += 1
            except SottoError:
                continue
            else:
                break
            finally:
                worker.kill()
        found = contents(deployment, ref)
    finally:
        audit.stop()
        deployment.stop()
    # Another home has other recording ids and so other run keys; the words are the same.
    assert found[1:] == wanted[1:]
    assert kills >= 3
