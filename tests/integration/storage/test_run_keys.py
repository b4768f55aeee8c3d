# SPDX-License-Identifier: Apache-2.0
"""Keys of runs over gRPC: for recordings that there are, and for the makers of transcripts."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest

from services.common.errors import Erased, NotFound, PermissionDenied
from services.registry import ids
from services.storage_client.run_keys import make_run_key
from sotto.storage.v1 import recording_pb2
from tests.support.storage_calls import erase, ingest
from tests.support.storage_service import StorageServer

DIGEST = hashlib.sha256(b"inputs").digest()
MAKERS = ("transcription", "deidentification")


@pytest.fixture
def storage() -> dict[str, Any]:
    """One kind of store will do: keys are made in memory."""
    return {"storage": "directory"}


def _key(service: StorageServer, client: str, ref: recording_pb2.RecordingRef) -> str:
    return make_run_key(service.channel(client), ref, DIGEST)  # type: ignore[arg-type]


class TestMakeRunKey:
    def test_both_makers_get_the_same_key(self, clinical: StorageServer) -> None:
        """Who asks makes no difference, so that a run is found again."""
        ref = ingest(clinical, b"interview").ref
        [key] = {_key(clinical, maker, ref) for maker in MAKERS}
        assert re.fullmatch(ids.RUN_KEY, key)
        assert key not in (DIGEST.hex(), hashlib.sha256(DIGEST).hexdigest()[:32])

    @pytest.mark.parametrize("client", ["release", "flows", "operator", "reviewer", "researcher"])
    def test_nobody_else_may_ask(self, clinical: StorageServer, client: str) -> None:
        """Whoever may ask could test guesses."""
        ref = ingest(clinical, b"interview").ref
        with pytest.raises(PermissionDenied):
            _key(clinical, client, ref)

    def test_only_for_a_recording_that_is_sealed(self, clinical: StorageServer) -> None:
        """Not for one that nobody sealed, and not for one whose participant withdrew."""
        ref = ingest(clinical, b"interview").ref
        other = recording_pb2.RecordingRef(
            study_id=ref.study_id, participant=ref.participant, recording_id="rec-" + "a" * 26
        )
        with pytest.raises(NotFound):
            _key(clinical, MAKERS[0], other)
        erase(clinical, ref.participant)
        with pytest.raises(Erased):
            _key(clinical, MAKERS[0], ref)
