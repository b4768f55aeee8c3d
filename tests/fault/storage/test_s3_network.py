# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common import errors
from services.registry.events import Event
from services.storage.adapters import s3 as adapter
from services.storage.adapters import s3_transfer
from services.storage.adapters.s3 import S3Backend
from services.storage.adapters.s3_options import S3Options
from services.storage.errors import StoreUnavailable
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
)
from tests.support import s3, storage_service
from tests.support.deployment import wait_until
from tests.support.storage_service import StorageServer, study, upload

MIB = 1 << 20
NAME = "peer-2026/P07/rec-a/source"


class FlakyProxy:
    """A connection to a server that is slow, or breaks once, as told."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.pause = 0.0  # seconds before each piece of 64 KiB
        self.cut_up_after = self.cut_down_after = -1  # bytes; once
        self.cuts = 0
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def endpoint(self) -> str:
        """Address for settings."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._target)
            except OSError:
                near.close()
                continue
            for source, sink, way in ((near, far, "up"), (far, near, "down")):
                threading.Thread(target=self._pump, args=(source, sink, way), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, way: str) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                time.sleep(self.pause)
                sink.sendall(data)
                passed += len(data)
                limit = getattr(self, f"cut_{way}_after")
                if 0 <= limit < passed:
                    setattr(self, f"cut_{way}_after", -1)
                    self.cuts += 1
                    break
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.fixture
def proxy(server: s3.S3Server) -> Iterator[FlakyProxy]:
    """The way to the server."""
    made = FlakyProxy(server.port)
    yield made
    made.close()


@pytest.fixture
def service(server: s3.S3Server, proxy: FlakyProxy, tmp_path: Path) -> Iterator[StorageServer]:
    """The clinical zone behind the proxy, with a study."""
    started = storage_service.start(
        tmp_path / "home",
        "clinical",
        storage="s3",
        s3_endpoint=proxy.endpoint,
        s3_bucket=server.zone_bucket(),
        s3_credentials=server.credentials(),
    )
    catalog_service_pb2_grpc.CatalogWriterServiceStub(started.channel("operator")).PutStudy(
        catalog_pb2.PutStudyRequest(study=study())
    )
    yield started
    started.stop()


def put(service: StorageServer, content: bytes) -> recording_pb2.PutRecordingResponse:
    """Send a recording in."""
    stub = recording_service_pb2_grpc.RecordingWriterServiceStub(service.channel("operator"))
    return stub.PutRecording(upload(content))


def parts(
    service: StorageServer, ref: recording_pb2.RecordingRef
) -> Iterator[recording_pb2.GetRecordingResponse]:
    """Messages of a download."""
    stub = recording_service_pb2_grpc.RecordingReaderServiceStub(service.channel("transcription"))
    return iter(stub.GetRecording(recording_pb2.GetRecordingRequest(ref=ref)))


def whole(service: StorageServer, ref: recording_pb2.RecordingRef) -> bytes:
    """A download that ended with its mark."""
    found = list(parts(service, ref))
    assert found[-1].verified
    return b"".join(part.chunk for part in found)


class TestFlakyNetwork:
    """A bad connection to a good server."""

    def test_slow(self, service: StorageServer, proxy: FlakyProxy) -> None:
        """Slow is no fault: everything arrives."""
        content = os.urandom(11 * MIB)
        proxy.pause = 0.005
        assert whole(service, put(service, content).ref) == content

    @pytest.mark.parametrize("after", [1000, 2 * MIB, 4 * MIB])
    def test_broken_put(self, service: StorageServer, proxy: FlakyProxy, after: int) -> None:
        """A connection that breaks in the middle of a part: the part is sent again."""
        content = os.urandom(11 * MIB)
        proxy.cut_up_after = after
        ref = put(service, content).ref
        assert proxy.cuts == 1
        assert whole(service, ref) == content

    @pytest.mark.parametrize("after", [2 * MIB, 9 * MIB])
    def test_broken_get(self, service: StorageServer, proxy: FlakyProxy, after: int) -> None:
        """A connection that breaks in the middle of a get: it goes on where it was."""
        content = os.urandom(11 * MIB)
        ref = put(service, content).ref
        proxy.cut_down_after = after
        assert whole(service, ref) == content
        assert proxy.cuts == 1


class TestServerGone:
    """A server that dies and does not come back while the call lasts."""

    def test_in_a_put(self, server: s3.S3Server, service: StorageServer) -> None:
        """The caller gets an error, nothing is visible, and later the same recording goes in."""
        content = os.urandom(16 * MIB)

        def dying() -> Iterator[recording_pb2.PutRecordingRequest]:
            for number, message in enumerate(upload(content)):
                if number == 8:
                    # Uploads run ahead; the server is to die when the work has begun.
                    wait_until(has_begun, what="the intent of the upload")
                    server.kill()
                yield message

        def has_begun() -> bool:
            return any(one.name == Event.RECORDING_SEALED for one in service.log.events)

        stub = recording_service_pb2_grpc.RecordingWriterServiceStub(service.channel("operator"))
        with pytest.raises(errors.Unavailable):
            stub.PutRecording(dying())
        assert service.log.events[-1].reason == "UNAVAILABLE"
        server.start()
        reader = catalog_service_pb2_grpc.CatalogReaderServiceStub(service.channel("flows"))
        assert not reader.ListRecordings(catalog_pb2.ListRecordingsRequest()).recordings
        answer = put(service, content)
        assert not answer.existed
        assert whole(service, answer.ref) == content

    def test_in_a_get(
        self, server: s3.S3Server, service: StorageServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The reader gets an error in the place of the end mark; the log knows it failed."""
        monkeypatch.setattr(s3_transfer, "_TRIES", 1)
        content = os.urandom(64 * MIB)
        ref = put(service, content).ref
        answer = parts(service, ref)
        received = [next(answer), next(answer)]
        server.kill()
        with pytest.raises(errors.Unavailable):
            received.extend(answer)
        assert not any(part.verified for part in received)
        assert service.log.events[-1].reason == "UNAVAILABLE"
        server.start()
        assert whole(service, ref) == content


class TestDeadWriter:
    """A service that was killed in the middle of an upload."""

    def test_swept(self, server: s3.S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
        """What it left is never visible; it is given up when it is a day old, and not before."""
        options = S3Options(server.endpoint, server.bucket(), server.credentials())
        dead = S3Backend(options).stage(NAME)
        dead.write(bytes(6 * MIB))
        dead._parts[0].result()
        backend = S3Backend(options)
        assert backend.sweep() == 0
        assert backend.stat(NAME) is None
        monkeypatch.setattr(adapter, "_STALE", -adapter._STALE)
        assert backend.sweep() == 1
        assert backend.sweep() == 0
        with pytest.raises(StoreUnavailable):
            dead.commit()
        assert backend.list("").objects == ()
