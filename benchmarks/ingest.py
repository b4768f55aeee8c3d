# SPDX-License-Identifier: Apache-2.0
"""How long a batch of small transcripts takes to be looked at and sealed.

    python benchmarks/ingest.py [--files 200]

Starts the services that intake needs, in a home of their own. Seals the same kind of files by the
storage client alone, one after the other, then others by `sotto ingest` as a whole command, then
the same again, which finds all of them there. Prints one JSON object a line, with the load average
of the machine (1 minute) at its end; `ratio` is the time beside that of the storage client alone.
The aim is 200 files in 20 s on two cores.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from services.registry import identities
from services.storage_client.recordings import put_recording
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc, recording_pb2
from sotto.study.v1 import study_pb2
from tests.support.deployment import ROOT, Deployment

SESSIONS = 5
TURNS = 12
WORDS = (
    "the clinic was quiet and I slept better after walking with my friend from the group".split()
)


def main() -> None:
    """Measure the three ways."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sotto-bench-") as folder:
        root = Path(folder)
        with Deployment(root / "home") as deployment:
            deployment.start(identities.CLINICAL, identities.TRANSCRIPTION)
            run(deployment, root, given.files)


def run(deployment: Deployment, root: Path, count: int) -> None:
    """Measure with services that run."""
    codes = [f"T{number // SESSIONS:03}" for number in range(count)]
    for study in ("alone", "command"):
        _create(deployment, study, codes)
    for number, code in enumerate(codes):
        path = root / "in" / f"{code}_{number % SESSIONS + 1}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(_talk(number), "utf-8")
    files = sorted((root / "in").iterdir())
    began = time.monotonic()
    _seal_alone(deployment, files)
    alone = _tell("storage client alone", count, began, 0.0)
    command = [
        sys.executable, "-m", "flows.cli.main", "ingest", str(root / "in"), "--study", "command",
        "--name-pattern", "{participant}_{session}",
    ]  # fmt: skip
    for what in ("sotto ingest", "sotto ingest again"):
        began = time.monotonic()
        done = subprocess.run(
            command, check=False, capture_output=True, env=deployment.environment, cwd=ROOT
        )
        if done.returncode:
            raise SystemExit(done.stderr.decode())
        _tell(what, count, began, alone)


def _create(deployment: Deployment, study: str, codes: list[str]) -> None:
    channel = deployment.channel(identities.OPERATOR, identities.CLINICAL)
    described = study_pb2.Study(
        id=study,
        title="Benchmark",
        languages=["en"],
        policy="research-default",
        review=study_pb2.REVIEW_MODE_REQUIRED,
        participants=sorted(set(codes)),
    )
    stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(channel)
    stub.PutStudy(catalog_pb2.PutStudyRequest(study=described))


def _talk(number: int) -> str:
    chosen = random.Random(number)
    lines = [f"{'IP'[turn % 2]}: {' '.join(chosen.choices(WORDS, k=20))}." for turn in range(TURNS)]
    return "\n".join([*lines, f"P: That was talk number {number}.\n"])


def _seal_alone(deployment: Deployment, files: list[Path]) -> None:
    channel = deployment.channel(identities.OPERATOR, identities.CLINICAL)
    for path in files:
        data = path.read_bytes()
        code, _, session = path.stem.partition("_")
        header = recording_pb2.RecordingHeader(
            study_id="alone",
            participant=code,
            session=int(session),
            kind=recording_pb2.RECORDING_KIND_TRANSCRIPT,
            file_name=path.name,
            size=len(data),
            content_sha256=hashlib.sha256(data).digest(),
        )
        put_recording(channel, header, [data])


def _tell(what: str, count: int, began: float, beside: float) -> float:
    seconds = time.monotonic() - began
    told: dict[str, object] = {
        "what": what,
        "files": count,
        "seconds": round(seconds, 2),
        "load": round(os.getloadavg()[0], 1),
    }
    if beside:
        told["ratio"] = round(seconds / beside, 2)
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    return seconds


if __name__ == "__main__":
    main()
