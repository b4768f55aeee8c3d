# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.common import errors
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
)
from tests.support import storage_service
from tests.support.storage_calls import (
    erase,
    fetch,
    ingest,
    objects_of,
    preview,
    states,
    write_transcript,
)
from tests.support.storage_service import StorageServer, study, upload


class TestErasure:
    """Withdrawal of consent."""

    def test_all_is_gone(self, clinical: StorageServer) -> None:
        """Content cannot be read, nothing new is taken, others are untouched, the list says so."""
        ref = ingest(clinical, b"interview").ref
        other = ingest(clinical, b"other", participant="P08").ref
        write_transcript(clinical, ref, "transcription")
        receipt = erase(clinical)
        assert receipt.verified_unreadable
        assert receipt.objects_deleted == 5
        assert receipt.key_id
        for call in (
            lambda: fetch(clinical, ref),
            lambda: ingest(clinical, b"interview"),
            lambda: write_transcript(clinical, ref, "transcription", "f" * 32),
        ):
            with pytest.raises(errors.Erased):
                call()
        assert fetch(clinical, other)[1] == b"other"
        listed = {s.ref.recording_id: s.erased for s in states(clinical).recordings}
        assert listed == {ref.recording_id: True, other.recording_id: False}
        again = erase(clinical)
        assert (again.key_id, again.destroyed_at) == (receipt.key_id, receipt.destroyed_at)
        assert not objects_of(clinical)

    def test_preview(self, clinical: StorageServer) -> None:
        """What would go is listed by name and kind, recorded first, and nothing is changed."""
        ref = ingest(clinical, b"interview").ref
        write_transcript(clinical, ref, "transcription")
        before = objects_of(clinical)
        [found] = preview(clinical)
        own = [one for one in before if "/P07/" in one]
        assert [one.name for one in found.objects] == sorted(own)
        assert {one.kind for one in found.objects} == {"source", "manifest", "transcript"}
        assert not found.erased_before
        assert not any(one.locked for one in found.objects)
        assert objects_of(clinical) == before
        intent, outcome = clinical.log.events[-2:]
        assert intent.name == outcome.name == "key:participant:previewed"
        assert (intent.participant, outcome.attributes["objects"]) == ("P07", str(len(own)))
        receipt = erase(clinical)
        assert receipt.objects_deleted == len(own)
        [after] = preview(clinical)
        assert (list(after.objects), after.erased_before) == ([], True)

    def test_run_under_way(self, clinical: StorageServer) -> None:
        """An upload during which the participant is erased is refused and leaves nothing."""
        content = os.urandom(4 << 20)

        def slow() -> Iterator[recording_pb2.PutRecordingRequest]:
            for number, message in enumerate(upload(content)):
                if number == 3:
                    erase(clinical)
                yield message

        stub = recording_service_pb2_grpc.RecordingWriterServiceStub(clinical.channel("operator"))
        with pytest.raises(errors.Erased):
            stub.PutRecording(slow())
        assert not objects_of(clinical)


class TestLockedBucket:
    """A bucket whose objects are locked for some days."""

    def test_erasure(self, tmp_path: Path, locked: Callable[..., dict[str, Any]]) -> None:
        """Locked objects stay, unreadable already; the receipt says how many and until when."""
        service = storage_service.start(tmp_path / "home", "clinical", **locked(), s3_lock_days=2)
        try:
            catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator")).PutStudy(
                catalog_pb2.PutStudyRequest(study=study())
            )
            ref = ingest(service, b"interview").ref
            [found] = preview(service)
            assert [one.locked for one in found.objects] == [True, True]
            ends = found.objects[0].locked_until.ToDatetime(UTC)
            assert timedelta(days=1) < ends - datetime.now(UTC) < timedelta(days=2)
            receipt = erase(service)
            assert receipt.verified_unreadable
            assert (receipt.objects_deleted, receipt.objects_retained) == (0, 2)
            left = receipt.retained_until.ToDatetime(UTC) - datetime.now(UTC)
            assert timedelta(days=1) < left < timedelta(days=2)
            with pytest.raises(errors.Erased):
                fetch(service, ref)
            with pytest.raises(errors.Erased):
                ingest(service, b"interview")
            assert states(service).recordings[0].erased
        finally:
            service.stop()
