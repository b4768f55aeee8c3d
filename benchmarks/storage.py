# SPDX-License-Identifier: Apache-2.0
"""Sealed put and get through the storage service, against the bare `minio` SDK on the same server.

    python benchmarks/storage.py [--sizes 1024 1048576 268435456] [--server minio] [--rounds N]

Both go to one MinIO server in one run, in turns. The service is the real process with mTLS, audit
and encryption on. Prints one JSON object a line: seconds (median), MB/s, their ratio, milliseconds
added; then where the time goes, piece by piece, and the service's peak memory over idle.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import psutil

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from services.common import identity
from services.common.audit import AuditTrail
from services.common.client import Peers, audit_appender
from services.common.installation import Installation
from services.common.supervisor import Supervisor
from services.registry.events import Event
from services.storage.domain import sealing
from sotto.storage.v1 import (
    admin_pb2,
    admin_service_pb2_grpc,
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
)
from tests.support import s3
from tests.support.speaking import SpeakingPeers
from tests.support.storage_service import study

MIB = 1 << 20
PART = 5 * MIB


def main() -> None:
    """Run all sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1024, MIB, 256 * MIB])
    parser.add_argument("--server", default="minio")
    parser.add_argument("--rounds", type=int, default=0, help="0: 40, 20 or 3 by size")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sotto-bench-") as folder:
        root = Path(folder)
        with s3.running(given.server, root / given.server) as server:
            os.environ |= {
                "SOTTO_STORAGE": "s3",
                "SOTTO_S3_ENDPOINT": server.endpoint,
                "SOTTO_S3_BUCKET": server.zone_bucket(),
                "SOTTO_S3_CREDENTIALS": str(server.credentials()),
            }
            home = root / "home"
            home.mkdir(mode=0o700)
            supervisor = Supervisor(Installation(home))
            try:
                supervisor.start(["storage-clinical"])
                bench = StorageBenchmark(home, supervisor, server)
                for size in given.sizes:
                    rounds = given.rounds or (40 if size < MIB else 20 if size < 64 * MIB else 3)
                    bench.compare(size, rounds)
                bench.memory()
                bench.pieces()
                bench.steps()
                bench.wire()
            finally:
                supervisor.stop()


