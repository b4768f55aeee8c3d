# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.release.domain.quality.agreement import ALL, Mark, agreement

MARKS = st.lists(
    st.builds(
        lambda passage, start, length, kind: Mark(passage, start, start + length, kind),
        st.integers(0, 3),
        st.integers(0, 20),
        st.integers(1, 6),
        st.sampled_from(["PERSON", "LOCATION"]),
    ),
    max_size=8,
)


class TestAgreement:
    """F1 of two readers."""

    def test_counts_the_same_places_those_that_overlap_and_letters(self) -> None:
        """One of two is the same, both overlap, and 8 of 10 letters are common."""
        first = [Mark(0, 0, 4, "PERSON"), Mark(1, 5, 11, "PERSON")]
        second = [Mark(0, 0, 4, "PERSON"), Mark(1, 7, 11, "PERSON")]
        found = agreement(first, second)[ALL]
        assert found.marks == 3
        assert found.exact == 0.5
        assert found.overlap == 1.0
        assert found.by_character == pytest.approx(2 * 8 / (10 + 8))

    def test_is_told_by_type(self) -> None:
        """A place of another type agrees over all, and not by type."""
        found = agreement([Mark(0, 0, 4, "PERSON")], [Mark(0, 0, 4, "LOCATION")])
        assert found[ALL].exact == 1.0
        assert found["PERSON"].exact == 0.0
        assert found["LOCATION"].overlap == 0.0

    def test_nobody_marked_anything(self) -> None:
        """There is nothing to agree on, which is no agreement."""
        found = agreement([], [])[ALL]
        assert (found.marks, found.exact, found.overlap, found.by_character) == (
            0,
            None,
            None,
            None,
        )

    @given(MARKS, MARKS)
    def test_does_not_ask_who_is_first(self, first: list[Mark], second: list[Mark]) -> None:
        """Both ways are one, within 0 and 1; whoever agrees with themselves does so wholly."""
        found = agreement(first, second)
        assert found == agreement(second, first)
        for one in found.values():
            for value in (one.exact, one.overlap, one.by_character):
                assert value is None or 0 <= value <= 1
        if first:
            assert agreement(first, first)[ALL].exact == 1.0
