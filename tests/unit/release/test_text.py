# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.release.domain.text import clean
from tests.support.release_builders import hard_texts


class TestClean:
    """Cleaning of text."""

    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            ("two\nlines", "two lines"),
            ("  a\u2028b\x85c\r\nd ", "a b c d"),
            ("nul\x00 bell\x07", "nul\ufffd bell\ufffd"),
            ("half \ud83d", "half \ufffd"),
            ("\u200fكيتا\u200f", "\u200fكيتا\u200f"),
            ("e\u0301 அம்மா 朋友 😀", "e\u0301 அம்மா 朋友 😀"),
        ],
    )
    def test_keeps_words_and_drops_what_no_format_carries(self, raw: str, expected: str) -> None:
        """Line ends become spaces, invalid characters a visible mark; writing stays untouched."""
        assert clean(raw) == expected

    @given(hard_texts())
    def test_is_one_line_and_idempotent(self, raw: str) -> None:
        """Whatever comes in, one encodable line comes out, and cleaning again changes nothing."""
        cleaned = clean(raw)
        assert clean(cleaned) == cleaned
        assert len(cleaned.splitlines()) <= 1
        assert cleaned.encode().decode() == cleaned

    @given(st.text(st.characters(categories=("L", "M", "N", "P", "S"), exclude_characters="\x7f")))
    def test_keeps_every_printable_character(self, raw: str) -> None:
        """Letters, marks, digits, punctuation and symbols of all scripts survive."""
        assert clean(raw) == raw
