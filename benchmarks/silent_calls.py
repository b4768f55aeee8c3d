# SPDX-License-Identifier: Apache-2.0
"""Seals 1 KB at a time while another certificate holds calls open that send nothing.

    python benchmarks/silent_calls.py [--puts 200] [--rounds 3] [--calls 16 200]

Audit and the clinical storage are real processes with mTLS, their home on the local disk. In each
round puts are made without calls, then beside each number of them, at both services at once: by a
researcher, who may call neither, and by the orchestrator, who may. Whoever holds calls is a process
of its own and begins each anew as soon as the service ends it. Prints one JSON object for each:
milliseconds (median and 99th percentile of all rounds) and their ratio to those without calls.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from services.registry.identities import AUDIT, CLINICAL, FLOWS, OPERATOR, RESEARCHER
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc, recording_service_pb2_grpc
from tests.support.attacker import Attacker, honest, named
from tests.support.deployment import Deployment
from tests.support.storage_service import study, upload

_HELD = {AUDIT: "Append", CLINICAL: "ListStudies"}
_PAUSE_SECONDS = 0.05


def main() -> None:
    """Run all rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--puts", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--calls", type=int, nargs="+", default=[16, 200])
    given = parser.parse_args()
    kinds = [("nobody", 0)] + [
        (client, count) for client in (RESEARCHER, FLOWS) for count in given.calls
    ]
    found: dict[tuple[str, int], list[float]] = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory() as folder, Deployment(Path(folder) / "home") as deployment:
        deployment.start(CLINICAL)
        channel = deployment.channel(OPERATOR, CLINICAL)
        writer = catalog_service_pb2_grpc.CatalogWriterServiceStub(channel)
        writer.PutStudy(catalog_pb2.PutStudyRequest(study=study()))
        _put(channel, given.puts // 4)
        for _ in range(given.rounds):
            for client, count in kinds:
                with _Holder(deployment, client, count):
                    found[client, count] += _put(channel, given.puts)
    alone = found["nobody", 0]
    for (client, count), seconds in found.items():
        print(
            json.dumps(
                {
                    "silent calls at each of audit and storage-clinical": count,
                    "by": client,
                    "puts": len(seconds),
                    "median_ms": _shown(statistics.median(seconds)),
                    "p99_ms": _shown(_p99(seconds)),
                    "ratio_median": round(statistics.median(seconds) / statistics.median(alone), 2),
                    "ratio_p99": round(_p99(seconds) / _p99(alone), 2),
                }
            )
        )


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[98]


def _shown(seconds: float) -> float:
    return round(seconds * 1000, 2)


def _put(channel: grpc.Channel, count: int) -> list[float]:
    """Seal recordings of 1 KB, one after the other; return the seconds that each took."""
    stub = recording_service_pb2_grpc.RecordingWriterServiceStub(channel)
    taken = []
    for _ in range(count):
        content = os.urandom(1024)
        began = time.perf_counter()
        stub.PutRecording(upload(content))
        taken.append(time.perf_counter() - began)
    return taken


class _Holder:
    """A process that holds calls open while a block lasts."""

    def __init__(self, deployment: Deployment, client: str, count: int) -> None:
        fresh = multiprocessing.get_context("spawn")
        self._ready = fresh.Event()
        given = (deployment.installation.pki, dict(deployment.addresses), client, count)
        self._process = fresh.Process(target=_hold, args=(*given, self._ready), daemon=True)
        self._needed = count > 0

    def __enter__(self) -> None:
        if self._needed:
            self._process.start()
            self._ready.wait()

    def __exit__(self, *_: object) -> None:
        if self._needed:
            self._process.kill()
            self._process.join()


def _hold(pki: Path, addresses: dict[str, str], client: str, count: int, ready: Any) -> None:
    attacker = Attacker(pki, addresses)
    never = threading.Event()

    def nothing() -> Iterator[bytes]:
        never.wait()
        yield from ()

    def begin(number: int, server: str) -> Any:
        key = (server, number // 50)
        if key not in channels:
            channels[key] = attacker.new_channel(client, server)
        said = honest(client)
        method = named(server, _HELD[server])
        return attacker.open(
            client, method, nothing(), metadata=said, seconds=600, channel=channels[key]
        )

    channels: dict[tuple[str, int], grpc.Channel] = {}
    places = [(number, server) for number in range(count) for server in _HELD]
    calls = {place: begin(*place) for place in places}
    time.sleep(1.0)
    ready.set()
    while True:
        for place, call in calls.items():
            if call.done():
                calls[place] = begin(*place)
        time.sleep(_PAUSE_SECONDS)


if __name__ == "__main__":
    main()
