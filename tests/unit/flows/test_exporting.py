# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import grpc
import pytest

from flows import exporting
from services.common.client import Peers
from services.common.errors import InvalidInput
from services.registry.export_formats import ExportFormat, Style
from services.registry.purposes import Purpose
from sotto.release.v1 import release_service_pb2_grpc
from sotto.release.v1.release_pb2 import ExportReleaseRequest
from sotto.release.v1.release_pb2 import ExportReleaseResponse as Part

RELEASE = "rel-" + "a" * 26
SAID = exporting.Said("0" * 64, Purpose.OTHER, "a reading group")

WHOLE = [
    Part(file_name="P07.txt", chunk=b"one "),
    Part(chunk=b"two"),
    Part(file_name="certificate.json", chunk=b"{}", last=True),
]


@dataclass
class FakeReleaseService(release_service_pb2_grpc.ReleaseReaderServiceServicer):
    """A release service that sends the `parts`, and then fails where it `breaks`."""

    parts: list[Part] = field(default_factory=lambda: list(WHOLE))
    breaks: bool = False
    requests: list[ExportReleaseRequest] = field(default_factory=list)
    port: int = 0

    def ExportRelease(
        self, request: ExportReleaseRequest, context: grpc.ServicerContext
    ) -> Iterator[Part]:
        """Stream the parts."""
        self.requests.append(request)
        yield from self.parts
        if self.breaks:
            context.abort(grpc.StatusCode.UNAVAILABLE, "gone")

    def channel(self, _service: str) -> grpc.Channel:
        """Return a channel to this service, whichever is asked for."""
        return grpc.insecure_channel(f"127.0.0.1:{self.port}")

    def export(self, target: Path) -> list[str]:
        """Export the newest release as txt."""
        return exporting.export(cast(Peers, self), "recovery", "", ExportFormat.TXT, target, SAID)


@pytest.fixture
def service() -> Iterator[FakeReleaseService]:
    """A running service that sends a whole release."""
    fake = FakeReleaseService()
    server = grpc.server(ThreadPoolExecutor(1))
    release_service_pb2_grpc.add_ReleaseReaderServiceServicer_to_server(fake, server)
    fake.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield fake
    server.stop(0).wait()


def _left(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))  # noqa: PTH208 - hidden names too


class TestExport:
    def test_request(self, service: FakeReleaseService, tmp_path: Path) -> None:
        """The request names study, release, format and style as the contract does."""
        for one, style in itertools.product(ExportFormat, Style):
            target = tmp_path / style.of(one)
            exporting.export(cast(Peers, service), "recovery", RELEASE, one, target, SAID, style)
        assert service.requests == [
            ExportReleaseRequest(
                study_id="recovery",
                release_id=RELEASE,
                format=f"FORMAT_{name}",
                style=f"STYLE_{style}",
                terms_sha256="0" * 64,
                purpose="PURPOSE_OTHER",
                purpose_text="a reading group",
            )
            for name in ("TXT", "DOCX", "VTT", "JSONL")
            for style in ("VERBATIM", "READABLE")
        ]

    def test_target_that_is_taken(self, service: FakeReleaseService, tmp_path: Path) -> None:
        """Nothing is asked for when the folder is in use."""
        (tmp_path / "notes.txt").touch()
        with pytest.raises(InvalidInput, match="exists already"):
            service.export(tmp_path)
        assert service.requests == []
        assert _left(tmp_path) == ["notes.txt"]

    def test_whole_release(self, service: FakeReleaseService, tmp_path: Path) -> None:
        """All files are there under the names that were sent, and nothing else."""
        names = service.export(tmp_path / "new" / "out")

        assert names == ["P07.txt", "certificate.json"]
        assert _left(tmp_path / "new") == ["out"]
        assert (tmp_path / "new" / "out" / "P07.txt").read_bytes() == b"one two"

    def test_folder_is_for_whom_the_umask_says(
        self, service: FakeReleaseService, tmp_path: Path
    ) -> None:
        """The folder is as open as other folders that the person makes: it is for sharing."""
        before = os.umask(0o027)
        try:
            service.export(tmp_path / "out")
        finally:
            os.umask(before)

        assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o750

    def test_empty_folder_may_be_named(self, service: FakeReleaseService, tmp_path: Path) -> None:
        """A folder that is there and empty is filled."""
        (tmp_path / "out").mkdir()
        service.export(tmp_path / "out")

        assert _left(tmp_path / "out") == ["P07.txt", "certificate.json"]

    def test_release_that_does_not_come_whole(
        self, service: FakeReleaseService, tmp_path: Path
    ) -> None:
        """Without the last mark nothing stays: half a release looks like a whole one."""
        service.parts = WHOLE[:2]
        with pytest.raises(InvalidInput, match="did not come whole"):
            service.export(tmp_path / "out")
        assert _left(tmp_path) == []

    def test_stream_that_breaks(self, service: FakeReleaseService, tmp_path: Path) -> None:
        """What breaks the stream goes on as it is, and nothing stays."""
        service.parts, service.breaks = WHOLE[:1], True
        with pytest.raises(grpc.RpcError, match="gone"):
            service.export(tmp_path / "out")
        assert _left(tmp_path) == []

    @pytest.mark.parametrize(
        "name", ["../P07.txt", "/etc/P07.txt", ".bashrc", "a/b.txt", "..", ".", "a\x00b", "a" * 300]
    )
    def test_name_that_leads_elsewhere(
        self, service: FakeReleaseService, tmp_path: Path, name: str
    ) -> None:
        """A name that would write outside the folder, or hide, is refused, and nothing stays."""
        (tmp_path / "work").mkdir()
        service.parts = [Part(file_name=name, chunk=b"x", last=True)]
        with pytest.raises(InvalidInput, match="unsafe file name"):
            service.export(tmp_path / "work" / "o")

        assert _left(tmp_path / "work") == []
        assert _left(tmp_path) == ["work"]

    def test_file_without_a_name(self, service: FakeReleaseService, tmp_path: Path) -> None:
        """Bytes that belong to no file are refused."""
        service.parts = [Part(chunk=b"x", last=True)]
        with pytest.raises(InvalidInput):
            service.export(tmp_path / "out")
        assert _left(tmp_path) == []

    def test_same_name_twice(self, service: FakeReleaseService, tmp_path: Path) -> None:
        """Two files of one name do not run into each other."""
        part = Part(file_name="a.txt", chunk=b"1", last=True)
        service.parts = [part, part]
        with pytest.raises(InvalidInput):
            service.export(tmp_path / "out")
        assert _left(tmp_path) == []

    def test_place_that_cannot_be_written(
        self, service: FakeReleaseService, tmp_path: Path
    ) -> None:
        """A place that cannot be written to is named as that."""
        (tmp_path / "file").touch()

        with pytest.raises(InvalidInput, match="cannot be written"):
            service.export(tmp_path / "file" / "out")


class TestCheckTarget:
    def test_taken(self, tmp_path: Path) -> None:
        """A file, or a folder with something in it, is in the way."""
        (tmp_path / "file").touch()

        for target in (tmp_path, tmp_path / "file"):
            with pytest.raises(InvalidInput, match="exists already"):
                exporting.check_target(target)
        exporting.check_target(tmp_path / "new")
