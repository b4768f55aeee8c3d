# SPDX-License-Identifier: Apache-2.0
"""Two replicas of the transcription service against one, on the cores of one machine.

    python benchmarks/transcription_replicas.py --model DIR [--minutes 5] [--recordings 4]

Needs what `benchmarks/transcription.py` needs, and makes the same talk. All recordings are asked
for at once. Each way has all cores: one replica with every thread and one recording at a time, one
replica with a thread each for as many recordings as there are cores, two replicas that share the
threads. All are warm: each replica has loaded the model and heard a short recording. Prints one
JSON object a line with wall time, and the ratio beside one replica.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.transcription import record, seal, speak
from services.registry import identities
from sotto.storage.v1 import recording_pb2
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc
from tests.support.deployment import Deployment


def main() -> None:
    """Measure each way in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, metavar="DIR")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--recordings", type=int, default=4)
    given = parser.parse_args()
    cores = os.cpu_count() or 1
    ways = {
        "one replica, one recording at a time": way(1, cores, 1),
        "one replica, as many recordings as cores": way(1, 1, cores),
        "two replicas, one recording each": way(2, max(1, cores // 2), 1),
    }
    model = {"SOTTO_SPEECH_MODEL": str(given.model.resolve())}
    with tempfile.TemporaryDirectory(prefix="sotto-bench-") as folder:
        root = Path(folder)
        voices = speak(root)
        # As many short ones as there may be replicas and turns to warm.
        warm = [record(voices, 0.2, root / f"warm-{n}.wav")[0] for n in range(2 * cores)]
        talks = [
            record(voices, given.minutes + n / 100, root / f"talk-{n}.wav")[0]
            for n in range(given.recordings)
        ]
        first = 0.0
        for number, (name, settings) in enumerate(ways.items()):
            with Deployment(root / f"home-{number}", {**model, **settings}) as deployment:
                seconds = transcribed(deployment, warm, talks)
            first = first or seconds
            told = {
                "what": name,
                "recordings": given.recordings,
                "minutes": given.minutes,
                "seconds": round(seconds, 1),
                "ratio": round(seconds / first, 2),
                "load": round(os.getloadavg()[0], 1),
            }
            print(json.dumps(told), flush=True)


def way(replicas: int, threads: int, parallel: int) -> Mapping[str, str]:
    """Return the settings of one way to use the cores."""
    return {
        "SOTTO_REPLICAS": json.dumps({identities.TRANSCRIPTION: replicas}),
        "SOTTO_SPEECH_THREADS": str(threads),
        "SOTTO_SPEECH_PARALLEL": str(parallel),
    }


def transcribed(deployment: Deployment, warm: Sequence[Path], talks: Sequence[Path]) -> float:
    """Return the seconds from the first request to the last result."""
    deployment.start(identities.CLINICAL, identities.TRANSCRIPTION)
    refs = seal(deployment, [*warm, *talks])
    stub = transcription_service_pb2_grpc.TranscriptionServiceStub(
        deployment.channel(identities.FLOWS, identities.TRANSCRIPTION)
    )

    def transcribe(ref: recording_pb2.RecordingRef) -> None:
        list(stub.Transcribe(transcription_pb2.TranscribeRequest(ref=ref)))

    with ThreadPoolExecutor(len(refs)) as pool:
        list(pool.map(transcribe, refs[: len(warm)]))
        began = time.monotonic()
        list(pool.map(transcribe, refs[len(warm) :]))
        return time.monotonic() - began


if __name__ == "__main__":
    main()
