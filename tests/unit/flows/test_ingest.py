# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from flows.catalog import RecordingSummary, summary_of
from flows.cli.ingest import interview_days, raise_if_failed
from services.common.errors import InvalidInput, Unavailable
from sotto.storage.v1 import catalog_pb2, recording_pb2
from tests.unit.flows.fake_services import recording_ref


class TestInterviewDays:
    def test_one_for_each_file_or_none(self) -> None:
        """Each file has its own day, or nobody says any."""
        assert interview_days(["2026-03-04", "2026-03-11"], 2) == [
            "2026-03-04",
            "2026-03-11",
        ]
        assert interview_days([], 2) == ["", ""]
        with pytest.raises(InvalidInput, match="2 files and 1 dates"):
            interview_days(["2026-03-04"], 2)

    def test_not_tomorrow(self) -> None:
        """A wrong year is refused before anything is sealed."""
        with pytest.raises(InvalidInput, match="future"):
            interview_days(["2126-03-04"], 1)

    @pytest.mark.parametrize("day", ["20-03-2026", "2026-02-30", "yesterday", ""])
    def test_no_day(self, day: str) -> None:
        """What is no day is refused with the form that a day has."""
        with pytest.raises(InvalidInput, match="YYYY-MM-DD"):
            interview_days([day], 1)


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
