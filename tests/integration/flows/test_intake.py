# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.client import Peers
from services.common.errors import AlreadyExists, InvalidInput, NotFound, SottoError
from services.intake import source_files
from services.registry import identities
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc
from tests.support import storage_service
from tests.support.speaking import SpeakingPeers
from tests.support.storage_service import StorageServer, study


@pytest.fixture(scope="module")
def zone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StorageServer]:
    """Run a real clinical zone with one study."""
    service = storage_service.start(tmp_path_factory.mktemp("zone"), "clinical")
    channel = service.channel(identities.OPERATOR)
    stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(channel)  # type: ignore[arg-type]
    stub.PutStudy(catalog_pb2.PutStudyRequest(study=study()))
    yield service
    service.stop()


@pytest.fixture
def peers(zone: StorageServer) -> Iterator[Peers]:
    """Call the zone as an operator does."""
    addresses = {identities.CLINICAL: f"127.0.0.1:{zone.port}"}
    opened = SpeakingPeers(zone.home / "pki", identities.OPERATOR, addresses)
    yield opened
    opened.close()


class TestCheckParticipant:
    def test_known(self, peers: Peers) -> None:
        """A participant of the study passes."""
        source_files.check_participant(peers, "peer-2026", "P07")

    def test_unknown(self, peers: Peers) -> None:
        """An unknown study or code is told with what to do."""
        with pytest.raises(NotFound, match="there is no study other"):
            source_files.check_participant(peers, "other", "P07")
        with pytest.raises(NotFound, match=r"no participant P99.*sotto study create"):
            source_files.check_participant(peers, "peer-2026", "P99")


class TestSeal:
    def test_same_content_twice_is_one_recording(self, peers: Peers, tmp_path: Path) -> None:
        """The same file again, even under another name, is the same recording."""
        for name in ("a.wav", "b.wav"):
            (tmp_path / name).write_bytes(b"sound")
        first = source_files.seal(
            peers, source_files.examine(tmp_path / "a.wav"), "peer-2026", "P07", 1
        )
        second = source_files.seal(
            peers, source_files.examine(tmp_path / "b.wav"), "peer-2026", "P07", 1
        )

        assert first[0] == second[0]
        assert (first[1], second[1]) == (False, True)

    def test_file_that_changes_on_the_way(self, peers: Peers, tmp_path: Path) -> None:
        """A file that is not what was examined is not sealed."""
        path = tmp_path / "a.wav"
        path.write_bytes(b"one sound")
        source = source_files.examine(path)
        path.write_bytes(b"two sound")

        with pytest.raises(SottoError) as caught:
            source_files.seal(peers, source, "peer-2026", "P08", 1)
        assert isinstance(caught.value, InvalidInput | AlreadyExists)

    def test_file_that_vanishes(self, peers: Peers, tmp_path: Path) -> None:
        """A file that cannot be read any more is bad input, and nothing is sealed."""
        path = tmp_path / "a.wav"
        path.write_bytes(b"a third sound")
        source = source_files.examine(path)
        path.unlink()

        with pytest.raises(InvalidInput, match="ingest it again"):
            source_files.seal(peers, source, "peer-2026", "P08", 2)
        path.write_bytes(b"a third sound")
        assert source_files.seal(peers, source, "peer-2026", "P08", 2)[1] is False