class StorageBenchmark:
    """A service and a bare client on one server."""

    def __init__(self, home: Path, supervisor: Supervisor, server: s3.S3Server) -> None:
        addresses = supervisor.addresses
        self._home = home
        self._addresses = addresses
        self._operator = SpeakingPeers(home / "pki", "operator", addresses)
        self._reader = SpeakingPeers(home / "pki", "transcription", addresses)
        self._bare = server.client()
        self._bucket = server.bucket()
        processes = supervisor._processes  # noqa: SLF001 - to measure them
        self._process = processes["storage-clinical"].pid
        self._parts = {
            "client": psutil.Process(),
            "service": psutil.Process(self._process),
            "audit": psutil.Process(processes["audit"].pid),
            "s3": psutil.Process(server.pid),
        }
        channel = self._operator.channel("storage-clinical")
        catalog_service_pb2_grpc.CatalogWriterServiceStub(channel).PutStudy(
            catalog_pb2.PutStudyRequest(study=study())
        )
        self._put(random.Random(0).randbytes(100))
        self._idle = psutil.Process(self._process).memory_info().rss
        self._seed = 0

    def compare(self, size: int, rounds: int) -> None:
        """Put and get of one size, sealed and bare in turns."""
        times: dict[str, list[float]] = {k: [] for k in ("put", "put_bare", "get", "get_bare")}
        cpu: dict[str, dict[str, float]] = {kind: dict.fromkeys(self._parts, 0.0) for kind in times}
        for number in range(rounds):
            self._seed += 1
            data = random.Random(self._seed).randbytes(min(size, MIB))
            data = data * max(1, size // len(data))
            name = f"bench/{size}/{number}"
            with self._counted(cpu["put"]):
                ref = _timed(times["put"], lambda data=data: self._put(data))
            with self._counted(cpu["get"]):
                _timed(times["get"], lambda ref=ref, size=size: self._get(ref, size))
            with self._counted(cpu["put_bare"]):
                _timed(times["put_bare"], lambda data=data, name=name: self._put_bare(name, data))
            with self._counted(cpu["get_bare"]):
                _timed(times["get_bare"], lambda name=name, size=size: self._get_bare(name, size))
        middle = {key: statistics.median(values) for key, values in times.items()}
        for kind in ("put", "get"):
            sealed, bare = middle[kind], middle[f"{kind}_bare"]
            _say(
                what=kind,
                size=size,
                rounds=rounds,
                sealed_s=sealed,
                bare_s=bare,
                sealed_mb_s=size / sealed / 1e6,
                bare_mb_s=size / bare / 1e6,
                ratio=bare / sealed,
                added_ms=(sealed - bare) * 1000,
            )
        for kind, parts in cpu.items():
            spent = {f"{part}_s": used / rounds for part, used in parts.items()}
            _say(what=f"cpu of a {kind}", size=size, **spent)

    @contextlib.contextmanager
    def _counted(self, used: dict[str, float]) -> Iterator[None]:
        """Add the CPU seconds that each part spends meanwhile."""
        before = {name: _cpu(process) for name, process in self._parts.items()}
        yield
        for name, process in self._parts.items():
            used[name] += _cpu(process) - before[name]

    def pieces(self) -> None:
        """Measure what one core gives for each piece of the way, over 64 MiB."""
        data = os.urandom(MIB)
        count = 64
        key = sealing.DataKey(bytes(16), os.urandom(32))
        place = sealing.Place("clinical", "s1", "P1", "s1/P1/x")

        def seal() -> None:
            staged = _Nowhere()
            stream = sealing.Sealing(staged, key, place, sealing.Preamble(1, key.key_id, "a/b"))
            for _ in range(count):
                stream.write(data)
            stream.finish()

        def digest() -> None:
            state = hashlib.sha256()
            for _ in range(count):
                state.update(data)

        for what, action in (("seal with both hashes", seal), ("one SHA-256", digest)):
            started = time.process_time()
            action()
            _say(what=what, mb_s=count * MIB / (time.process_time() - started) / 1e6)

    def steps(self) -> None:
        """Measure what a call costs before it does anything, and what recording it costs."""
        store = admin_service_pb2_grpc.StoreAdminServiceStub(
            self._operator.channel("storage-clinical")
        )
        peers = Peers(identity.load(self._home / "pki/storage-clinical"), self._addresses)
        trail = AuditTrail(audit_appender(peers), zone="clinical")
        for what, action in (
            ("an empty call", lambda: store.DescribeStore(admin_pb2.DescribeStoreRequest())),
            ("a durable audit entry", lambda: trail.fact(Event.STORE_SCRUBBED)),
        ):
            times: list[float] = []
            for _ in range(100):
                _timed(times, action)
            _say(what=what, ms=statistics.median(times) * 1000)

    def wire(self) -> None:
        """gRPC with TLS alone: 256 MiB in messages of 1 MiB that nobody looks at."""
        with wire_server(self._home / "pki/storage-clinical") as (process, address):
            peers = Peers(identity.load(self._home / "pki/operator"), {"storage-clinical": address})
            channel = peers.channel("storage-clinical")
            data = os.urandom(MIB)
            writer = recording_service_pb2_grpc.RecordingWriterServiceStub(channel)
            reader = recording_service_pb2_grpc.RecordingReaderServiceStub(channel)
            for what, action in (
                ("put", lambda: writer.PutRecording(_chunks(data, 256))),
                ("get", lambda: list(map(_size, reader.GetRecording(_ANY)))),
            ):
                times: list[float] = []
                both = (psutil.Process(process.pid), psutil.Process())
                before = sum(map(_cpu, both))
                for _ in range(5):
                    _timed(times, action)
                _say(
                    what=f"gRPC with TLS alone, {what}",
                    mb_s=256 * MIB / statistics.median(times) / 1e6,
                    cpu_s=(sum(map(_cpu, both)) - before) / 5,
                )

    def memory(self) -> None:
        """Peak memory of the service over idle."""
        status = Path(f"/proc/{self._process}/status").read_text()
        peak = next(int(line.split()[1]) * 1024 for line in status.splitlines() if "VmHWM" in line)
        _say(
            what="memory of the service",
            idle_mib=self._idle / MIB,
            peak_mib=peak / MIB,
            over_idle_mib=(peak - self._idle) / MIB,
        )

    def _put(self, data: bytes) -> recording_pb2.RecordingRef:
        stub = recording_service_pb2_grpc.RecordingWriterServiceStub(
            self._operator.channel("storage-clinical")
        )
        return stub.PutRecording(_messages(data)).ref

    def _get(self, ref: recording_pb2.RecordingRef, size: int) -> None:
        stub = recording_service_pb2_grpc.RecordingReaderServiceStub(
            self._reader.channel("storage-clinical")
        )
        parts = stub.GetRecording(recording_pb2.GetRecordingRequest(ref=ref))
        assert sum(len(part.chunk) for part in parts) == size

    def _put_bare(self, name: str, data: bytes) -> None:
        # Parts of the same size as ours, one after the other: the SDK's own way with a stream.
        self._bare.put_object(self._bucket, name, io.BytesIO(data), len(data), part_size=PART)

    def _get_bare(self, name: str, size: int) -> None:
        response = self._bare.get_object(self._bucket, name)
        assert sum(len(piece) for piece in response.stream(MIB)) == size
        response.release_conn()


class _Nowhere:
    """A staged object that keeps nothing."""

    def write(self, data: bytes) -> None:
        """Forget it."""

    def commit(self) -> None:
        """Nothing to show."""

    def abort(self) -> None:
        """Nothing to undo."""


_ANY = recording_pb2.GetRecordingRequest()


def _size(part: recording_pb2.GetRecordingResponse) -> int:
    return len(part.chunk)


def _chunks(data: bytes, count: int) -> Iterator[recording_pb2.PutRecordingRequest]:
    for _ in range(count):
        yield recording_pb2.PutRecordingRequest(chunk=data)


class _Wire(
    recording_service_pb2_grpc.RecordingWriterServiceServicer,
    recording_service_pb2_grpc.RecordingReaderServiceServicer,
):
    """Takes and gives bytes and does nothing with them."""

    def PutRecording(self, request_iterator: Any, context: Any) -> Any:
        for message in request_iterator:
            assert message.chunk
        return recording_pb2.PutRecordingResponse()

    def GetRecording(self, request: Any, context: Any) -> Any:
        data = os.urandom(MIB)
        for _ in range(256):
            yield recording_pb2.GetRecordingResponse(chunk=data)


def serve_wire(pki: Path, address: Any) -> None:
    """Serve `_Wire` with a service's certificate and no interceptor."""
    credentials = identity.load(pki)
    server = grpc.server(futures.ThreadPoolExecutor(4))
    recording_service_pb2_grpc.add_RecordingWriterServiceServicer_to_server(_Wire(), server)
    recording_service_pb2_grpc.add_RecordingReaderServiceServicer_to_server(_Wire(), server)
    secure = grpc.ssl_server_credentials(
        [(credentials.key, credentials.certificate)],
        root_certificates=credentials.authority,
        require_client_auth=True,
    )
    port = server.add_secure_port("127.0.0.1:0", secure)
    server.start()
    address.put(f"127.0.0.1:{port}")
    server.wait_for_termination()


@contextlib.contextmanager
def wire_server(pki: Path) -> Iterator[tuple[Any, str]]:
    """`_Wire` in a process of its own, and its address."""
    spawn = multiprocessing.get_context("spawn")
    address: Any = spawn.Queue()
    process = spawn.Process(target=serve_wire, args=(pki, address), daemon=True)
    process.start()
    try:
        yield process, address.get(timeout=60)
    finally:
        process.kill()
        process.join()


def _messages(data: bytes) -> Iterator[recording_pb2.PutRecordingRequest]:
    yield recording_pb2.PutRecordingRequest(
        header=recording_pb2.RecordingHeader(
            study_id="peer-2026",
            participant="P07",
            session=1,
            kind=recording_pb2.RECORDING_KIND_MEDIA,
            file_name="bench.wav",
            size=len(data),
            content_sha256=hashlib.sha256(data).digest(),
        )
    )
    view = memoryview(data)
    for start in range(0, len(data), MIB):
        yield recording_pb2.PutRecordingRequest(chunk=bytes(view[start : start + MIB]))


def _cpu(process: psutil.Process) -> float:
    return float(sum(process.cpu_times()[:2]))


def _timed(times: list[float], action: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    answer = action()
    times.append(time.perf_counter() - started)
    return answer


def _say(**facts: Any) -> None:
    rounded = {k: round(v, 4) if isinstance(v, float) else v for k, v in facts.items()}
    print(json.dumps(rounded), flush=True)


if __name__ == "__main__":
    main()
