# SPDX-License-Identifier: Apache-2.0
"""Death after every window. Slow: as many processes are started as the recording has windows."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from services.common import identity
from services.common.client import Peers
from services.common.errors import SottoError
from services.registry.identities import AUDIT, CLINICAL, TRANSCRIPTION
from sotto.storage.v1 import recording_pb2
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc
from tests.support import transcription_service
from tests.support.deployment import ROOT, wait_for_address
from tests.support.sounds import encoded, sample
from tests.support.transcription_service import TranscriptionDeployment

TEXT = b"".join(b"P: we talked about the garden, part %d\n" % n for n in range(4000))

# Each kill costs a start of the service, which loads the engine again: minutes on a busy machine.
pytestmark = pytest.mark.timeout(900)


class ServiceProcess:
    """The transcription service as a process of its own, beside a store and a log in this one."""

    def __init__(self, home: Path, deployment: TranscriptionDeployment, audit: str) -> None:
        self._home = home
        (home / "run").mkdir(mode=0o700, exist_ok=True)
        address = home / "run" / f"{TRANSCRIPTION}.address"
        address.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "services.transcription"],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}",
                "OMP_NUM_THREADS": "1",
                "SOTTO_HOME": str(home),
                "SOTTO_ADDRESSES": (
                    f'{{"{AUDIT}": "{audit}", "{CLINICAL}": "127.0.0.1:{deployment.storage.port}"}}'
                ),
            },
            stderr=subprocess.DEVNULL,
        )
        found = wait_for_address(home, TRANSCRIPTION, self._process, seconds=300)
        self._peers = Peers(identity.load(home / "pki" / "flows"), {TRANSCRIPTION: found})

    def transcribe(
        self, ref: recording_pb2.RecordingRef
    ) -> Iterator[transcription_pb2.TranscribeResponse]:
        """Answers as they come."""
        stub = transcription_service_pb2_grpc.TranscriptionServiceStub(
            self._peers.channel(TRANSCRIPTION)
        )
        return iter(stub.Transcribe(transcription_pb2.TranscribeRequest(ref=ref)))

    def kill(self) -> None:
        """End the process at once, as when the power fails."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._peers.close()


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
    undisturbed = transcription_service.start(tmp_path / "undisturbed")
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
            worker = ServiceProcess(home, deployment, audit.address)
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
