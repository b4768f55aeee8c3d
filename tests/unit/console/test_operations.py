# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import grpc
import pytest
from starlette.testclient import TestClient

from services.common.errors import Unavailable
from services.registry import identities
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    work_pb2,
    work_service_pb2_grpc,
)
from tests.support import storage_service
from tests.support.console import Desk, OwnCertificate
from tests.support.speaking import SpeakingPeers
from tests.support.storage_calls import ingest, states
from tests.support.storage_service import StorageServer, study

CONTENT = b"RIFF\x10\x00\x00\x00WAVEfmt " + bytes(100)
HASH = hashlib.sha256(CONTENT).digest()
WHO = {"study": "peer-2026", "participant": "P07"}


@pytest.fixture(scope="module")
def clinical(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StorageServer]:
    """The clinical zone with a study."""
    service = storage_service.start(tmp_path_factory.mktemp("zone") / "home", "clinical")
    catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator")).PutStudy(
        catalog_pb2.PutStudyRequest(study=study())
    )
    yield service
    service.stop()


@pytest.fixture
def siti(tmp_path: Path, clinical: StorageServer) -> Iterator[TestClient]:
    """Hospital IT at the console; only the clinical store is up."""
    addresses = {clinical.name: f"127.0.0.1:{clinical.port}"}
    peers = SpeakingPeers(clinical.home / "pki", "operator", addresses)

    def channel(name: str) -> grpc.Channel:
        if name != identities.CLINICAL:
            raise Unavailable(f"{name} does not answer; see: sotto status")
        return peers.channel(name)

    with Desk(tmp_path, channel=channel, assertions=OwnCertificate()) as desk:
        yield desk.signed_in("siti", "operator")
    peers.close()


def begin(client: TestClient) -> str:
    """Begin an upload as the script of the page does."""
    fields = {**WHO, "name": "Faizal.wav", "size": str(len(CONTENT)), "first": HASH.hex()}
    answer = client.post("/upload/begin", data=fields)
    assert answer.status_code == 200, answer.text
    assert answer.json()["parts"] == 1
    return str(answer.json()["upload"])


def send(client: TestClient, upload: str, content: bytes = CONTENT, **headers: str) -> int:
    """Send the one part."""
    told = {
        "content-type": "application/octet-stream",
        "sotto-study": "peer-2026",
        "sotto-participant": "P07",
        "sotto-part-sha256": HASH.hex(),
        **headers,
    }
    return client.post(f"/upload/parts/{upload}/0", content=content, headers=told).status_code


class TestUpload:
    """Parts go through the console to the store."""

    def test_form(self, siti: TestClient) -> None:
        """It offers the participants of each study, and names no content."""
        page = siti.get("/upload")
        assert page.status_code == 200
        assert 'data-participant="P07"' in page.text
        assert "upload.js" in page.text

    def test_parts_reach_the_store(self, siti: TestClient, clinical: StorageServer) -> None:
        """What was sealed is told when the same file is begun again, and may be dropped."""
        upload = begin(siti)
        assert send(siti, upload) == 200
        assert send(siti, upload) == 200
        page = siti.get("/upload")
        assert "1 of 1 part" in page.text
        assert "Faizal" not in page.text
        assert not states(clinical).recordings
        dropped = siti.post("/upload/drop", data={**WHO, "upload": upload})
        assert dropped.headers["location"] == "/upload"
        assert "1 of 1 part" not in siti.get("/upload").text

    def test_what_is_refused(self, siti: TestClient) -> None:
        """Other bytes than announced, no hash, no upload, and a part from another site."""
        upload = begin(siti)
        assert send(siti, upload, b"other") == 400
        assert send(siti, upload, **{"sotto-part-sha256": "none"}) == 400
        assert send(siti, "upl-" + "z" * 26) == 404
        assert send(siti, upload, **{"sec-fetch-site": "cross-site"}) == 403
        assert send(siti, upload, bytes(4 << 20)) == 413

    def test_report_needs_its_reader(self, siti: TestClient) -> None:
        """Where transcription is away it is said, and what was sealed stays."""
        upload = begin(siti)
        send(siti, upload)
        parts = hashlib.sha256(HASH).hexdigest()
        form = {**WHO, "upload": upload, "parts_sha256": parts, "session": "1"}
        assert siti.post("/upload/report", data=form).status_code == 503
        assert send(siti, upload) == 200

    @pytest.mark.parametrize("path", ["/upload", "/recordings", "/studies", "/system"])
    def test_is_for_operators(self, desk: Desk, path: str) -> None:
        """Nobody else opens it."""
        assert desk.signed_in("tan", "reviewer").get(path).status_code == 403


class TestStudies:
    """Changes are shown before they are made."""

    def test_list_and_form(self, siti: TestClient) -> None:
        """The list shows studies; what the form would change needs the engine's word on policy."""
        assert "What recovery means" in siti.get("/studies").text
        assert "research-default" in siti.get("/studies/new").text
        assert siti.get("/studies/peer-2026").status_code == 503


class TestSystem:
    """What runs."""

    def test_parts(self, siti: TestClient) -> None:
        """Each part says what it is, or that it is away or unknown, and what to do."""
        page = siti.get("/system").text
        assert "local-file" in page
        assert "GiB" in page
        assert "does not answer; see: sotto status" in page
        assert "Nothing goes on without one" in page
        assert f"version {version('sotto')}, certificate until" in page
        assert siti.get("/system/parts").status_code == 200
        zone = page[page.index('id="clinical"') :]
        assert "made at" in zone[: zone.index("</li>")]
        assert "unknown: audit does not answer" in zone[: zone.index("</li>")]

    def test_workers(self, siti: TestClient, clinical: StorageServer) -> None:
        """What a worker told stands there, and how far a recording is stands on its pages."""
        ref = ingest(clinical, CONTENT).ref
        stub = work_service_pb2_grpc.WorkNoteServiceStub(clinical.channel("flows"))
        note = work_pb2.NoteWorkRequest(worker="host-1", version="1", places=2)
        note.started_at.GetCurrentTime()
        note.recordings.add(
            ref=ref, stage="transcription", done_thousandths=450, seconds_left=300
        ).begun_at.GetCurrentTime()
        stub.NoteWork(note)

        system = siti.get("/system").text
        assert f"works on {ref.recording_id}, alive since" in system
        page = siti.get(f"/recordings/{ref.recording_id}/progress").text
        assert "Transcribing: 45 %, about 5 min left" in page
        assert '<progress max="100" value="45"' in page

        note.stopped = True
        note.ClearField("recordings")
        stub.NoteWork(note)
        assert "stopped in good order" in siti.get("/system").text
        page = siti.get(f"/recordings/{ref.recording_id}/progress").text
        assert "It is its turn, once a worker asks for work" in page
