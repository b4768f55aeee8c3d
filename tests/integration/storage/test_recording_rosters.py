# SPDX-License-Identifier: Apache-2.0
"""Names that came with a recording: written by one service, read by another, by nobody else."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from services.common.errors import Erased, NotFound, PermissionDenied, SottoError
from services.storage_client.recording_rosters import get_recording_roster, put_recording_roster
from services.storage_client.run_keys import make_run_key
from services.storage_client.transcripts import RunWriter
from sotto.storage.v1 import recording_pb2
from sotto.storage.v1.recording_roster_pb2 import RecordingName
from sotto.transcript.v1 import transcript_pb2
from tests.support.storage_calls import erase, ingest
from tests.support.storage_service import StorageServer

NAMES = [
    RecordingName(name="Sinar Kekwa", source="label", role="participant"),
    RecordingName(name="sinar interview 2", source="file_name"),
]


@pytest.fixture
def storage() -> dict[str, Any]:
    """One kind of store will do: each roster is an object like any other."""
    return {"storage": "directory"}


def _put(
    service: StorageServer,
    ref: recording_pb2.RecordingRef,
    key: str,
    names: list[RecordingName] = NAMES,
    client: str = "transcription",
) -> None:
    put_recording_roster(service.channel(client), ref, key, names)  # type: ignore[arg-type]


def _get(
    service: StorageServer,
    ref: recording_pb2.RecordingRef,
    key: str,
    client: str = "deidentification",
) -> list[RecordingName]:
    return list(get_recording_roster(service.channel(client), ref, key))  # type: ignore[arg-type]


def _key(service: StorageServer, ref: recording_pb2.RecordingRef) -> str:
    digest = hashlib.sha256(b"inputs").digest()
    return make_run_key(service.channel("transcription"), ref, digest)  # type: ignore[arg-type]


class TestRecordingRosters:
    def test_come_back_whole(self, clinical: StorageServer) -> None:
        """In their order; the same again changes nothing, and a run without has none."""
        ref = ingest(clinical, b"interview").ref
        key = _key(clinical, ref)
        assert _get(clinical, ref, key) == []
        _put(clinical, ref, key)
        _put(clinical, ref, key)
        assert _get(clinical, ref, key) == NAMES
        _put(clinical, ref, "0" * 32, [])
        assert _get(clinical, ref, "0" * 32) == []

    def test_are_written_once(self, clinical: StorageServer) -> None:
        """Neither other names, nor any once the run is finished without."""
        ref = ingest(clinical, b"interview").ref
        key = _key(clinical, ref)
        _put(clinical, ref, key)
        with pytest.raises(SottoError, match="run key must change"):
            _put(clinical, ref, key, NAMES[:1])
        writer = RunWriter(clinical.channel("transcription"), ref, "1" * 32)  # type: ignore[arg-type]
        writer.write(0, [transcript_pb2.Segment(index=0, speaker="S1", text="hello")])
        writer.commit(transcript_pb2.TranscriptManifest(session=1))
        with pytest.raises(SottoError, match="finished without names"):
            _put(clinical, ref, "1" * 32)

    @pytest.mark.parametrize(
        "client", ["release", "flows", "operator", "reviewer", "researcher", "compliance"]
    )
    def test_nobody_else_may_ask(self, clinical: StorageServer, client: str) -> None:
        """Neither those who steer, nor those who review; the writer does not read them back."""
        ref = ingest(clinical, b"interview").ref
        key = _key(clinical, ref)
        for one in (client, "transcription"):
            with pytest.raises(PermissionDenied):
                _get(clinical, ref, key, one)
        for one in (client, "deidentification"):
            with pytest.raises(PermissionDenied):
                _put(clinical, ref, key, client=one)

    def test_go_with_the_participant(self, clinical: StorageServer) -> None:
        """Not for a recording that is none; gone where a participant withdrew."""
        ref = ingest(clinical, b"interview").ref
        other = recording_pb2.RecordingRef(
            study_id=ref.study_id, participant=ref.participant, recording_id="rec-" + "a" * 26
        )
        key = _key(clinical, ref)
        with pytest.raises(NotFound):
            _put(clinical, other, key)
        _put(clinical, ref, key)
        objects = [path for path in clinical.home.rglob("*") if f"{key}/roster" in str(path)]
        assert objects
        erase(clinical, ref.participant)
        with pytest.raises(Erased):
            _get(clinical, ref, key)
        assert not any(path.exists() for path in objects)
