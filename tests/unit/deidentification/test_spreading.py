# SPDX-License-Identifier: Apache-2.0
"""Where the words of a reviewer's redaction occur again."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.deidentification.domain.entities import ENTITY_TYPES
from services.deidentification.domain.spreading import (
    DeidentifiedText,
    Place,
    replacement_at,
    spread,
)
from services.deidentification.errors import PlaceError
from services.deidentification.gazetteers.loading import load_lexicon


def segments(*texts: str) -> list[DeidentifiedText]:
    """Segments whose replacements are what stands in brackets."""
    made = []
    for text in texts:
        marks = []
        at = 0
        while (start := text.find("[", at)) >= 0:
            at = text.index("]", start) + 1
            marks.append((start, at, "PERSON"))
        made.append(DeidentifiedText(text, "participant", tuple(marks)))
    return made


def found(words: str, texts: Sequence[str], entity_type: str = "PERSON") -> list[str]:
    """What the places hold when the first occurrence of these words is asked for."""
    made = segments(*texts)
    number = next(n for n, text in enumerate(texts) if words in text)
    start = texts[number].index(words)
    asked = Place(number, start, start + len(words))
    places = spread(made, asked, entity_type, load_lexicon())
    assert places == sorted(places)
    assert any(
        p.segment == number and p.start <= start and start + len(words) <= p.end for p in places
    )
    return [texts[p.segment][p.start : p.end] for p in places]


class TestNames:
    """Forms of one person's name."""

    def test_short_forms_possessives_and_lower_case(self) -> None:
        """Each word of a Malay name stands for the person, as closure has it."""
        texts = (
            "Then Zulkarnain bin Abdullah came to us.",
            "I called zulkarnain again, and Zulkarnain's mother was there.",
            "Encik Zulkarnain was kind. Puan Abdullah was not.",
        )
        assert found("Zulkarnain bin Abdullah", texts) == [
            "Zulkarnain bin Abdullah",
            "zulkarnain",
            "Zulkarnain",
            "Encik Zulkarnain",
            "Puan Abdullah",
        ]

    def test_misspellings(self) -> None:
        """A speech recogniser writes a name in many ways; a name in parts stays one place."""
        texts = (
            "Norhasikin binti Zulkifli is my friend.",
            "Later norhasikeen came, and Norhasykin binti Zulkiflee too.",
        )
        assert found("Norhasikin binti Zulkifli", texts) == [
            "Norhasikin binti Zulkifli",
            "norhasikeen",
            "Norhasykin binti Zulkiflee",
        ]

    def test_nickname_that_is_a_word(self) -> None:
        """A nickname is taken like one of the roster: also in lower case, and joined."""
        texts = ("We call him Bulan.", "then bulan said so", "Wei Bulan lives there")
        assert found("Bulan", texts) == ["Bulan", "bulan", "Bulan"]
        assert found("Wei Ling", ("Wei Ling came", "and weiling went")) == ["Wei Ling", "weiling"]

    def test_one_of_the_commonest_words(self) -> None:
        """`may` is not redacted a hundred times because somebody is called May."""
        texts = (
            "I met May there, you know.",
            "You may go, said May, and we may stay in May's house.",
        )
        assert found("May", texts) == ["May", "May", "May"]

    def test_inside_of_replacements_and_across_them_nothing_is_found(self) -> None:
        """What is replaced already stays as it is, and its words are no context."""
        texts = ("Zulkarnain came with [Zulkarnain's brother] here", "[Person 1] Zulkarnain")
        assert found("Zulkarnain", texts) == ["Zulkarnain", "Zulkarnain"]

    def test_part_of_a_word_takes_the_whole(self) -> None:
        """No rest of a name stays behind."""
        assert found("lkarn", ("and Zulkarnain came", "zulkarnain")) == ["Zulkarnain", "zulkarnain"]


