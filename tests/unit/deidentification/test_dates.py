# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.deidentification.domain import dates
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
            "at 00.01.59 she left",
            "[01.02.03] then",
            "#10.02.03# then",
            "00/05/2019",
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


class TestMadeUp:
    """A date that is none has no year."""

    @pytest.mark.parametrize(
        "text",
        ["00.01.59", "00.00.03", "0456/2019", "12/03/456", "99/12/2019", "3019-01-02", "45.45"],
    )
    def test_no_date(self, text: str) -> None:
        """Time stamps, numbers of files, years that nobody lives in."""
        assert not dates.parse(text).year

    @pytest.mark.parametrize(
        ("text", "year"), [("12/3/2019", 2019), ("2019-03-12", 2019), ("3.4.68", 1968)]
    )
    def test_date(self, text: str, year: int) -> None:
        """Whole dates still say theirs."""
        assert dates.parse(text).year == year
