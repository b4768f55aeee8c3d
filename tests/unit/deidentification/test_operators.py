# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deidentification.domain import dates, operators
from services.deidentification.domain.policy import EntityRule
from services.deidentification.gazetteers.loading import load_lexicon


class TestAges:
    """Bands of ten years, one band from 90 on."""

    @pytest.mark.parametrize(
        ("text", "band"),
        [
            ("34", "[aged 30-39]"),
            ("thirty-four", "[aged 30-39]"),
            ("tiga puluh empat", "[aged 30-39]"),
            ("89", "[aged 80-89]"),
            ("90", "[aged 90+]"),
            ("a hundred", "[AGE]"),
            ("101", "[aged 90+]"),
            ("forties", "[aged 40-49]"),
            ("5 months", "[aged 0-9]"),
            ("old", "[AGE]"),
        ],
    )
    def test_band(self, text: str, band: str) -> None:
        """Written, spoken, in Malay; what cannot be read is tagged."""
        assert operators.age_band(text) == band


class TestPlaces:
    """A place becomes its state."""

    @pytest.mark.parametrize(
        ("text", "state"),
        [
            ("Skudai", "[Johor]"),
            ("kota bharu", "[Kelantan]"),
            ("No 12, Jalan Mawar, 81300 Skudai", "[Johor]"),
            ("Paris", "[LOCATION]"),
        ],
    )
    def test_state(self, text: str, state: str) -> None:
        """Where the state is not known the place is tagged."""
        assert operators.state(text, load_lexicon().states) == state


class TestDates:
    """Dates lose precision or move; they never gain."""

    @pytest.mark.parametrize(
        ("text", "parsed"),
        [
            ("12 March 2019", (2019, 3, 12)),
            ("12hb Mac 2019", (2019, 3, 12)),
            ("twelfth of March two thousand and nineteen", (2019, 3, 12)),
            ("dua belas Mac dua ribu sembilan belas", (2019, 3, 12)),
            ("12/3/19", (2019, 3, 12)),
            ("2019-03-12", (2019, 3, 12)),
            ("nineteen ninety five", (1995, 0, 0)),
            ("Raya", (0, 0, 0)),
        ],
    )
    def test_parse(self, text: str, parsed: tuple[int, int, int]) -> None:
        """English and Malay, written and spoken, day first."""
        found = dates.parse(text)
        assert (found.year, found.month, found.day) == parsed

    def test_year(self) -> None:
        """To the year, where one was said."""
        rule = EntityRule(operator="generalise", to="year")
        assert operators.moment("12 March 2019", rule, 0, None) == ("[2019]", True)
        assert operators.moment("5 Mac", rule, 0, None) == ("[DATE_TIME]", False)

    def test_shift_keeps_intervals(self) -> None:
        """Two dates of one participant stay as far apart as they were."""
        rule = EntityRule(operator="generalise", to="shift")
        first, _ = operators.moment("12 March 2019", rule, 40, None)
        second, _ = operators.moment("15 March 2019", rule, 40, None)
        assert (first, second) == ("[21 April 2019]", "[24 April 2019]")

    def test_shift_without_secret_falls_back_to_the_year(self) -> None:
        """No offset, no shifted date that would be the true one."""
        rule = EntityRule(operator="generalise", to="shift")
        assert operators.moment("12 March 2019", rule, 0, None) == ("[2019]", False)

    def test_no_true_year_between_shifted_dates(self) -> None:
        """A year alone cannot be moved, and would tell the way that the others moved."""
        rule = EntityRule(operator="generalise", to="shift", otherwise="year")
        assert operators.moment("in 2019", rule, 40, None) == ("[DATE_TIME]", False)

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("10 March 2019", "[day -2]"),
            ("12/3/2019", "[day +0]"),
            ("tiga belas Mac dua ribu sembilan belas", "[day +1]"),
            ("January 2018", "[month -14]"),
        ],
    )
    def test_relative(self, text: str, told: str) -> None:
        """Days and months counted from the interview."""
        rule = EntityRule(operator="generalise", to="relative")
        assert operators.moment(text, rule, 0, date(2019, 3, 12)) == (told, True)

    @pytest.mark.parametrize(
        ("otherwise", "told"),
        [(None, "[2019]"), ("year", "[2019]"), ("tag", "[DATE_TIME]"), ("mask", "[redacted]")],
    )
    def test_relative_without_a_day_to_count_from(self, otherwise: Any, told: str) -> None:
        """The policy says what becomes of it, and it is told that it is not what was asked."""
        rule = EntityRule(operator="generalise", to="relative", otherwise=otherwise)
        assert operators.moment("10 March 2019", rule, 0, None) == (told, False)
        assert operators.moment("March", rule, 0, date(2019, 3, 12))[1] is False

    @given(st.text(max_size=80))
    def test_any_text_is_read(self, text: str) -> None:
        """No text makes the reader fail."""
        dates.parse(text)
        operators.age_band(text)
        operators.state(text, load_lexicon().states)
