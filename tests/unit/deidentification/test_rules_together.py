# SPDX-License-Identifier: Apache-2.0
"""All recognisers together, without the tagger: words around names and places, each with its
counterpart.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.deidentification.adapters.presidio import PresidioDetector

Found = Callable[[str, str], list[str]]


@pytest.fixture(scope="module")
def found(detector: PresidioDetector) -> Found:
    """The texts of one type that all recognisers together find, without the tagger."""

    def find(text: str, kind: str) -> list[str]:
        return [
            text[f.start : f.end] for f in detector.detect([text]).findings if f.entity_type == kind
        ]

    return find


class TestNames:
    def test_a_degree_goes_with_the_name(self, found: Found) -> None:
        """Letters behind a name are part of what names the doctor."""
        assert "Antonio Kohler MD" in found("We saw Antonio Kohler MD about it.", "PERSON")

    def test_a_bornean_name_at_the_start_of_a_sentence_is_whole(self, found: Found) -> None:
        """`anak` joins both halves even where the first capital says nothing."""
        assert "Jelani anak Ringkai" in found(
            "Okay. Jelani anak Ringkai nama saya, we talk later.", "PERSON"
        )

    def test_a_relation_stays_outside(self, found: Found) -> None:
        """`my brother` says whose he is; `Brother` as an address goes with the name."""
        assert "brother Marcus" not in found("So my brother Marcus came with Susan.", "PERSON")
        assert "Brother Marcus" in found("Then we asked Brother Marcus about Susan.", "PERSON")

    @pytest.mark.parametrize("word", ["Sertraline", "Saga", "Friday"])
    def test_things_are_nobody(self, found: Found, word: str) -> None:
        """Medicines, cars and days are not taken for people by their capital."""
        assert found(f"They gave me {word} and Susan was there too.", "PERSON") == ["Susan"]


class TestPeoples:
    @pytest.mark.parametrize("people", ["Swedish national", "Turkish citizen", "Kurdish refugee"])
    def test_a_nationality_is_found_where_it_is_said_of_somebody(
        self, found: Found, people: str
    ) -> None:
        """Any nation's people, not only those of the region."""
        assert found(f"He is a {people} by now.", "NRP") == [people.split(maxsplit=1)[0]]

    def test_a_meal_is_no_people(self, found: Found) -> None:
        """The same word of food stays."""
        assert found("We had Turkish food near the office.", "NRP") == []


class TestNumbersAndPlaces:
    def test_a_case_number_needs_no_word_before_it(self, found: Found) -> None:
        """Five digits, a stroke and a year name a file."""
        assert found("It was joined with 29700/96 later.", "ID_NUMBER") == ["29700/96"]

    @pytest.mark.parametrize("text", ["pressure 120/80 today", "the school year 1995/96"])
    def test_readings_and_school_years_stay(self, found: Found, text: str) -> None:
        """A stroke alone makes no file."""
        assert found(text, "ID_NUMBER") == []

    def test_a_said_unit_joins_its_street(self, found: Found) -> None:
        """`block c unit twelve three` is one address with the road behind it."""
        text = "i live in block c unit twelve three pangsapuri mawar jalan pandan indah with them"
        assert "block c unit twelve three pangsapuri mawar jalan pandan indah" in found(
            text, "ADDRESS"
        )

    def test_a_date_of_last_year_is_whole(self, found: Found) -> None:
        """The year goes with the day although it is told by its distance."""
        assert any(
            t.endswith("August last year")
            for t in found("I remember the 14th of August last year.", "DATE_TIME")
        )


class TestKin:
    def test_a_word_beside_its_kin_is_a_name(self, found: Found) -> None:
        """`Will, my nephew` names him; `will` alone does not."""
        assert "Will" in found("Will, my nephew, came with Susan on Monday.", "PERSON")
        assert "Will" not in found("Will my nephew come with Susan on Monday?", "PERSON")

    def test_a_childs_age_needs_no_word_for_it(self, found: Found) -> None:
        """`is only nine` before a pause is an age, before a thing it is a count."""
        assert found("My boy is only nine, he asked.", "AGE") == ["nine"]
        assert found("My boy is only nine kilos.", "AGE") == []


class TestBodies:
    def test_a_station_is_a_place_one_can_be_found_at(self, found: Found) -> None:
        """Stations and halls with a name go like hospitals."""
        assert "Stesen Bas Melaka Sentral" in found(
            "Orang jumpa saya di Stesen Bas Melaka Sentral semalam.", "FACILITY"
        )


class TestNicknames:
    def test_ah_with_a_capital_is_a_prefix(self, found: Found) -> None:
        """`Ah Boy` is somebody, `ah` is a filler."""
        assert "Ah Boy" in found("My room-mate was Ah Boy and he knew Susan well.", "PERSON")
        assert found("He came ah, boy, so late, with Susan.", "PERSON") == ["Susan"]

    def test_a_particle_with_a_capital_goes_on_a_name(self, found: Found) -> None:
        """`Tok Wan Leh` is whole, `leh` is a word of speech."""
        assert "Tok Wan Leh" in found("Bomoh pun kami pergi, Tok Wan Leh di sana.", "PERSON")
        assert found("We asked Susan leh, and she said no.", "PERSON") == ["Susan"]
