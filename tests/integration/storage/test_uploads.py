# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.common import errors
from services.storage_client.uploads import PART_BYTES, UploadClient, UploadDownload, parts_sha256
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    upload_pb2,
    upload_service_pb2_grpc,
)
from tests.support import storage_service
from tests.support.storage_calls import fetch, ingest, states
from tests.support.storage_service import StorageServer, study

CONTENT = b"RIFF\x10\x00\x00\x00WAVEfmt " + b"Encik Faizal " + random.Random(2).randbytes(4 << 20)
PARTS = [CONTENT[at : at + PART_BYTES] for at in range(0, len(CONTENT), PART_BYTES)]
HASHES = [hashlib.sha256(part).digest() for part in PARTS]


@pytest.fixture
def clinical(tmp_path: Path) -> Iterator[StorageServer]:
    """The clinical zone in folders, with a study: the contract suite has the other stores."""
    service = storage_service.start(tmp_path / "home", "clinical")
    catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator")).PutStudy(
        catalog_pb2.PutStudyRequest(study=study())
    )
    yield service
    service.stop()


def client(service: StorageServer) -> UploadClient:
    """The uploads as an operator has them."""
    return UploadClient(service.channel("operator"))


def send(service: StorageServer, participant: str = "P07") -> upload_pb2.UploadRef:
    """Upload the file."""
    begun = client(service).begin(
        upload_pb2.BeginUploadRequest(
            study_id="peer-2026",
            participant=participant,
            file_name="Faizal 2026-03-04.wav",
            size=len(CONTENT),
            first_part_sha256=HASHES[0],
        )
    )
    for number in range(begun.upload.received, begun.upload.parts):
        client(service).put(begun.upload.ref, number, PARTS[number], HASHES[number])
    return begun.upload.ref


def finish(
    service: StorageServer, ref: upload_pb2.UploadRef, hashes: list[bytes] = HASHES
) -> upload_pb2.FinishUploadResponse:
    """Have it sealed."""
    return client(service).finish(
        upload_pb2.FinishUploadRequest(
            ref=ref,
            parts_sha256=parts_sha256(hashes),
            session=2,
            kind=recording_pb2.RECORDING_KIND_MEDIA,
            session_date="2026-03-04",
        )
    )


class TestUploads:
    """A file in parts becomes a recording as any other."""

    def test_there_and_back(self, clinical: StorageServer) -> None:
        """It is inspected, sealed with what is said of it, and finished twice it is there."""
        ref = send(clinical)
        found = client(clinical).inspect(ref)
        assert (found.kind, found.form) == (recording_pb2.RECORDING_KIND_MEDIA, "wav")
        assert not states(clinical).recordings
        done = finish(clinical, ref)
        assert not done.existed
        header, content, verified = fetch(clinical, done.ref)
        assert content == CONTENT
        assert verified
        assert (header.session, header.session_date) == (2, "2026-03-04")
        assert header.file_name == "Faizal 2026-03-04.wav"
        assert finish(clinical, ref) == upload_pb2.FinishUploadResponse(ref=done.ref, existed=True)
        assert client(clinical).get(ref).recording == done.ref

    def test_nothing_in_clear(self, clinical: StorageServer) -> None:
        """Neither content nor name is found below the home while it is uploaded, nor in the log."""
        send(clinical)
        for path in clinical.home.rglob("*"):
            assert "Faizal" not in path.name
            assert not path.is_file() or b"Faizal" not in path.read_bytes()
        assert "Faizal" not in str(clinical.log.events)

    def test_content_that_is_there(self, clinical: StorageServer) -> None:
        """The same content elsewhere in the study is told before it is sealed, without a hash."""
        there = ingest(clinical, CONTENT, participant="P08").ref
        [found] = client(clinical).inspect(send(clinical)).found
        assert (found.ref, found.state) == (there, recording_pb2.CONTENT_STATE_SEALED)
        assert not found.content_sha256

    def test_another_file(self, clinical: StorageServer) -> None:
        """What the sender has is compared with what came; where they differ nothing is sealed."""
        ref = send(clinical)
        with pytest.raises(errors.InvalidInput, match="choose the file again"):
            finish(clinical, ref, [HASHES[0], HASHES[0]])
        assert not states(clinical).recordings

    def test_two_at_once(self, clinical: StorageServer) -> None:
        """The same file uploaded and finished by two at the same time is one recording."""
        with ThreadPoolExecutor(2) as pool:
            refs = list(pool.map(lambda _: send(clinical), range(2)))
            assert refs[0] == refs[1]
            done = list(pool.map(lambda ref: finish(clinical, ref), refs))
        assert done[0].ref == done[1].ref
        assert len(states(clinical).recordings) == 1
        assert fetch(clinical, done[0].ref)[1] == CONTENT

    def test_who_may(self, clinical: StorageServer) -> None:
        """The sandboxed reader alone reads it back; the orchestrator only ends it."""
        ref = send(clinical)
        download = UploadDownload(clinical.channel("transcription"), ref)
        assert b"".join(download.chunks()) == CONTENT
        with pytest.raises(errors.PermissionDenied):
            UploadDownload(clinical.channel("operator"), ref)
        stub = upload_service_pb2_grpc.UploadExpiryServiceStub(clinical.channel("flows"))
        assert stub.EndUploads(upload_pb2.EndUploadsRequest()).ended == 0
        with pytest.raises(errors.PermissionDenied):
            UploadClient(clinical.channel("flows")).all()

    def test_unknown_participant(self, clinical: StorageServer) -> None:
        """A code that the study does not know is refused at the beginning."""
        with pytest.raises(errors.InvalidInput, match="add the code"):
            send(clinical, "P99")

    def test_each_step_is_in_the_log(self, clinical: StorageServer) -> None:
        """Intent before, outcome after: of the beginning, of each part, of the look, of the end."""
        ref = send(clinical)
        client(clinical).abort(ref)
        told = [one.name for one in clinical.log.events if one.object == ref.upload_id]
        wanted = ["recording:upload:begun", *["recording:part:sealed"] * 2]
        assert told == [one for one in [*wanted, "recording:upload:deleted"] for _ in range(2)]
        with pytest.raises(errors.NotFound, match="Choose the file again"):
            client(clinical).get(ref)
