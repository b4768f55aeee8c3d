# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.deidentification.recognisers.places import PlaceRecognizer
from tests.unit.deidentification.assertions import Find, covers, untouched


class TestPlaces:
    """Places and addresses."""

    @pytest.mark.parametrize(
        ("text", "kind", "place"),
        [
            ("I live in Skudai", "LOCATION", "Skudai"),
            ("tinggal di kota bharu", "LOCATION", "kota bharu"),
            ("dari kampung baru", "LOCATION", "kampung baru"),
            ("Taman Melati, Gombak", "LOCATION", "Taman Melati"),
            ("we went to KL", "LOCATION", "KL"),
            (
                "No 12, Jalan Mawar 3/2, Taman Indah, 81300 Skudai, Johor",
                "ADDRESS",
                "No 12, Jalan Mawar 3/2, Taman Indah, 81300 Skudai, Johor",
            ),
            (
                "number eighty-five lorong haji salleh eight",
                "ADDRESS",
                "number eighty-five lorong haji salleh eight",
            ),
            ("at 55 Main Street", "ADDRESS", "55 Main Street"),
            ("she moved to Paris", "LOCATION", "Paris"),
        ],
    )
    def test_found(self, found: Find, text: str, kind: str, place: str) -> None:
        """Gazetteer, head words, and parts that make one address."""
        covers(found(PlaceRecognizer, text), place, kind)

    @pytest.mark.parametrize(
        "text",
        [
            "jalan kaki ke sana",
            "jalan jalan cari makan",
            "I was reading a book",
            "balik kampung",
            "taman permainan",
        ],
    )
    def test_stays(self, found: Find, text: str) -> None:
        """Walking, reading and going home are no places."""
        untouched(found(PlaceRecognizer, text))
