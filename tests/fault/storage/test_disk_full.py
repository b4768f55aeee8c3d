# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common import errors
from services.storage.domain.scrub import Scrub
from services.storage.errors import StoreOutOfSpace
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_service_pb2_grpc,
)
from tests.support import storage_service
from tests.support.small_disk import mounted
from tests.support.storage_service import study, upload
from tests.support.storage_zone import P07, open_zone

MIB = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MiB."""
    with mounted(tmp_path / "disk", 8) as disk:
        yield disk


class TestDiskFull:
    """A full disk is refused and leaves nothing half-visible."""

    def test_store(self, small_disk: Path) -> None:
        """Writing stops with an error that says so; what was there stays, and room helps."""
        zone = open_zone(small_disk / "zone")
        names = [f"{P07.prefix}x/{n}/object" for n in range(20)]
        written: list[str] = []

        def write_on() -> None:
            for name in names:
                zone.store.put(P07, name, os.urandom(MIB), "a/b")
                written.append(name)

        with pytest.raises(StoreOutOfSpace):
            write_on()
        assert 4 <= len(written) <= 7
        assert list(zone.store.list("")) == sorted(written)
        assert not list((small_disk / "zone/objects/.staging").iterdir())
        assert not list(Scrub(zone.store).findings())
        zone.objects.delete(written.pop())
        zone.store.put(P07, names[-1], os.urandom(MIB // 2), "a/b")

    def test_keys(self, small_disk: Path) -> None:
        """Where not even a key fits, nothing is sealed under a key that would be lost."""
        zone = open_zone(small_disk / "zone")
        filler = small_disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        with pytest.raises(StoreOutOfSpace):
            zone.store.put(P07, P07.prefix + "x/source", b"content", "a/b")
        filler.unlink()
        zone.store.put(P07, P07.prefix + "x/source", b"content", "a/b")
        assert open_zone(small_disk / "zone").store.read(P07, P07.prefix + "x/source") == b"content"

    def test_service(self, small_disk: Path) -> None:
        """The caller gets RESOURCE_EXHAUSTED, no recording is visible, and the audit log knows."""
        service = storage_service.start(small_disk / "home", "clinical")
        try:
            catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator")).PutStudy(
                catalog_pb2.PutStudyRequest(study=study())
            )
            stub = recording_service_pb2_grpc.RecordingWriterServiceStub(
                service.channel("operator")
            )
            with pytest.raises(errors.Exhausted):
                stub.PutRecording(upload(os.urandom(12 * MIB)))
            reader = catalog_service_pb2_grpc.CatalogReaderServiceStub(service.channel("flows"))
            assert not reader.ListRecordings(catalog_pb2.ListRecordingsRequest()).recordings
            assert service.log.events[-1].reason == "RESOURCE_EXHAUSTED"
            content = os.urandom(MIB)
            assert not stub.PutRecording(upload(content)).existed
            assert stub.PutRecording(upload(content)).existed
        finally:
            service.stop()
