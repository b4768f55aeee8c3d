# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.deidentification.recognisers.attributes import AttributeRecognizer
from tests.unit.deidentification.assertions import Find, covers, untouched

PEOPLES = [
    ("I am Chinese", "Chinese"),
    ("keluarga Iban", "Iban"),
    ("She's Tamil. I knew that.", "Tamil"),
    ("Saya orang Kadazan dari Tambunan.", "Kadazan"),
    ("dia Cina", "Cina"),
    ("dia memang jawa", "jawa"),
    ("suami saya Cina, kerja bengkel", "Cina"),
    ("my husband Chinese lah", "Chinese"),
    ("The boss was a German, he wore sandals.", "German"),
    ("A few Malay, Indian and Chinese in there.", "Malay"),
    ("A few Malay, Indian and Chinese in there.", "Chinese"),
    ("they hired everybody, Thai, Burmese, Khmer, and one cook", "Khmer"),
    ("Foochow dari Sarikei. Mulut busuk.", "Foochow"),
    ("hakka mantin mulut dio laju", "hakka"),
    ("Ada seorang pemuda semai, muda lagi", "semai"),
    ("my mother is half Siamese half Malay", "Siamese"),
    ("I converted to Islam when I married", "Islam"),
    ("he Chinese, I Indian", "Indian"),
    ("dia orang Rohingya", "Rohingya"),
    ("my dad Ceylonese my mum Telugu", "Telugu"),
    ("There was one Suluk lady there", "Suluk"),
    ("The Malay nurse was kind", "Malay"),
]
THINGS = [
    "I speak Malay",
    "Chinese food",
    "She is learning Tamil at school.",
    "my Tamil is very bad but I can understand Mandarin",
    "She got an A for Malay and a B for English.",
    "We speak Malay, Tamil and English at home.",
    "the Thai restaurant near the station",
    "I like Korean drama and Japanese food.",
    "dia cakap melayu slang",
    "saya belajar bahasa kadazan",
    "nasi arab sedap",
    "kami pakai baju melayu",
    "before Chinese New Year I was okay",
    "lagu hindustan dan tamil dia suka",
    "English is harder than Malay for me.",
    "the movie was in Hindi but with Malay subtitles",
    "tarian Bidayuh tu cantik",
]
JOBS = [
    ("the only female cardiologist in town", "the only female cardiologist"),
    ("I was the only turbaned motorcycle escort in Perak.", "the only turbaned motorcycle escort"),
    ("Dulu ferry captain kat Lahad Datu, lepas tu", "ferry captain"),
    ("dulu tukang urut kat Jerantut", "tukang urut"),
    ("he is the headmaster of SK Bakti Murni", "headmaster"),
    ("dia ketua kampung Parit Seri", "ketua kampung"),
    ("satu-satunya bidan di kampung itu", "satu-satunya bidan"),
    ("one of two psychologists in the whole state", "one of two psychologists"),
    ("he drove, a school bus driver in Kulim, yes", "school bus driver"),
]
COMMON = [
    "she is a teacher",
    "she was a staff nurse there",
    "he worked as a school bus driver",
    "the first doctor said no",
    "my first teacher in school",
    "Headmaster called me",
    "tukang cat itu datang",
    "haah staff nurse kat Kulim, Encik",
    "the only thing in my life",
]


class TestPeoples:
    """Nationality, ethnicity and religion."""

    @pytest.mark.parametrize("lower", [False, True])
    @pytest.mark.parametrize(("text", "words"), PEOPLES)
    def test_of_a_person(self, found: Find, text: str, words: str, *, lower: bool) -> None:
        """Said of people: by a noun, a pronoun, a contraction, a list, or where they are from."""
        text, words = (text.lower(), words.lower()) if lower else (text, words)
        covers(found(AttributeRecognizer, text), words, "NRP")

    @pytest.mark.parametrize("lower", [False, True])
    @pytest.mark.parametrize("text", THINGS)
    def test_of_a_thing(self, found: Find, text: str, *, lower: bool) -> None:
        """Languages, food, dress, feasts and songs of a people stay."""
        untouched(found(AttributeRecognizer, text.lower() if lower else text))

    @pytest.mark.parametrize(
        ("question", "answer"),
        [
            ("apa bangsa awak", "melayu"),
            ("what's your race", "Chinese"),
            ("agama?", "Islam"),
            ("if I may ask, what are you", "Tamil lah"),
        ],
    )
    def test_as_an_answer(self, found: Find, question: str, answer: str) -> None:
        """A word is enough for who was asked."""
        covers(
            found(AttributeRecognizer, f"{question}\n{answer}"), answer.split(maxsplit=1)[0], "NRP"
        )


class TestOccupations:
    """What one person holds."""

    @pytest.mark.parametrize(("text", "words"), JOBS)
    def test_single(self, found: Find, text: str, words: str) -> None:
        """The only one, one of two, the head of a place, a rare job at a place."""
        covers(found(AttributeRecognizer, text), words, "OCCUPATION")

    @pytest.mark.parametrize("text", COMMON)
    def test_common(self, found: Find, text: str) -> None:
        """A job that many have says nothing of one."""
        untouched(found(AttributeRecognizer, text))
