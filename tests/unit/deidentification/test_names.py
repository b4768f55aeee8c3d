# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.deidentification.recognisers.names import NameRecognizer
from services.deidentification.recognisers.spelled_names import SpelledNameRecognizer
from tests.unit.deidentification.assertions import Find, covers, untouched


class TestNames:
    """Names by title, relation mark, introduction and list."""

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Encik Faizal came", "Encik Faizal"),
            ("Puan Rohani cakap", "Puan Rohani"),
            ("then Dato' Sri Najib spoke", "Dato' Sri Najib"),
            ("Tan Sri Lim visited", "Tan Sri Lim"),
            ("I saw Dr. Tan yesterday", "Dr. Tan"),
            ("Sister Devi helped me", "Sister Devi"),
            ("kak ros masak sedap", "kak ros"),
            ("pak mat jiran saya", "pak mat"),
            ("mak cik rohani came", "mak cik rohani"),
            ("uncle muthu dah tua", "uncle muthu"),
            ("Ustazah Hafizah mengajar", "Ustazah Hafizah"),
            ("Haji Salleh is old", "Haji Salleh"),
            ("Ahmad Faizal bin Abdul Rahman", "Ahmad Faizal bin Abdul Rahman"),
            ("nurul aisyah binti kamal datang", "nurul aisyah binti kamal"),
            ("nur shahida binti abu bakar", "nur shahida binti abu bakar"),
            ("siva a/l raman", "siva a/l raman"),
            ("Kavitha a/p Muthusamy", "Kavitha a/p Muthusamy"),
            ("siva anak lelaki raman", "siva anak lelaki raman"),
            ("my name is grace", "grace"),
            ("nama saya iman", "iman"),
            ("people call me Azman", "Azman"),
            ("panggil saya bala je", "bala"),
            ("tan mei ling works there", "tan mei ling"),
            ("I told Chong Wei Ming", "Chong Wei Ming"),
            ("ah seng jaga kedai", "ah seng"),
            ("so Grace told me to go", "Grace"),
            ("azman menangis", "azman"),
            ("JOHN SAID THAT", "JOHN"),
            ("my brother azman cried", "azman"),
            ("then Safar drove us", "Safar"),
            ("Datu Mahali visited", "Datu Mahali"),
            ("indai Lanting masak", "indai Lanting"),
            ("then Devi akka came", "Devi akka"),
            ("I met Mani sir there", "Mani sir"),
            ("we met Tok Batin Rentap", "Tok Batin Rentap"),
            ("Abe Lokman drove", "Abe Lokman"),
            ("kawan dia si Suria", "si Suria"),
            ("my name is Faithful", "Faithful"),
            ("nama dia bulan", "bulan"),
            ("budak tu nama ikhlas", "ikhlas"),
            ("name dio bulan", "bulan"),
            ("her real name is Petang", "Petang"),
            ("one boy we call botak but he has hair", "botak"),
            ("orang kampung panggil saya mak nanas", "mak nanas"),
            ("May may be small", "May"),
            ("we baked with May", "May"),
            ("Will said no to Susan", "Will"),
        ],
    )
    def test_found(self, found: Find, text: str, name: str) -> None:
        """A name is found whole, in either case."""
        covers(found(NameRecognizer, text), name)

    @pytest.mark.parametrize(
        "text",
        [
            "I may go and I will stay",
            "bulan Rejab lepas",
            "we fast on 1 Ramadan and Raya was 1 Syawal",
            "we fast every Ramadan",
            "with grace and hope",
            "bintang di langit malam",
            "doctor will see me",
            "the doctor said so",
            "my sister and my brother came",
            "saya rasa macam nak balik",
            "I was so mad at him",
            "mark my words",
            "call me back later",
            "nama ubat tu apa",
            "bulan mei tahun lepas",
            "Boleh Puan terangkan sedikit? Bila Puan berpindah ke sini?",
            "boleh encik ceritakan apa yang berlaku",
            "kdai dr tgh hjn smlm",
            "nama ubat dia lupa",
            "nama page tu panjang",
            "my father couldn't hold the pen",
            "we came back in May and stayed with God's will",
            "they will call him again every night",
            "that one ah long story",
        ],
    )
    def test_stays(self, found: Find, text: str) -> None:
        """Ordinary words that are names elsewhere stay."""
        untouched(found(NameRecognizer, text))

    @pytest.mark.parametrize(
        ("question", "answer", "name"),
        [
            ("What's your name?", "Melati.", "Melati"),
            ("Siapa nama awak?", "err mawar", "mawar"),
            ("Can you tell me your name?", "Okay. Jasmine lah", "Jasmine"),
        ],
    )
    def test_answers(self, found: Find, question: str, answer: str, name: str) -> None:
        """An answer to the question for a name is a name, ordinary word or not."""
        covers(found(NameRecognizer, f"{question}\n{answer}"), name)


class TestAskedAbout:
    """A word that somebody asks about as a name, and nicknames of everyday words."""

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Ombak tu nama betul ke", "Ombak"),
            ("Salju tu nama sebenar ke", "Salju"),
            ("Bayu nama betul ke", "Bayu"),
            ("Kilat ni nama penuh ke", "Kilat"),
            ("Embun ini nama sebenar", "Embun"),
            ("Kabus tu namo betul ko", "Kabus"),
            ("Pelangi tu name betul ke", "Pelangi"),
            ("panggil jep sayur sebab jual sayur", "jep sayur"),
            ("nama saya mat kapal", "mat kapal"),
            ("orang panggil saya din kuah pasal kuah", "din kuah"),
        ],
    )
    def test_found(self, found: Find, text: str, name: str) -> None:
        """A question whether a word is a name tells that it is one; a reason ends a nickname."""
        covers(found(NameRecognizer, text), name, "PERSON")

    @pytest.mark.parametrize(
        "text", ["dia tu nama apa", "siapa nama dia", "itu nama kedai", "ubat tu nama apa ya"]
    )
    def test_stays(self, found: Find, text: str) -> None:
        """A question what something is called names nobody."""
        untouched(found(NameRecognizer, text))


class TestTitles:
    """Which titles belong to a name."""

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("the teacher Cikgu Rimbun came", "Cikgu Rimbun"),
            ("our counsellor Encik Rizwan said", "Encik Rizwan"),
            ("my uncle Pak Ngah Jidin helped", "Pak Ngah Jidin"),
        ],
    )
    def test_a_post_is_no_title(self, found: Find, text: str, name: str) -> None:
        """A noun that says what somebody is stays before another title."""
        assert ("PERSON", name) in found(NameRecognizer, text)


class TestSpelt:
    """Names letter by letter."""

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("it is N-U-R-U-L", "N-U-R-U-L"),
            ("spelt n u r u l", "n u r u l"),
            ("I spell it en, you, ar, you, el", "en, you, ar, you, el"),
            ("s i t i", "s i t i"),
        ],
    )
    def test_found(self, found: Find, text: str, name: str) -> None:
        """Letters that spell a name go."""
        covers(found(SpelledNameRecognizer, text), name)

    @pytest.mark.parametrize(
        "text", ["an M R I scan", "in the I C U", "E C T twice", "S P M result"]
    )
    def test_acronyms_stay(self, found: Find, text: str) -> None:
        """Acronyms stay."""
        untouched(found(SpelledNameRecognizer, text))
