# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.deidentification.recognisers.dates import DateRecognizer
from tests.unit.deidentification.assertions import Find, covers, untouched


class TestDates:
    """Dates that can be placed."""

    @pytest.mark.parametrize(
        ("text", "date"),
        [
            ("on 12 March 2019", "12 March 2019"),
            ("pada 5 Mac", "5 Mac"),
            ("12hb Mei", "12hb Mei"),
            ("12/3/2019", "12/3/2019"),
            ("2019-03-12", "2019-03-12"),
            ("the twenty first of june", "twenty first of june"),
            ("Monday the 12th", "Monday the 12th"),
            ("in nineteen ninety five", "nineteen ninety five"),
            ("in two thousand and twelve", "two thousand and twelve"),
            ("tahun dua ribu lima", "dua ribu lima"),
            ("two days before Hari Raya 2019", "two days before Hari Raya 2019"),
            ("since 2007", "2007"),
        ],
    )
    def test_found(self, found: Find, text: str, date: str) -> None:
        """Absolute, partial, spoken, festival-relative, weekday bound to a date."""
        covers(found(DateRecognizer, text), date)

    @pytest.mark.parametrize(
        "text",
        [
            "I may go on Monday",
            "last week",
            "two weeks ago",
            "every Friday",
            "we celebrate raya",
            "march on",
        ],
    )
    def test_stays(self, found: Find, text: str) -> None:
        """Durations, bare weekdays and festivals stay."""
        untouched(found(DateRecognizer, text))
