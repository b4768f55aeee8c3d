# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.deidentification.domain.numbers import runs
from services.deidentification.domain.tokens import Document
from services.deidentification.recognisers.numbers import (
    CodeRecognizer,
    NumberRecognizer,
    luhn,
    malaysian_phone,
    mykad,
)
from tests.unit.deidentification.assertions import Find, covers, untouched


class TestRuns:
    """Digits as they are said."""

    @pytest.mark.parametrize(
        ("text", "digits"),
        [
            ("oh one two", "012"),
            ("double six triple nine", "66999"),
            ("kosong satu dua", "012"),
            ("lapan lima kosong tiga", "8503"),
            ("eighty five zero three", "8503"),
            ("dua puluh lima dua belas", "2512"),
            ("012-345 6789", "0123456789"),
            ("one two uh three", "123"),
            ("one two dash three", "123"),
            ("\u0661\u0662\u0663", "123"),
        ],
    )
    def test_digits(self, text: str, digits: str) -> None:
        """English, Malay, mixed, with fillers and separators."""
        assert [r.digits for r in runs(Document.of(text))] == [digits]

    def test_magnitudes_are_no_digits(self) -> None:
        """A count in hundreds names nobody."""
        assert list(runs(Document.of("three hundred people"))) == []


class TestChecks:
    """Check rules of numbers."""

    def test_mykad(self) -> None:
        """A date that does not exist or a place that was not given out is no MyKad."""
        assert mykad("850312015678")
        assert mykad("000229145678")
        assert not mykad("851312015678")
        assert not mykad("850312005678")
        assert not mykad("8503120156")

    def test_phone(self) -> None:
        """Malaysian numbers with and without country code."""
        assert malaysian_phone("0123456789")
        assert malaysian_phone("60123456789")
        assert malaysian_phone("0379561234")
        assert not malaysian_phone("123456789")

    def test_luhn(self) -> None:
        """The test number of card makers."""
        assert luhn("4111111111111111")
        assert not luhn("4111111111111112")


class TestNumberRecognizer:
    """Numbers that name, by form and context."""

    @pytest.mark.parametrize(
        ("text", "kind", "number"),
        [
            ("my IC is 850312-01-5678", "MY_IC", "850312-01-5678"),
            (
                "nombor ic saya lapan lima kosong tiga satu dua kosong satu lima enam tujuh lapan",
                "MY_IC",
                "lapan lima kosong tiga satu dua kosong satu lima enam tujuh lapan",
            ),
            ("call +60 12-345 6789", "PHONE_NUMBER", "+60 12-345 6789"),
            (
                "oh one two double three four five six seven",
                "PHONE_NUMBER",
                "oh one two double three",
            ),
            (
                "kosong satu dua tiga empat lima enam tujuh lapan sembilan",
                "PHONE_NUMBER",
                "kosong satu",
            ),
            ("maybank account 1142 3456 7890", "BANK_ACCOUNT", "1142 3456 7890"),
            ("my MRN is 00451234", "MEDICAL_RECORD_NUMBER", "00451234"),
            ("RN 586919", "MEDICAL_RECORD_NUMBER", "RN 586919"),
            ("card 4111 1111 1111 1111", "CREDIT_CARD", "4111 1111 1111 1111"),
            ("last four digits five five one two", "ID_NUMBER", "five five one two"),
            ("staff id 20394", "ID_NUMBER", "20394"),
        ],
    )
    def test_found(self, found: Find, text: str, kind: str, number: str) -> None:
        """Written and spoken."""
        covers(found(NumberRecognizer, text), number, kind)

    @pytest.mark.parametrize(
        "text",
        [
            "I take 50 mg twice",
            "fifteen out of twenty one",
            "for ten years",
            "dua ratus lima puluh ringgit",
            "three times a day",
            "one two three four five go",
            "in 2019 and 2020",
            "RM 250000",
            "PHQ nine score is fourteen",
            "sleep 5 6 hours",
        ],
    )
    def test_stays(self, found: Find, text: str) -> None:
        """Doses, scores, durations, counts and prices stay."""
        untouched(found(NumberRecognizer, text))

    def test_over_turns(self, found: Find) -> None:
        """A number cut by a listener's turn is found in both halves, and the listener stays."""
        text = "my number is oh one two\nokay\nthree four five six seven eight nine"
        assert [piece for _, piece in found(NumberRecognizer, text)] == [
            "oh one two",
            "three four five six seven eight nine",
        ]


class TestCodeRecognizer:
    """Codes of letters and digits."""

    @pytest.mark.parametrize(
        ("text", "kind", "code"),
        [
            ("my car plate WXY 1234", "VEHICLE_PLATE", "WXY 1234"),
            ("JRS4521 parked", "VEHICLE_PLATE", "JRS4521"),
            ("plate w x y one two three four", "VEHICLE_PLATE", "w x y one two three four"),
            ("passport A12345678", "PASSPORT", "A12345678"),
            ("server 192.168.1.20", "IP_ADDRESS", "192.168.1.20"),
            ("application no. 28045/02", "ID_NUMBER", "28045/02"),
            ("IBAN GB50MVFC38361978683032", "BANK_ACCOUNT", "GB50MVFC38361978683032"),
            ("call 001-748-088-2851x818", "PHONE_NUMBER", "001-748-088-2851x818"),
        ],
    )
    def test_found(self, found: Find, text: str, kind: str, code: str) -> None:
        """Each by its form."""
        covers(found(CodeRecognizer, text), code, kind)

    @pytest.mark.parametrize(
        "text", ["vitamin B12", "PHQ 9", "covid 19", "room 12", "F20", "in May 2019", "PT3"]
    )
    def test_stays(self, found: Find, text: str) -> None:
        """Scales, diagnoses, vitamins and rooms are no plates."""
        untouched(found(CodeRecognizer, text))
