# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deidentification.domain.numbers import amount
from services.deidentification.domain.tokens import Document
from services.deidentification.recognisers.codes import CodeRecognizer
from services.deidentification.recognisers.numbers import NumberRecognizer
from services.deidentification.recognisers.places import PlaceRecognizer
from services.deidentification.recognisers.said_codes import said_codes
from services.deidentification.recognisers.sounded_digits import sounded_runs
from tests.unit.deidentification.assertions import Find, covers, untouched


class TestDigitsBySound:
    """Numbers of which a recogniser of speech made words."""

    @pytest.mark.parametrize(
        ("lead", "number"),
        [
            ("my number is ", "zero one to, tree for five, ate nine won too"),
            ("call me ", "zero one two three for five six seven eight"),
            ("ic saya ", "kosong satu saat tingga ham nam pat dua"),
            ("my bank account is ", "won won for, to zero nine, sick sick tree ate"),
            ("the registration number is ", "to to zero seven won five"),
            ("nombor saya ", "kosong satu sambilan, tujuh tujet dua, lima kusong empat enam"),
            ("my ic is ", "seven to zero vibe zero tree, zero ate, five five won seven"),
            ("salah ", "kosong satu sombilan duo tigo tigo lopeh tu lapan lapan kosong onam"),
            ("my handphone ", "khong it sa si go lak chit peh"),
            ("phone number ", "ling yi er san si wu liu qi"),
            ("phone ", "yat yi saam sei ng luk"),
            ("number ", "poojiyam onnu rendu moonu naalu anju"),
        ],
    )
    def test_whole_run(self, found: Find, lead: str, number: str) -> None:
        """The whole run goes, in the digits of all languages of the country."""
        covers(found(NumberRecognizer, lead + number), number)

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("last three digits four seven eight", "four seven eight"),
            ("account number three three nine", "three three nine"),
            ("Can I get your phone number?\nzero one four wait", "zero one four"),
            ("akaun saya tujuh dua sembilan", "tujuh dua sembilan"),
        ],
    )
    def test_three_digits(self, found: Find, text: str, number: str) -> None:
        """Three digits behind a word that announces a number are a part of it."""
        covers(found(NumberRecognizer, text), number)

    def test_digits_that_were_written_one_by_one(self, found: Find) -> None:
        """`A E R 4-8-2-7`, which a recogniser writes of what is said digit by digit."""
        covers(found(NumberRecognizer, "It was a yard 4-8-2-7, they said"), "4-8-2-7")
        assert not found(NumberRecognizer, "we played 4-4-2, and 1-2-3-4 we went")

    @pytest.mark.parametrize(
        "text",
        [
            "we went two to three for five days",
            "one to three times a week for two weeks",
            "from two to four or for five people",
            "i count one two three",
            "two three hundred ringgit",
            "si kau ba wu tak tahu",
            "for two too long, ate three",
        ],
    )
    def test_stays(self, found: Find, text: str) -> None:
        """Counts, ranges and words of talk stay."""
        untouched(found(NumberRecognizer, text))


class TestCodesAsSaid:
    """Letters and digits, one by one."""

    @pytest.mark.parametrize(
        ("lead", "code"),
        [
            ("nombor kad tu ", "h t s tigo tigo lapan satu duo"),
            ("the study code is ", "P S Y zero four five six"),
            ("file ", "psy dash zero four five six slash twenty nineteen"),
            ("enrolment number ", "K L dash oh four seven"),
            ("my plate is ", "W X Y one two, three four"),
            ("plate ", "WXY one two three four"),
            ("kereta saya ", "v a b tiga dua satu empat"),
            ("ward code ", "h k l seven two"),
            ("card ", "DOK 11-40928"),
        ],
    )
    def test_found(self, found: Find, lead: str, code: str) -> None:
        """Plates, cards, files, enrolment, wards."""
        covers(found(CodeRecognizer, lead + code), code)

    def test_letters_of_a_body(self, found: Find) -> None:
        """The short form of a body belongs to the number behind it."""
        covers(found(NumberRecognizer, "staff number UKM 04567"), "UKM 04567")

    @pytest.mark.parametrize(
        "text",
        [
            "participant code P zero seven",
            "the h one n one vaccine",
            "vitamin b one two",
            "kes Pada 2016",
        ],
    )
    def test_stays(self, found: Find, text: str) -> None:
        """A participant's code, vaccines and vitamins stay."""
        untouched(found(CodeRecognizer, text))


class TestAddressesAsSaid:
    """Hundreds and postcodes in words; prose is no address."""

    @pytest.mark.parametrize(
        "address",
        [
            "number one hundred and five jalan ampang",
            "nombor seratus dua puluh jalan melati",
            "lot twelve hundred jalan ampang",
            "taman melati five three one hundred kuala lumpur",
            "lima tiga ribu kuala lumpur",
            "A-91 tingkat satu Jalan Gambut 2 Kuantan",
            "14-2 Jalan Kenari Brickfields",
            "24, Laluan Taman Makmur 3, 31100 Sungai Siput",
        ],
    )
    def test_found(self, found: Find, address: str) -> None:
        """House numbers in hundreds, postcodes, units."""
        covers(found(PlaceRecognizer, f"poskod {address}"), address, "ADDRESS")

    @pytest.mark.parametrize(
        "text",
        [
            "in 1996, the shops all close, nobody came",
            "in 1996 the shops all close nobody came",
            "It was WND 3305, and I check his road tax every month",
            "By a decision of 27 April 2004, the court said so",
            "we waited 20 minutes more by the way",
        ],
    )
    def test_prose(self, found: Find, text: str) -> None:
        """Words between a number and the word for a street may be talk."""
        assert not [kind for kind, _ in found(PlaceRecognizer, text) if kind == "ADDRESS"]

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("one hundred and five", "105"),
            ("seratus dua puluh", "120"),
            ("dua ratus lima", "205"),
            ("twelve hundred", "1200"),
            ("a hundred", "100"),
            ("forty two", "42"),
        ],
    )
    def test_amount(self, text: str, value: str) -> None:
        """Hundreds in English and Malay."""
        found = amount(Document.of(text), 0)
        assert found is not None
        assert found.digits == value


@given(
    st.lists(st.sampled_from("to for one tree won a i x dash hundred si san \n , 12".split(" ")))
)
def test_any_words(words: list[str]) -> None:
    """Whatever is said, runs and codes lie in the text, in order."""
    doc = Document.of(" ".join(words))
    for sounded in sounded_runs(doc):
        assert 0 <= sounded.run.first <= sounded.run.last < len(doc.tokens)
    last = -1
    for code in said_codes(doc):
        assert last < code.first <= code.last < len(doc.tokens)
        last = code.last
