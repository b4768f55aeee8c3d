# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.release.domain.marks import Place
from services.release.domain.readable import SpokenText, readable

_MARK = re.compile(r"\[[^\[\]]+\]")
_LETTERS = re.compile(r"[^\W_]+")


def spoken(text: str, language: str = "en") -> SpokenText:
    """Return a text in which what stands in square brackets stands for an identifier."""
    return SpokenText(text, language, [Place(*one.span()) for one in _MARK.finditer(text)])


def one(text: str, language: str = "en") -> str:
    """Return a text in readable form."""
    [found] = readable([spoken(text, language)])
    return found


class TestFillers:
    """Sounds of hesitation."""

    @pytest.mark.parametrize(
        ("said", "read"),
        [
            ("Um, I think, uh, it was Monday.", "I think it was Monday."),
            ("Uhm, the dog came.", "The dog came."),
            ("Ummmm, okay.", "Okay."),
            ("I went home. Um. Then I slept.", "I went home. Then I slept."),
            ("I went home, um.", "I went home."),
            ("When I came home, um she was there.", "When I came home, she was there."),
            ("It was, mm, red.", "It was red."),
        ],
    )
    def test_go(self, said: str, read: str) -> None:
        """Their commas go with them; the end and the capital of the sentence stay."""
        assert one(said) == read

    @pytest.mark.parametrize(
        "said",
        [
            "Mm. I think so.",  # it may mean yes
            "Mm-hm.",
            "Hm?",
            "Um.",  # a turn of which nothing would be left
            'She said "um" to me.',
            "Oh, well, you know, I like it.",
        ],
    )
    def test_that_may_mean_something_stay(self, said: str) -> None:
        """An answer, a question back, a quotation and a particle are none."""
        assert one(said) == said

    def test_are_those_of_the_language(self) -> None:
        """The German word for "he" is no filler; an unknown language has none."""
        assert one("Er ist krank, um zu", "de") == "Er ist krank, um zu"
        assert one("um", "") == "um"

    @pytest.mark.parametrize(
        "said",
        [
            "Saya pergi lah, kan, dia ada kot.",
            "Eh, bukan. Aa, betul.",
            "Jalan jalan saja, apa apa pun boleh, lain lain.",
            "Dia jalan-jalan makan-makan.",
        ],
    )
    def test_particles_and_doubled_words_of_malay_stay(self, said: str) -> None:
        """Particles such as lah, kan, kot and eh mean something, and Malay doubles its words."""
        assert one(said, "ms") == said

    def test_of_malay(self) -> None:
        """Within a sentence a drawn vowel is hesitation."""
        assert one("Saya, aaa, pergi ke, emm, ke hospital.", "ms") == "Saya pergi ke hospital."


class TestRepetitions:
    """Words that are said twice by mistake."""

    @pytest.mark.parametrize(
        ("said", "read"),
        [
            ("I I I went to the the hospital.", "I went to the hospital."),
            ("You know, I, I mean it.", "You know, I mean it."),
            ("I was I was going home.", "I was going home."),
            ("It was in the in the house.", "It was in the house."),
            ("And and, uh, and then she left.", "And then she left."),
            ("I-I went. W-w-wait.", "I went. Wait."),
        ],
    )
    def test_go(self, said: str, read: str) -> None:
        """The last of them stays, whatever hesitation is between them."""
        assert one(said).casefold() == read.casefold()

    @pytest.mark.parametrize(
        "said",
        [
            "It was very very good, no no no.",
            "I know, I know.",
            "I told you you should.",
            "He had had that that day.",
            "I went. I went home.",
            "T-shirt, bye-bye.",
        ],
    )
    def test_on_purpose_stay(self, said: str) -> None:
        """Emphasis, grammar, and what begins another sentence."""
        assert one(said) == said

    def test_reach_over_segments_of_a_turn(self) -> None:
        """A segment of which nothing is left is empty."""
        said = [spoken("I went to the"), spoken("Um,"), spoken("the hospital.")]
        assert readable(said) == ["I went to", "", "the hospital."]


class TestFalseStarts:
    """Words that are broken off."""

    @pytest.mark.parametrize(
        ("said", "read"),
        [
            ("I wan- I wanted to go.", "I wanted to go."),
            ("So the hos\u2014 hospital was big.", "So the hospital was big."),
        ],
    )
    def test_go_where_the_word_follows(self, said: str, read: str) -> None:
        """At once, or after words that are said again."""
        assert one(said) == read

    def test_stay_where_it_does_not(self) -> None:
        """What was given up was said, and only who spoke knows what it was."""
        assert one("I wan- he came.") == "I wan- he came."


class TestReplacements:
    """What stands for an identifier."""

    @pytest.mark.parametrize(
        ("said", "read"),
        [
            ("[P01] [P01] came.", "[P01] [P01] came."),
            ("With [Person 1] with [Person 1], um.", "With [Person 1] with [Person 1]."),
            ("I I saw [Person 1], uh, [Person 1].", "I saw [Person 1], [Person 1]."),
            ("I [um um] I", "I [um um] I"),
        ],
    )
    def test_all_stay(self, said: str, read: str) -> None:
        """Said twice they stay twice; words around them are read as any."""
        assert one(said) == read


_WORDS = st.sampled_from(
    [
        *("I", "I,", "i", "the", "The", "and", "um", "Um,", "uh...", "er.", "mm", "hm?", "wan-"),
        *("wanted", "you", "saya", "Saya", "ke", "aa,", "jalan", "lah.", "kan?", "w-w-wanted"),
        *("[P01]", "[P01],", "[Person 1]", "([P01's brother])", "um[P01]", "I-I", "went.", "ß-ß"),
        *("\u0130", "\ufb01n-", "ﬁn-ﬁne", "嗯", '"um"', "\u2026", "-", "--", "so\u2014"),
    ]
)


def _letters(texts: Sequence[str]) -> list[str]:
    return [word.casefold() for text in texts for word in _LETTERS.findall(text)]


@given(st.lists(st.tuples(st.lists(_WORDS, max_size=12), st.sampled_from(["en", "ms", "zh", ""]))))
def test_words_are_some_of_those_that_were_said(turn: list[tuple[list[str], str]]) -> None:
    """In their order, with every replacement whole, and the same each time."""
    said = [spoken(" ".join(words), language) for words, language in turn]
    found = readable(said)
    assert found == readable(said)
    rest = iter(_letters([part.text for part in said]))
    assert all(word in rest for word in _letters(found))
    for before, after in zip(said, found, strict=True):
        assert _MARK.findall(after) == _MARK.findall(before.text)
    if any(_letters([part.text for part in said])):
        assert any(_letters(found))
