# SPDX-License-Identifier: Apache-2.0
"""Memory and time of the running de-identification service: the real process, sealed both ways.

    python benchmarks/deid_service.py [--words 9000 100000]

Starts a home with audit, both stores, transcription and de-identification, brings in a transcript
for each number of words, and prints one JSON object a line: seconds of the call, and the process's
peak resident memory (VmHWM) so far. The limit of the project is 700 MB. Needs no network.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

from deid import hour

from services.common import supervisor
from services.common.client import Peers
from services.common.installation import Installation
from services.registry import identities
from sotto.deidentification.v1 import (
    deidentification_pb2,
    deidentification_service_pb2_grpc,
)
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
)
from sotto.transcription.v1 import (
    transcription_pb2,
    transcription_service_pb2_grpc,
)
from tests.support.speaking import SpeakingPeers
from tests.support.storage_service import study

UNITS = (
    identities.AUDIT, identities.CLINICAL, identities.RESEARCH, identities.TRANSCRIPTION,
    identities.DEIDENTIFICATION,
)  # fmt: skip
_CHUNK = 1 << 20


def main() -> None:
    """Run all sizes in one process of the service."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, nargs="*", default=[9_000, 100_000])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sotto-bench-") as folder:
        installation = Installation(Path(folder))
        supervisor.prepare(installation)
        running = supervisor.Supervisor(installation)
        try:
            running.start(UNITS)
            state = supervisor.state(installation) or {}
            pid = int(state["processes"][identities.DEIDENTIFICATION])
            print(json.dumps({"idle_mb": peak(pid)}), flush=True)
            peers = SpeakingPeers(installation.pki, identities.OPERATOR, running.addresses)
            measure(peers, pid, given.words)
            peers.close()
        finally:
            running.close()


def measure(peers: Peers, pid: int, sizes: list[int]) -> None:
    """Import transcripts and have them de-identified, one after the other."""
    for zone in (identities.CLINICAL, identities.RESEARCH):
        catalog = catalog_service_pb2_grpc.CatalogWriterServiceStub(peers.channel(zone))
        catalog.PutStudy(catalog_pb2.PutStudyRequest(study=study()))
    transcription = transcription_service_pb2_grpc.TranscriptionServiceStub(
        peers.channel(identities.TRANSCRIPTION)
    )
    engine = deidentification_service_pb2_grpc.DeidentificationServiceStub(
        peers.channel(identities.DEIDENTIFICATION)
    )
    for words in sizes:
        talk = hour(words)
        lines = (f"{turn.speaker[:1]}: {turn.text}\n" for turn in talk.turns)
        ref = put(peers, "".join(lines).encode())
        for _ in transcription.Transcribe(transcription_pb2.TranscribeRequest(ref=ref)):
            pass
        start = time.perf_counter()
        for _ in engine.Deidentify(deidentification_pb2.DeidentifyRequest(ref=ref)):
            pass
        row = {
            "words": talk.words,
            "turns": len(talk.turns),
            "seconds": round(time.perf_counter() - start, 2),
            "peak_mb": peak(pid),
        }
        print(json.dumps(row), flush=True)


def put(peers: Peers, content: bytes) -> recording_pb2.RecordingRef:
    """Import a transcript."""

    def parts() -> Iterator[recording_pb2.PutRecordingRequest]:
        header = recording_pb2.RecordingHeader(
            study_id="peer-2026",
            participant="P07",
            session=1,
            kind=recording_pb2.RECORDING_KIND_TRANSCRIPT,
            file_name="talk.txt",
            size=len(content),
            content_sha256=hashlib.sha256(content).digest(),
        )
        yield recording_pb2.PutRecordingRequest(header=header)
        for at in range(0, len(content), _CHUNK):
            yield recording_pb2.PutRecordingRequest(chunk=content[at : at + _CHUNK])

    channel = peers.channel(identities.CLINICAL)
    return recording_service_pb2_grpc.RecordingWriterServiceStub(channel).PutRecording(parts()).ref


def peak(pid: int) -> int:
    """Peak resident memory of a process in MB, as Linux counts it."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    kilobytes = next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line)
    return round(kilobytes * 1024 / 1e6)


if __name__ == "__main__":
    main()
