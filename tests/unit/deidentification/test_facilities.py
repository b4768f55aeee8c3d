# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.deidentification.recognisers.facilities import FacilityRecognizer
from tests.unit.deidentification.assertions import Find, covers, untouched


class TestFacilities:
    """Facilities and organisations."""

    @pytest.mark.parametrize(
        ("text", "kind", "name"),
        [
            ("at Hospital Permai", "FACILITY", "Hospital Permai"),
            ("klinik kesihatan tampoi", "FACILITY", "klinik kesihatan tampoi"),
            ("masjid jamek", "FACILITY", "masjid jamek"),
            ("we pray at St. John's Church", "FACILITY", "St. John's Church"),
            ("I studied at SMK Taman Desa", "ORGANIZATION", "SMK Taman Desa"),
            ("Sunway University", "ORGANIZATION", "Sunway University"),
            ("she worked for Kilang Batik Sdn Bhd", "ORGANIZATION", "Kilang Batik Sdn Bhd"),
            ("yayasan puteri wangi", "ORGANIZATION", "yayasan puteri wangi"),
            ("the MIASA group", "ORGANIZATION", "MIASA"),
            ("ward 7B", "FACILITY", "ward 7B"),
        ],
    )
    def test_found(self, found: Find, text: str, kind: str, name: str) -> None:
        """Malay and English word order, either case."""
        covers(found(FacilityRecognizer, text), name, kind)

    @pytest.mark.parametrize(
        "text",
        [
            "the hospital bed",
            "pergi hospital kerajaan",
            "my old school",
            "a private clinic",
            "dalam wad lama",
        ],
    )
    def test_stays(self, found: Find, text: str) -> None:
        """A hospital without a name stays."""
        untouched(found(FacilityRecognizer, text))
