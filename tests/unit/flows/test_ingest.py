# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from flows.cli.ingest import interview_days
from services.common.errors import InvalidInput


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
