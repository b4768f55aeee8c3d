# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deidentification.domain.tokens import Document
from services.deidentification.recognisers.internet import InternetRecognizer
from tests.unit.deidentification.assertions import Find, covers, untouched

PARTS = [
    *"at ;dot ;slash ;gmail ;com ;instagram ;is ;on ;my ;page ;called ;lina ;the ;rate ;".split(
        ";"
    ),
    *("underscore ", "@", "www ", ", ", "\n", ". ", "a ", "7"),
]


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
            (
                "hana dot wahid seventy six at icloud dot com",
                "EMAIL_ADDRESS",
                "hana dot wahid seventy six at icloud dot com",
            ),
            ("kamsiah @ gmail.com", "EMAIL_ADDRESS", "kamsiah @ gmail.com"),
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
        ("lead", "address", "rest"),
        [
            ("email saya ", "hana wahid seratus dua at gmail dot com", ""),
            ("you can email ", "hana wahid tujuh puluh enam at yahoo com", " later"),
            ("it's ", "n u r underscore hana at hot mail dot com", ""),
            ("emel saya ", "nur hana alias gmail titik com", ""),
            ("", "hana twelve at student dot usm dot edu dot my", ""),
            ("", "hana at the rate gmail dot com", " please"),
            ("", "hana add gmail dot com", ""),
            ("my email is ", "lina07@icloud com", " ya"),
            ("write ", "lina07@icloud dot com", ""),
            ("contact at ", "hana underscore twenty one at outlook", ""),
        ],
    )
    def test_emails_as_said(self, found: Find, lead: str, address: str, rest: str) -> None:
        """Several words in a row, tens, hundreds, and a provider whose dot is lost."""
        assert ("EMAIL_ADDRESS", address) in found(InternetRecognizer, lead + address + rest)

    @pytest.mark.parametrize(
        ("lead", "address", "rest"),
        [
            ("", "facebook dot com slash kamek sehati kuching", ""),
            ("also, ", "kenyanghati dot org slash about slash us", ". I designed"),
            ("", "https colon slash slash www dot klinik dot my slash borang", ""),
            ("", "bit dot ly slash abc one two", ", open it"),
            ("on ", "facebook slash dapur seroja twenty", ", you see"),
            ("", "www dot klinik dot my slash forms slash two hundred", ""),
        ],
    )
    def test_paths_as_said(self, found: Find, lead: str, address: str, rest: str) -> None:
        """Schemes, slashes and what follows them."""
        assert ("URL", address) in found(InternetRecognizer, lead + address + rest)

    @pytest.mark.parametrize(
        ("lead", "name", "rest"),
        [
            ("find it ", "at purple lantern", " on twitter"),
            ("Handle is ", "at kenyang hati", " on instagram. I messaged"),
            ("follow me ", "at sinar dot pagi", " on ig ya"),
            ("ig saya ", "lina seni", ""),
            ("ig saya ", "linaseni", " tau"),
            ("my page is called ", "kebun atap", ""),
            ("my tiktok is ", "at mak long dapur", ""),
            ("my handle on telegram is ", "bunga lapan lapan", ""),
            ("username dia ", "budak kedah ninety nine", ""),
            ("her twitter handle, ", "purple lantern", ", yes"),
            ("my handle is ", "@malumalu.lemak", ". Cherry"),
            ("channel youtube saya nama dia ", "dapur cik nab", ""),
            ("find her on instagram ", "at sister dot of dot may", ""),
        ],
    )
    def test_accounts_as_said(self, found: Find, lead: str, name: str, rest: str) -> None:
        """Everyday words, with the service before or behind them."""
        assert ("USERNAME", name) in found(InternetRecognizer, lead + name + rest)

    @given(st.lists(st.sampled_from(PARTS), max_size=14).map("".join))
    def test_any_text(self, text: str) -> None:
        """Whatever is said, a finding lies in the text."""
        for span in InternetRecognizer().find(Document.of(text)):
            assert 0 <= span.start < span.end <= len(text)

    @pytest.mark.parametrize(
        "text",
        [
            "we met at the shop",
            "dot the i",
            "e.g. this",
            "3.5 percent",
            "my instagram is private",
            "fb saya dah lama tak buka",
            "fb saya kena hack",
            "i looked at cats on instagram",
            "people at home on facebook all day",
            "the group on facebook is good",
            "telegram saya nombor satu",
            "search depression on tiktok",
            "we talk about that on telegram",
            "she use facebook to sell kuih",
            "i wait at klinik dot dot dot then",
        ],
    )
    def test_stays(self, found: Find, text: str) -> None:
        """Talk with `at` and `dot` in it stays."""
        untouched(found(InternetRecognizer, text))
