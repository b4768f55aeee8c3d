# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.deidentification.recognisers.title_names import TitleNameRecognizer
from tests.unit.deidentification.assertions import Find, covers, untouched


class TestTitleNames:
    """Names that are titles as well."""

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("my friend Hakim helped", "Hakim"),
            ("kawan saya hakim", "hakim"),
            ("nama dia Hakim", "Hakim"),
            ("my name is hakim", "hakim"),
            ("call me Nik", "Nik"),
            ("so then I met Raja at the clinic", "Raja"),
            ("and Encik Hakim", "Hakim"),
            ("So it was fine. Hakim came and I said no to Him", "Hakim"),
        ],
    )
    def test_found(self, found: Find, text: str, name: str) -> None:
        """After kin, naming and titles, with a capital, before what people do."""
        covers(found(TitleNameRecognizer, text), name, "PERSON")

    def test_once_known_everywhere(self, found: Find) -> None:
        """A name that was introduced is one wherever it stands."""
        spans = found(TitleNameRecognizer, "my brother hakim said no. then hakim left")
        assert [text for _, text in spans] == ["hakim", "hakim"]

    @pytest.mark.parametrize(
        "text",
        [
            "hakim tu kata saya bersalah",
            "the Hakim said guilty, and I Cried",
            "then hakim Rosnah came, in the Court",
            "and Nik Aziz came to see Me",
        ],
    )
    def test_titles_stay(self, found: Find, text: str) -> None:
        """A judge, and titles before names, which other recognisers take whole."""
        untouched(found(TitleNameRecognizer, text))
