# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deidentification.domain import dates, extents
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Finding
from services.deidentification.recognisers.dates import DateRecognizer
from tests.unit.deidentification.assertions import Find, covers, untouched

WORDS = "bulan the 14th hb seven ribu dua tahun raya born \n , may 3 2019".split(" ")


class TestPartsOfDates:
    """Dates of which only a part is said, and of other calendars."""

    @pytest.mark.parametrize(
        ("lead", "date"),
        [
            ("", "bulan tujuh"),
            ("pada ", "lima bulan tujuh tahun lepas"),
            ("", "bulan tiga dua ribu dua puluh dua"),
            ("", "bulan 10 tahun 2018"),
            ("", "bulan sombilan"),
            ("Tahun berapa tu?\n", "duo ghibu onam bolas"),
            ("Bila mula?\nMasa PKP. ", "Dua ribu dua puluh"),
            ("he writes ", "the 9th"),
            ("buy kuih for ", "the fifteenth"),
            ("when is your birthday?\n", "the second"),
            ("we met in August, on ", "the third"),
            ("", "empat belas haribulan"),
            ("", "empat belas haribulan tujuh"),
            ("pada ", "haribulan lima"),
            ("", "12 Rabiulawal 1445"),
            ("pada ", "27 Rejab"),
            ("born ", "fourteen seven sixty eight"),
            ("tarikh lahir?\n", "empat belas tujuh enam lapan"),
            ("", "raya korban tahun lepas"),
            ("lahir pagi ", "idilfitri sembilan puluh satu"),
            ("", "tahung lepah bulang puase"),
            ("", "Deepawali 2019"),
            ("since ", "the following Mac"),
            ("When was that?\n", "1998"),
            ("masa ", "the week after Chinese New Year"),
        ],
    )
    def test_found(self, found: Find, lead: str, date: str) -> None:
        """Months and days by their number, feasts by all their names."""
        text = lead + date
        spans = [
            Finding(0, at, at + len(piece), kind, 0.8)
            for kind, piece in found(DateRecognizer, text)
            for at in (text.rindex(piece),)
        ]
        whole = extents.widened(spans, [text])
        covers([(f.entity_type, text[f.start : f.end]) for f in whole], date, "DATE_TIME")

    @pytest.mark.parametrize(
        "text",
        [
            "sebulan dua kali",
            "bulan dua kali makan ubat",
            "tiga bulan lima hari",
            "setiap bulan dua ratus ringgit",
            "on the 14th floor",
            "the second one",
            "the first time",
            "at nineteen thirty we eat",
            "pukul 2015 hours",
            "she ate thai food",
            "esok 1 Ramadan",
            "number fourteen seven sixty",
        ],
    )
    def test_stays(self, found: Find, text: str) -> None:
        """Counts, places in an order and times stay."""
        untouched(found(DateRecognizer, text))

    @pytest.mark.parametrize(
        ("text", "piece"),
        [("on Saturday morning", "Saturday"), ("it was the day after", "the day after")],
    )
    def test_dates_that_are_none(self, text: str, piece: str) -> None:
        """What cannot be placed in time is no date, whoever takes it for one."""
        at = text.index(piece)
        assert extents.widened([Finding(0, at, at + len(piece), "DATE_TIME", 0.9)], [text]) == []

    @pytest.mark.parametrize(
        ("before", "after", "clock"),
        [("at", "we", True), ("pukul", "", True), ("", "hours", True), ("in", "", False)],
    )
    def test_clock(self, before: str, after: str, clock: bool) -> None:
        """A time of the day is no year."""
        assert dates.clock(before, after) is clock

    @given(st.lists(st.sampled_from(WORDS)))
    def test_any_words(self, words: list[str]) -> None:
        """Whatever is said, a finding lies in the text."""
        text = " ".join(words)
        for span in DateRecognizer().find(Document.of(text)):
            assert 0 <= span.start < span.end <= len(text)
