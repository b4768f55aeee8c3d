# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.deidentification.domain.numbers import runs
from services.deidentification.domain.tokens import Document
from services.deidentification.recognisers.numbers import NumberRecognizer
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
