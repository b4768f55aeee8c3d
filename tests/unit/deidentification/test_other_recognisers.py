# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.deidentification.recognisers.ages import AgeRecognizer, DecadeRecognizer
from services.deidentification.recognisers.attributes import AttributeRecognizer
from services.deidentification.recognisers.dates import DateRecognizer
from services.deidentification.recognisers.facilities import FacilityRecognizer
from services.deidentification.recognisers.internet import InternetRecognizer
from services.deidentification.recognisers.places import PlaceRecognizer
from tests.unit.deidentification.tables import Find, covers, untouched


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


class TestDates:
    """Dates that can be placed."""

    @pytest.mark.parametrize(
        ("text", "date"),
        [
            ("on 12 March 2019", "12 March 2019"),
            ("pada 5 Mac", "5 Mac"),
            ("12hb Mei", "12hb Mei"),
            ("12/3/2019", "12/3/2019"),
            ("2019-03-12", "2019-03-12"),
            ("the twenty first of june", "twenty first of june"),
            ("Monday the 12th", "Monday the 12th"),
            ("in nineteen ninety five", "nineteen ninety five"),
            ("in two thousand and twelve", "two thousand and twelve"),
            ("tahun dua ribu lima", "dua ribu lima"),
            ("two days before Hari Raya 2019", "two days before Hari Raya 2019"),
            ("since 2007", "2007"),
        ],
    )
    def test_found(self, found: Find, text: str, date: str) -> None:
        """Absolute, partial, spoken, festival-relative, weekday bound to a date."""
        covers(found(DateRecognizer, text), date)

    @pytest.mark.parametrize(
        "text",
        [
            "I may go on Monday",
            "last week",
            "two weeks ago",
            "every Friday",
            "we celebrate raya",
            "march on",
        ],
    )
    def test_stays(self, found: Find, text: str) -> None:
        """Durations, bare weekdays and festivals stay."""
        untouched(found(DateRecognizer, text))


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


class TestInternet:
    """E-mail, web and account names."""

    @pytest.mark.parametrize(
        ("text", "kind", "address"),
        [
            ("siti_88@yahoo.com", "EMAIL_ADDRESS", "siti_88@yahoo.com"),
            ("nadia dot lim at gmail dot com", "EMAIL_ADDRESS", "nadia dot lim at gmail dot com"),
            (
                "faizal nine nine at gmail dot com",
                "EMAIL_ADDRESS",
                "faizal nine nine at gmail dot com",
            ),
            ("see www.abc.com.my please", "URL", "www.abc.com.my"),
            ("facebook.com/xyz", "URL", "facebook.com/xyz"),
            ("follow @azman88", "USERNAME", "@azman88"),
            ("ig azman_lee", "USERNAME", "azman_lee"),
            ("tikah underscore eighty eight", "USERNAME", "tikah underscore eighty eight"),
        ],
    )
    def test_found(self, found: Find, text: str, kind: str, address: str) -> None:
        """Written and spoken."""
        covers(found(InternetRecognizer, text), address, kind)

    @pytest.mark.parametrize(
        "text", ["we met at the shop", "dot the i", "e.g. this", "3.5 percent"]
    )
    def test_stays(self, found: Find, text: str) -> None:
        """Talk with `at` and `dot` in it stays."""
        untouched(found(InternetRecognizer, text))


class TestAttributes:
    """What describes rather than names."""

    @pytest.mark.parametrize(
        ("text", "kind", "words"),
        [
            ("I am Chinese", "NRP", "Chinese"),
            ("keluarga Iban", "NRP", "Iban"),
            ("the only female cardiologist in town", "OCCUPATION", "the only female cardiologist"),
            ("ketua kampung", "OCCUPATION", "ketua kampung"),
            ("he worked as a school bus driver", "OCCUPATION", "school bus driver"),
        ],
    )
    def test_found(self, found: Find, text: str, kind: str, words: str) -> None:
        """Said of people."""
        covers(found(AttributeRecognizer, text), words, kind)

    @pytest.mark.parametrize("text", ["I speak Malay", "Chinese food", "she is a teacher"])
    def test_stays(self, found: Find, text: str) -> None:
        """Languages, food and common jobs stay."""
        untouched(found(AttributeRecognizer, text))
