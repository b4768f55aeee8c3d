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


NAMED = [
    ("Saya duduk kampung parit tinggi, kuala pilah.", "kampung parit tinggi"),
    ("Saya duduk kampung parit tinggi, kuala pilah.", "kuala pilah"),
    ("Dia orang kampung rhu muda dulu, Cik.", "kampung rhu muda"),
    ("kami pindah dari Jepun ke Kuantan", "Jepun"),
    ("Anak kawe duk kolumpo", "kolumpo"),
    ("Duduk dekat sepang side, Puan.", "sepang"),
    ("Masa tu saya kat ipoh, kerja kilang.", "ipoh"),
    ("dia tinggal di pekan dengan mak", "pekan"),
    ("rumah panjang nanga sumpa", "rumah panjang nanga sumpa"),
    ("felda lurah bilut", "felda lurah bilut"),
    ("kondominium vista angkasa", "kondominium vista angkasa"),
    ("pergi hatyai beli baju", "hatyai"),
    ("dia balik ganu esok", "ganu"),
]
UNNAMED = [
    "di simpang tu ada gerai",
    "kat pekan ramai orang",
    "kuah kari tu pedas",
    "balik kampung kampung kat situ",
    "jalan besar tu sibuk",
    "taman permainan",
    "dia naik feri pergi pulau",
    "serta merta saya menangis",
    "ikut hala kiblat",
    "dalam kebun tu panas",
    "batu nesan arwah",
    "tanah merah tu licin",
]


class TestPlacesAsTyped:
    """Talk that leaves capitals out, dialects, and short forms of states."""

    @pytest.mark.parametrize("lower", [False, True])
    @pytest.mark.parametrize(("text", "place"), NAMED)
    def test_named(self, found: Find, text: str, place: str, *, lower: bool) -> None:
        """In small letters, whether or not others have capitals."""
        text, place = (text.lower(), place.lower()) if lower else (text, place)
        covers(found(PlaceRecognizer, text), place, "LOCATION")

    @pytest.mark.parametrize("cased", [False, True])
    @pytest.mark.parametrize("text", UNNAMED)
    def test_unnamed(self, found: Find, text: str, *, cased: bool) -> None:
        """Everyday words that are towns somewhere, and heads without a name, stay."""
        text = f"Saya tanya kawan Ali, Encik. {text.capitalize()}, kata Siti." if cased else text
        untouched(found(PlaceRecognizer, text))
