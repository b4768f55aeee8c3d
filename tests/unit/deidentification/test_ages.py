# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.deidentification.recognisers.ages import AgeRecognizer, DecadeRecognizer
from tests.unit.deidentification.assertions import Find, untouched


class TestAges:
    """Ages."""

    @pytest.mark.parametrize(
        ("text", "age"),
        [
            ("I'm thirty-four years old", "thirty-four"),
            ("umur saya tiga puluh empat", "tiga puluh empat"),
            ("when I was nineteen", "nineteen"),
            ("a 34-year-old", "34"),
            ("turned forty", "forty"),
            ("saya berumur 29", "29"),
        ],
    )
    def test_found(self, found: Find, text: str, age: str) -> None:
        """The number alone."""
        assert ("AGE", age) in found(AgeRecognizer, text)

    def test_decades(self, found: Find) -> None:
        """An age told by its decade."""
        assert found(DecadeRecognizer, "in her late forties") == [("AGE", "forties")]

    @pytest.mark.parametrize(
        "text", ["for ten years", "20 years in jail", "five months", "I was 20 minutes late"]
    )
    def test_stays(self, found: Find, text: str) -> None:
        """Durations stay."""
        untouched(found(AgeRecognizer, text))
