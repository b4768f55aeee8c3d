# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.registry import identities
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
)
from tests.support import s3
from tests.support.deployment import Deployment
from tests.support.storage_service import study
from tests.support.tools import missing

MIB = 1 << 20
SIZE = 2 << 30
MOST_OVER_IDLE = 64 * MIB


class Content:
    """Two GiB that nobody stores, the same each time that they are asked for."""

    def __init__(self) -> None:
        self._block = os.urandom(16) * (MIB // 16)
        digest = hashlib.sha256()
        for chunk in self:
            digest.update(chunk)
        self.sha256 = digest.digest()

    def __iter__(self) -> Iterator[bytes]:
        for number in range(SIZE // MIB):
            yield number.to_bytes(16, "big") + self._block[16:]

    def messages(self) -> Iterator[recording_pb2.PutRecordingRequest]:
        """Messages of the upload."""
        yield recording_pb2.PutRecordingRequest(
            header=recording_pb2.RecordingHeader(
                study_id="peer-2026",
                participant="P07",
                session=1,
                kind=recording_pb2.RECORDING_KIND_MEDIA,
                file_name="a long day.wav",
                size=SIZE,
                content_sha256=self.sha256,
            )
        )
        for chunk in self:
            yield recording_pb2.PutRecordingRequest(chunk=chunk)


class Memory:
    """Resident memory of a process; its peak can be reset (proc(5), clear_refs)."""

    def __init__(self, pid: int) -> None:
        self._folder = Path(f"/proc/{pid}")

    def reset(self) -> int:
        """Begin anew; bytes resident now."""
        (self._folder / "clear_refs").write_text("5")
        return self._read("VmRSS")

    def peak(self) -> int:
        """Most bytes resident since."""
        return self._read("VmHWM")

    def _read(self, field: str) -> int:
        for line in (self._folder / "status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * 1024
        raise AssertionError(field)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards: pytest would keep gigabytes for later."""
    with tempfile.TemporaryDirectory(prefix="sotto-large-") as path:
        yield Path(path)


@pytest.fixture(params=["directory", "versitygw"])
def environment(request: pytest.FixtureRequest, folder: Path) -> Iterator[dict[str, str]]:
    """Settings of an empty store."""
    if request.param == "directory":
        yield {"SOTTO_STORAGE": "directory"}
        return
    try:
        with s3.running(request.param, folder / request.param) as server:
            yield {
                "SOTTO_STORAGE": "s3",
                "SOTTO_S3_ENDPOINT": server.endpoint,
                "SOTTO_S3_BUCKET": server.zone_bucket(),
                "SOTTO_S3_CREDENTIALS": str(server.credentials()),
            }
    except s3.NotInstalled as error:
        missing(error)


class TestTwoGiB:
    """A recording of 2 GiB through the real service, with TLS, audit and sealing.

    Slow: 4 GiB pass through three processes.
    """

    def test_there_and_back(self, environment: dict[str, str], folder: Path) -> None:
        """It comes back whole, and the service takes at most 64 MiB more than when idle."""
        with Deployment(folder / "home", environment).start(identities.CLINICAL) as deployment:
            memory = Memory(deployment.pid(identities.CLINICAL))
            channel = deployment.channel(identities.OPERATOR, identities.CLINICAL)
            catalog_service_pb2_grpc.CatalogWriterServiceStub(channel).PutStudy(
                catalog_pb2.PutStudyRequest(study=study())
            )
            content = Content()
            idle = memory.reset()
            writer = recording_service_pb2_grpc.RecordingWriterServiceStub(channel)
            ref = writer.PutRecording(content.messages()).ref
            put = memory.peak() - idle
            memory.reset()
            assert self._get(deployment, ref) == content.sha256
            get = memory.peak() - idle
        assert max(put, get) <= MOST_OVER_IDLE, (put, get)

    def _get(self, deployment: Deployment, ref: recording_pb2.RecordingRef) -> bytes:
        """SHA-256 of what came with its end mark."""
        reader = recording_service_pb2_grpc.RecordingReaderServiceStub(
            deployment.channel(identities.TRANSCRIPTION, identities.CLINICAL)
        )
        found = hashlib.sha256()
        verified = False
        for part in reader.GetRecording(recording_pb2.GetRecordingRequest(ref=ref)):
            found.update(part.chunk)
            verified = part.verified
        assert verified
        return found.digest()
