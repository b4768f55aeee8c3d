# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deidentification.domain import extents
from services.deidentification.domain.transcript import Finding


def whole(text: str, piece: str, kind: str) -> str:
    """What a finding of a piece becomes."""
    start = text.index(piece)
    [made] = extents.widened([Finding(0, start, start + len(piece), kind, 0.8)], [text])
    return text[made.start : made.end]


class TestExtents:
    """One rule for all sources: units, articles and what else belongs to a value."""

    @pytest.mark.parametrize(
        ("text", "piece", "age"),
        [
            ("she is 94 years old now", "94", "94 years old"),
            ("a 62-year-old man", "62", "62-year-old"),
            ("umur dia 95 tahun lebih", "95", "95 tahun lebih"),
            ("sixty plus already", "sixty", "sixty plus"),
            ("budak 3 thn", "3", "3 thn"),
            ("aged 8 months old", "8", "8 months old"),
            ("about nine or ten, ya", "ten", "nine or ten"),
            ("about nine or ten, ya", "nine", "nine or ten"),
            ("in her late forties", "forties", "late forties"),
            ("umur 40-an", "40", "40-an"),
            ("nine years of age", "nine", "nine years of age"),
            ("umur dia 37 tahun ni", "37", "37"),
            ("fifty over to me", "fifty", "fifty"),
            ("lima puluh lebih kurang", "lima puluh", "lima puluh"),
        ],
    )
    def test_ages(self, text: str, piece: str, age: str) -> None:
        """The unit of an age, and how nearly it is meant."""
        assert whole(text, piece, "AGE") == age

    @pytest.mark.parametrize(
        ("text", "piece", "date"),
        [
            ("on the 14th of March", "14th of March", "the 14th of March"),
            ("since last March", "March", "last March"),
            ("pada bulan Mac lepas", "Mac", "bulan Mac lepas"),
            ("in March last year", "March", "March last year"),
            ("Ogos tahun lepas", "Ogos", "Ogos tahun lepas"),
            ("this Deepavali", "Deepavali", "this Deepavali"),
            ("bulan Mac lepas tu dia", "Mac", "bulan Mac"),
            ("the 2019 storm", "2019", "2019"),
            ("in the March rain", "March", "March"),
        ],
    )
    def test_dates(self, text: str, piece: str, date: str) -> None:
        """Articles, `bulan`, `lepas`, and the year that is named by its distance."""
        assert whole(text, piece, "DATE_TIME") == date

    def test_other_types(self) -> None:
        """Nothing else grows."""
        assert whole("call 94 years old", "94", "PHONE_NUMBER") == "94"

    @given(st.text(alphabet="the 14 March years old lepas-\n", max_size=60), st.data())
    def test_grows_only(self, text: str, data: st.DataObject) -> None:
        """What is kept of a finding never loses a letter, and stays in its turn."""
        if not text:
            return
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start + 1, len(text)))
        for kind in ("AGE", "DATE_TIME"):
            for made in extents.widened([Finding(0, start, end, kind, 0.8)], [text]):
                assert 0 <= made.start <= start
                assert end <= made.end <= len(text)
