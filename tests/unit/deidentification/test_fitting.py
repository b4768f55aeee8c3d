# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deidentification.domain import fitting


class TestFitting:
    """Nothing is said twice around a replacement."""

    @pytest.mark.parametrize(
        ("before", "label", "kept"),
        [
            ("so my brother ", "[P07's brother]", "so "),
            ("is your brother ", "[P07's brother]", "is "),
            ("she met his wife ", "[P07's wife 2]", "she met "),
            ("my brother, ", "[P07's brother]", ""),
            ("lepas tu abang saya ", "[P07's brother]", "lepas tu "),
            ("isteri dia ", "[P07's wife]", ""),
            ("my elder brother ", "[P07's brother]", "my elder "),
            ("my ", "[P07's sister]", ""),
            ("my friend ", "[P07's brother]", ""),
            ("your friend ", "[P07's brother]", "your friend "),
            ("my wife's name is ", "[P07's wife]", "my wife's name is "),
            ("my brother ", "[Person 1]", "my brother "),
            ("I saw ", "[P07's brother]", "I saw "),
            ("at the age of ", "[aged 40-49]", ""),
            ("she is in her ", "[aged 40-49]", "she is "),
            ("a man aged ", "[aged 40-49]", "a man "),
            ("dia berumur ", "[aged 40-49]", "dia "),
            ("umur dia ", "[aged 40-49]", "umur dia "),
            ("in her ", "[AGE]", "in her "),
        ],
    )
    def test_words_before(self, before: str, label: str, kept: str) -> None:
        """Relation, owner and age are said by the replacement alone."""
        assert before[: fitting.start_of(f"{before}Azman", len(before), label)] == kept

    @given(
        st.text(alphabet="my brotheagdinw ,'\n", max_size=80),
        st.sampled_from(["[P07's brother]", "[aged 40-49]", "[redacted]", "[P07's]"]),
    )
    def test_any_words(self, before: str, label: str) -> None:
        """A replacement never begins behind its finding."""
        assert 0 <= fitting.start_of(f"{before}x", len(before), label) <= len(before)
