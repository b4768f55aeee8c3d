# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.release.domain.quality.omissions import Recapture


class TestRecapture:
    """What both of two readers missed."""

    @pytest.mark.parametrize(
        ("first_only", "second_only", "both", "missed", "most"),
        [
            (4, 6, 190, 0.13, 1), (6, 4, 30, 0.77, 4), (3, 5, 20, 0.71, 4), (2, 2, 6, 0.57, 8),
            (0, 0, 12, 0.0, 1), (5, 5, 5, 4.2, 33),
        ],
    )  # fmt: skip
    def test_gives_the_published_figures(
        self, first_only: int, second_only: int, both: int, missed: float, most: int
    ) -> None:
        """Chapman's estimate, and the bound at 95 % with a flat prior."""
        found = Recapture(both, first_only, second_only)
        assert found.missed == pytest.approx(missed, abs=0.04)
        assert found.most_missed(0.05) == most

    def test_says_nothing_where_nothing_was_found_twice(self) -> None:
        """The sum over all that may be missed has no end."""
        assert Recapture(1, 3, 3).most_missed(0.05) is None
        assert Recapture(0, 0, 0).missed == 0.0

    @given(st.integers(0, 60), st.integers(0, 20), st.integers(0, 20))
    def test_is_that_of_chapman(self, both: int, first_only: int, second_only: int) -> None:
        """The whole is (n1 + 1)(n2 + 1)/(c + 1) - 1."""
        found = Recapture(both, first_only, second_only)
        first, second = both + first_only, both + second_only
        whole = (first + 1) * (second + 1) / (both + 1) - 1
        assert both + first_only + second_only + found.missed == pytest.approx(whole)
        assert found.deviation >= 0