class TestOthers:
    """Types that are no names of people."""

    def test_places_with_and_without_their_kind(self) -> None:
        """The name of a place alone is that place."""
        texts = ("the Hospital Seri Bayu ward", "at hospital seri bayu again", "then Seri Bayu")
        assert found("Hospital Seri Bayu", texts, "FACILITY") == [
            "Hospital Seri Bayu",
            "hospital seri bayu",
            "Seri Bayu",
        ]

    def test_words_on_both_sides_of_a_replacement(self) -> None:
        """They are not in a row, and what is in a row beside them is found all the same."""
        texts = ("at Seri Xayu Jaya", "Seri [Place 1] Xayu Jaya, in 0123 [Place 2] 456789")
        assert found("Seri Xayu Jaya", texts, "FACILITY") == ["Seri Xayu Jaya", "Xayu Jaya"]

    def test_numbers_written_and_said(self) -> None:
        """The digits, or a part of them, in figures or words."""
        texts = ("it is 012-345 6789", "we were 12 then", "yes, zero one two three four five")
        assert found("012-345 6789", texts, "PHONE_NUMBER") == [
            "012-345 6789",
            "zero one two three four five",
        ]

    def test_the_same_words(self) -> None:
        """A type that closure does not search for spreads by the same words."""
        texts = ("I was a glass blower", "a Glass  Blower, like my father", "a blower")
        assert found("glass blower", texts, "OCCUPATION") == ["glass blower", "Glass  Blower"]

    def test_a_short_number_stays_alone(self) -> None:
        """An age is no reason to take every number that is equal."""
        assert found("42", ("I am 42", "room 42"), "AGE") == ["42"]


class TestRefused:
    """Places that are none."""

    SEGMENTS = segments("I saw [Person 1] there.", "")

    @pytest.mark.parametrize(
        ("place", "why"),
        [
            (Place(2, 0, 1), "2 segments"),
            (Place(0, 5, 5), "begins before it ends"),
            (Place(0, 4, 2), "begins before it ends"),
            (Place(0, 18, 24), "23 code points"),
            (Place(1, 0, 1), "0 code points"),
            (Place(0, 7, 10), "touches a replacement at 6 to 16"),
            (Place(0, 2, 8), "touches a replacement"),
            (Place(0, 15, 20), "touches a replacement"),
            (Place(0, 22, 23), "holds no word"),
            (Place(0, 16, 17), "holds no word"),
        ],
    )
    def test_with_the_reason(self, place: Place, why: str) -> None:
        """Out of range, empty, or in touch with a replacement."""
        with pytest.raises(PlaceError, match=why):
            spread(self.SEGMENTS, place, "PERSON", load_lexicon())

    @pytest.mark.parametrize("place", [Place(0, 6, 15), Place(0, 5, 16), Place(0, 0, 3)])
    def test_a_replacement_is_named_exactly(self, place: Place) -> None:
        """A part of a replacement, or more than one, is none."""
        assert replacement_at(self.SEGMENTS, Place(0, 6, 16)) == "PERSON"
        with pytest.raises(PlaceError, match="no replacement"):
            replacement_at(self.SEGMENTS, place)


_TEXTS = st.lists(
    st.lists(
        st.sampled_from(
            ["Azman", "azman's", "bin", "Zulkifli", "[Person 1]", "may", "\u00e9a\u0301", "012345",
             "Seri", "Xayu", "Jaya", "[Place 2]", "\u2588\u2588",
             "Dr", ".", "\n", "  ", "Hospital", "\U0001f642", "'s", "a/l"]
        ),
        max_size=8,
    ).map(" ".join),
    min_size=1,
    max_size=4,
)  # fmt: skip


class TestOffsets:
    """Whatever is asked, a place is one that can be replaced."""

    @settings(max_examples=150, deadline=None)
    @given(
        texts=_TEXTS,
        number=st.integers(0, 4),
        start=st.integers(0, 60),
        length=st.integers(0, 20),
        entity_type=st.sampled_from(sorted(ENTITY_TYPES)),
    )
    def test_places_are_sound(
        self, texts: list[str], number: int, start: int, length: int, entity_type: str
    ) -> None:
        """Either the place is refused, or all places are inside of their segments, in order, apart
        from each other and from replacements, and one of them covers the words that were asked for.
        """
        made = segments(*texts)
        asked = Place(number, start, start + length)
        try:
            places = spread(made, asked, entity_type, load_lexicon())
        except PlaceError:
            return
        words = texts[number][start : start + length]
        inner = start + len(words) - len(words.lstrip())
        outer = start + len(words.rstrip())
        assert any(p.segment == number and p.start <= inner and outer <= p.end for p in places)
        for place in places:
            segment = made[place.segment]
            assert 0 <= place.start < place.end <= len(segment.text)
            assert all(e <= place.start or place.end <= s for s, e, _ in segment.replacements)
        assert all(
            left.segment < right.segment or left.end <= right.start
            for left, right in pairwise(places)
        )
