# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deidentification.domain import ages
from services.deidentification.domain.tokens import Document
from services.deidentification.recognisers.ages import AgeRecognizer, DecadeRecognizer
from tests.unit.deidentification.assertions import Find, untouched


class TestAges:
    """Ages."""

    @pytest.mark.parametrize(
        ("text", "age"),
        [
            ("I'm thirty-four years old", "thirty-four years old"),
            ("umur saya tiga puluh empat", "tiga puluh empat"),
            ("when I was nineteen", "nineteen"),
            ("a 34-year-old", "34-year-old"),
            ("turned forty", "forty"),
            ("saya berumur 29", "29"),
            ("umur dia 37 tahun lebih", "37 tahun lebih"),
            ("umo ambo limo puloh duo", "limo puloh duo"),
            ("umur aku 21thn", "21thn"),
            ("she is 8 months old", "8 months old"),
            ("the boy is two and a half years old", "two and a half years old"),
            ("a 34 y/o male", "34 y/o"),
        ],
    )
    def test_with_unit(self, found: Find, text: str, age: str) -> None:
        """The number, and the unit that belongs to it."""
        assert ("AGE", age) in found(AgeRecognizer, text)

    @pytest.mark.parametrize(
        ("text", "age"),
        [
            ("my aunt she's fifty eight already", "fifty eight"),
            ("he\u2019s nine", "nine"),
            ("I'll be sixty-three", "sixty-three"),
            ("my daughter's eleven, yes", "eleven"),
            ("the eldest is fourteen and happy", "fourteen"),
            ("I met Farah is six this year", "six"),
            ("my nephew is only nine", "nine"),
            ("dia baru lapan", "lapan"),
            ("anak saya dah dua belas", "dua belas"),
            ("Anak saya baru tujuh tahun.", "tujuh tahun"),
            ("my eldest, sixteen, then", "sixteen"),
            ("and the second one, twelve, and", "twelve"),
            ("he's going sixty already", "sixty"),
            ("nak masuk lima puluh dah", "lima puluh"),
            ("she is turning fifty next year", "fifty"),
            ("he is nine going ten", "nine going ten"),
            ("when i was about ten or eleven", "ten or eleven"),
            ("I married at twenty three", "twenty three"),
            ("saya tiga puluh dua, isteri saya lain", "tiga puluh dua"),
            ("i am fifty six pension already", "fifty six"),
            ("wah seventy three lah this year", "seventy three"),
            ("He's picking fruit at forty-one.", "forty-one"),
            ("There's one girl, from Semporna, twenty-three. She", "twenty-three"),
            ("Got. Kit. Twenty-five, smart boy, fixing laptops.", "Twenty-five"),
        ],
    )
    def test_said_of_a_person(self, found: Find, text: str, age: str) -> None:
        """A number alone, where somebody has it."""
        assert ("AGE", age) in found(AgeRecognizer, text)

    @pytest.mark.parametrize(
        "question",
        [
            "how old are you now?",
            "what age were you then",
            "Your age?",
            "so what age would that make you",
            "umur berapa",
            "Berapa umur puan sekarang?",
            "umur brp skrg",
            "umo berapo",
            "how old is your son",
        ],
    )
    @pytest.mark.parametrize(
        "answer", ["fifty seven", "nine", "Tiga puluh dua lah", "27", "enam satu"]
    )
    def test_answers(self, found: Find, question: str, answer: str) -> None:
        """A whole answer to a question for an age, and where the interviewer repeats it."""
        number = answer.removesuffix(" lah")
        pieces = found(AgeRecognizer, f"{question}\n{answer}\n{number} wow")
        assert pieces.count(("AGE", number)) == 2

    def test_answer_after_a_word_between(self, found: Find) -> None:
        """Short turns between question and answer, and more than one age."""
        text = "How old were they then?\nMe?\nYeah\nLike, seventeen, and my sister twelve."
        assert found(AgeRecognizer, text)[0] == ("AGE", "seventeen")

    @pytest.mark.parametrize(
        ("text", "age"),
        [
            ("in her late forties", "late forties"),
            ("in my twenties", "twenties"),
            ("early fifties like that", "early fifties"),
            ("he is mid-40s", "mid-40s"),
            ("umur 40-an", "40-an"),
            ("usia awal tiga puluhan", "awal tiga puluhan"),
        ],
    )
    def test_decades(self, found: Find, text: str, age: str) -> None:
        """An age told by its decade."""
        assert found(DecadeRecognizer, text) == [("AGE", age)]

    @pytest.mark.parametrize("text", ["in the late forties", "tahun 80-an", "in the fifties"])
    def test_decades_of_a_century(self, found: Find, text: str) -> None:
        """Decades of a century are no ages."""
        untouched(found(DecadeRecognizer, text))

    @pytest.mark.parametrize(
        "text",
        [
            "for ten years",
            "20 years in jail",
            "five months",
            "I was 20 minutes late",
            "it's only nine",
            "I am two hours late",
            "i am five foot two",
            "he is number one",
            "she is one of them",
            "the score is twenty seven",
            "I am ninety percent sure",
            "she is twenty eight weeks pregnant",
            "he was on fifty milligrams",
            "he is in room nine",
            "kami lima beradik",
            "anak saya lima orang",
            "anak saya dah tiga",
            "he took only two pills",
            "I turned one corner",
            "the appointment is at nine",
            "how long have you been here\nnine years",
            "how many\nfifty seven",
            "how old is the house\nthirty years",
            "It's 2.5 and 15.000",
            "I'm fifty-fifty about it",
            "in Form 4 he was, ah",
            "your blood sugar is at fifteen.",
            "how old is he\nSame, no, two years younger than me",
        ],
    )
    def test_stays(self, found: Find, text: str) -> None:
        """Durations, counts, scores, doses and times stay."""
        untouched(found(AgeRecognizer, text))

    @given(st.text(alphabet="aeinst 0123456789'-,.?\n", max_size=80))
    def test_any_text(self, text: str) -> None:
        """Whatever is said, a finding lies in the text and holds a number."""
        for span in AgeRecognizer().find(Document.of(text)):
            assert 0 <= span.start < span.end <= len(text)


class TestBands:
    """What an age is read as."""

    @pytest.mark.parametrize(
        ("text", "read"),
        [
            ("thirty-four years old", (30, 39)),
            ("ten or eleven", (10, 19)),
            ("40-an", (40, 49)),
            ("tiga puluhan", (30, 39)),
            ("late forties", (40, 49)),
            ("18 months", (0, 9)),
            ("2 tahun", (0, 9)),
            ("21thn", (20, 29)),
            ("101", (90, 130)),
            ("nine going ten", None),
            ("enam satu", None),
            ("a hundred and two", None),
            ("seratus dua", None),
            ("twenty, thirty", None),
            ("old", None),
        ],
    )
    def test_read_with_certainty(self, text: str, read: tuple[int, int] | None) -> None:
        """A value in doubt is none: a wrong band is worse than no band."""
        assert ages.band(text) == read
