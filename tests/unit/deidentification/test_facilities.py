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


NAMED = [
    ("Dia kerja di perpustakaan awam temerloh, Encik.", "perpustakaan awam temerloh"),
    ("dua minggu di hospital besar ganu", "hospital besar ganu"),
    ("kerja kat pejabat tanah kuantan", "pejabat tanah kuantan"),
    ("balai polis sentul", "balai polis sentul"),
    ("They put me in ward 12B for a week", "ward 12B"),
    ("I was in female ward two", "female ward two"),
    ("Dia masuk wad kenanga, Doktor.", "wad kenanga"),
    ("wad perempuan 3", "wad perempuan 3"),
    ("the Kenanga ward was full", "Kenanga ward"),
    ("My father has a lorry, Jaya Setia Haulage.", "Jaya Setia Haulage"),
    ("masjid al hidayah", "masjid al hidayah"),
    ("klinik kesihatan tanjung karang", "klinik kesihatan tanjung karang"),
    ("smk datuk bentara", "smk datuk bentara"),
    ("Dia ke hosp sg buloh, Encik.", "hosp sg buloh"),
    ("Ada iklan, persatuan teman sejiwa pahang.", "persatuan teman sejiwa pahang"),
    ("program di dewan sri perdana, Encik.", "dewan sri perdana"),
]
UNNAMED = [
    "saya pergi ke pasar beli ikan",
    "di perpustakaan tu sejuk",
    "kedai runcit bawah rumah",
    "rumah sakit tu penuh",
    "hospital berdekatan dengan rumah",
    "sekolah agama petang",
    "masuk wad lagi",
    "wad tu bising",
    "syarikat insurans telefon saya",
    "syarikat penerbangan",
    "restoran mamak depan tu",
    "the library is quiet",
    "nak pergi stesen bas",
    "katil 12 tu kosong",
    "di pejabat pos tadi",
    "wad u need to buy",
    "banyak gereja-gereja lama",
]


class TestBodiesAsTyped:
    """Malay order, small letters, wards."""

    @pytest.mark.parametrize("lower", [False, True])
    @pytest.mark.parametrize(("text", "name"), NAMED)
    def test_named(self, found: Find, text: str, name: str, *, lower: bool) -> None:
        """In small letters, whether or not others have capitals."""
        text, name = (text.lower(), name.lower()) if lower else (text, name)
        covers(found(FacilityRecognizer, text), name)

    @pytest.mark.parametrize("cased", [False, True])
    @pytest.mark.parametrize("text", UNNAMED)
    def test_generic(self, found: Find, text: str, *, cased: bool) -> None:
        """A kind of body names none."""
        text = f"Saya tanya kawan Ali, Encik. {text.capitalize()}, kata Siti." if cased else text
        untouched(found(FacilityRecognizer, text))
