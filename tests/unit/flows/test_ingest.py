# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from flows.cli.ingest import raise_if_failed
from services.common.errors import Unavailable
from services.recordings_client.catalog import RecordingSummary, summary_of
from sotto.storage.v1 import catalog_pb2, recording_pb2
from tests.unit.flows.fake_services import recording_ref


class TestRaiseIfFailed:
    def _summary(self, number: int, reason: str = "", message: str = "") -> RecordingSummary:
        state = catalog_pb2.RecordingState(ref=recording_ref(number))
        if reason:
            state.failure.CopyFrom(recording_pb2.StageFailure(reason=reason, message=message))
        return summary_of(state, None)

    def test_nothing_failed(self) -> None:
        """Recordings that did not fail raise nothing."""
        raise_if_failed({})
        raise_if_failed({"a": self._summary(0)})

    def test_error_of_the_first_with_all_messages(self) -> None:
        """The command ends as the first failure asks, and tells each message once."""
        settled = {
            "a": self._summary(0),
            "b": self._summary(1, "UNAVAILABLE", "no service"),
            "c": self._summary(2, "INVALID_ARGUMENT", "no audio"),
            "d": self._summary(3, "INVALID_ARGUMENT", "no audio"),
        }

        with pytest.raises(Unavailable, match=r"^3 of 4 failed: no audio; no service$"):
            raise_if_failed(settled)
