# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pytest

from services.common import errors
from sotto.audit.v1 import entry_pb2
from sotto.storage.v1 import (
    recording_pb2,
    recording_service_pb2_grpc,
)
from tests.support.storage_calls import erase, fetch, ingest, states
from tests.support.storage_service import StorageServer


class TestAccess:
    """Who may call what."""

    @pytest.mark.parametrize("client", ["researcher", "operator", "flows", "deidentification"])
    def test_recordings_in_clear(self, clinical: StorageServer, client: str) -> None:
        """Nobody but the transcription service reads recordings; each denial is in the log."""
        ref = ingest(clinical, b"interview").ref
        stub = recording_service_pb2_grpc.RecordingReaderServiceStub(clinical.channel(client))
        with pytest.raises(errors.PermissionDenied):
            list(stub.GetRecording(recording_pb2.GetRecordingRequest(ref=ref)))
        last = clinical.log.events[-1]
        assert (last.name, last.caller) == ("access:call:denied", client)


class TestAudit:
    """No record, no action."""

    def test_trace(self, clinical: StorageServer) -> None:
        """Each action leaves intent and outcome, with ids and without content."""
        ref = ingest(clinical, b"interview").ref
        fetch(clinical, ref)
        assert clinical.log.names()[-3:] == [
            "key:participant:created",
            "recording:content:sealed",
            "recording:content:read",
        ]
        assert clinical.log.names().count("key:participant:created") == 2  # study and P07
        for event in clinical.log.events:
            assert "Faizal" not in str(event)

    def test_log_unavailable(self, clinical: StorageServer) -> None:
        """While the log is unavailable nothing is read, written or erased."""
        ref = ingest(clinical, b"interview").ref
        clinical.log.down = True
        for call in (
            lambda: fetch(clinical, ref),
            lambda: ingest(clinical, b"another"),
            lambda: erase(clinical),
        ):
            with pytest.raises(errors.Unavailable):
                call()
        clinical.log.down = False
        assert fetch(clinical, ref)[1] == b"interview"
        assert len(states(clinical).recordings) == 1

    def test_failure_is_recorded(self, clinical: StorageServer) -> None:
        """An action that fails says so in its outcome."""
        with pytest.raises(errors.InvalidInput):
            ingest(clinical, b"interview", size=500)
        last = clinical.log.events[-1]
        assert last.name == "recording:content:sealed"
        assert last.outcome == entry_pb2.OUTCOME_FAILURE
