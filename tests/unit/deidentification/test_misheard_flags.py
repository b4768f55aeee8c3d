# SPDX-License-Identifier: Apache-2.0
"""Words that a recogniser of speech may have made of a name are shown to a reviewer."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.deidentification.domain.engine import Engine
from services.deidentification.domain.misheard_flags import is_noise, misheard
from services.deidentification.domain.policy import Policy
from services.deidentification.domain.ports import Detection
from services.deidentification.domain.transcript import AsrWord, Finding, Transcript, Turn
from services.deidentification.engine_factory import make_engine
from services.deidentification.gazetteers.loading import load_lexicon

POLICY = Policy.parse("name: own\nversion: 1\ndefault: tag\nentities: {AGE: tag}\n")
LEXICON = load_lexicon()


def _turn(said: str) -> Turn:
    """Return a turn of words, each with its probability behind a slash where that is not 0.99."""
    text, words = "", list[AsrWord]()
    for part in said.split():
        word, _, probability = part.partition("/")
        text += f" {word}" if text else word
        words.append(AsrWord(len(text) - len(word), len(text), float(probability or 0.99)))
    return Turn(text, "", "", tuple(words))


def _seen(*said: str, names: tuple[str, ...] = ()) -> list[str]:
    turns = [_turn(one) for one in said]
    found = misheard(turns, {}, (), names, POLICY, LEXICON)
    return [turns[flag.turn].text[flag.start : flag.end].strip(",.") for flag in found]


class TestLowProbabilityWords:
    """Which badly heard words a reviewer sees."""

    @pytest.mark.parametrize(
        ("text", "word", "seen"),
        [
            ("then zulkarnien came", "zulkarnien", True),  # no word of anybody's
            ("my name is as it goes", "as", False),  # too short for a name
            ("so her name is rain then", "rain", True),  # where a name is expected
            ("and we ate rice there", "rice", False),  # an everyday word
            ("and then we talked", "then", False),
        ],
    )
    def test_could_be_a_name(self, engine: Engine, text: str, word: str, seen: bool) -> None:
        """An unknown word, or a word where a name stands; not what everybody says."""
        lax = Policy.parse("name: lax\nversion: 1\ndefault: keep\nentities: {AGE: tag}\n")
        start = text.index(word)
        turn = Turn(text, "", "", (AsrWord(start, start + len(word), 0.1),))
        result = make_engine(lax, engine._detector).deidentify(Transcript((turn,)))
        places = [p for p in result.report.flags if p.reason == "misheard"]
        assert [result.texts[0][p.start : p.end] for p in places] == ([word] if seen else [])

    def test_policy_says_from_when_on(self, engine: Engine) -> None:
        """A policy may turn it off, and the less certain a word the more it weighs."""
        text = "then zulkarnien came"
        weights = {}
        for below in (0.0, 0.5):
            for probability in (0.1, 0.4):
                policy = Policy.parse(
                    "name: own\nversion: 1\ndefault: keep\nentities: {AGE: tag}\n"
                    f"review: {{word_probability_below: {below}}}\n"
                )
                turn = Turn(text, "", "", (AsrWord(5, 15, probability),))
                report = (
                    make_engine(policy, engine._detector).deidentify(Transcript((turn,))).report
                )
                found = [p.weight for p in report.flags if p.reason == "misheard"]
                weights[below, probability] = found[0] if found else 0.0
        assert weights[0.0, 0.1] == weights[0.0, 0.4] == 0.0
        assert weights[0.5, 0.1] > weights[0.5, 0.4] > 0.0


class TestWhereANameMayStand:
    """What a word was doubted for, or how it sounds, counts where a name may stand."""

    def test_behind_a_title_or_a_naming_word(self) -> None:
        """A word that is no everyday word is looked at though it was hardly doubted."""
        assert _seen("my uncle farshan/0.8 came home") == ["farshan"]
        assert _seen("a woman called parrot/0.4 there") == ["parrot"]
        assert _seen("I saw Mr. parrot/0.4 there") == ["parrot"]
        assert _seen("my uncle always/0.8 came home") == []

    def test_what_does_as_people_do(self) -> None:
        """`until money took me`, for Uncle Mani: it sounds like a name, or was doubted."""
        assert _seen("and until money took me there") == ["money"]
        assert _seen("and then table/0.5 told me that") == ["table"]
        assert _seen("we land/0.2 can also take it", "the land/0.2 can wait") == ["land"]
        assert _seen("the money took a while", "people helped me", "the nurse/0.6 told me") == []

    def test_behind_what_may_be_a_title(self) -> None:
        """A doubted word that sounds like a title, and the same two words elsewhere."""
        assert _seen("she called until/0.5 table, and until table was there") == ["table", "table"]

    def test_behind_a_word_before_places(self) -> None:
        """`in taping`, for Taiping."""
        assert _seen("to the clinic in taping on foot") == ["taping"]
        assert _seen("but I work in coaching/0.9 now") == ["coaching"]
        assert _seen("it was in english/0.6 and in summer") == []

    def test_like_a_name_of_the_roster(self) -> None:
        """By its sound, though it was hardly doubted."""
        assert _seen("then rosnor/0.85 was there", names=("Rosner",)) == ["rosnor"]

    def test_nothing_without_probabilities(self) -> None:
        """A transcript made elsewhere says nothing of what was heard."""
        turn = Turn("and until money took me there")
        assert not list(misheard([turn], {}, (), (), POLICY, LEXICON))


class TestNoise:
    """A turn that was not understood is shown as it stands."""

    def test_stretches(self) -> None:
        """Between replacements, and only where a word tells anything."""
        turn = _turn("gue/0.1 sayap/0.2 nalu/0.1 Azman/0.3 beri/0.1 duit/0.2 malam/0.1 sedua/0.3")
        start = turn.text.index("Azman")
        engine = make_engine(POLICY, _Fixed(Finding(0, start, start + 5, "PERSON", 0.9)))
        result = engine.deidentify(Transcript((turn,)))
        places = [p for p in result.report.flags if p.reason == "misheard"]
        assert [result.texts[0][p.start : p.end] for p in places] == [
            "gue sayap nalu",
            "beri duit malam sedua",
        ]

    def test_half_of_the_words(self) -> None:
        """More than half of eight words or more."""
        assert is_noise([0.1] * 5 + [0.9] * 3)
        assert not is_noise([0.1] * 4 + [0.9] * 4)
        assert not is_noise([0.1] * 7)


class _Fixed:
    """A detector that finds what it was given."""

    version = "fixed"

    def __init__(self, *found: Finding) -> None:
        self._found = found

    def detect(self, texts: Sequence[str]) -> Detection:
        """Return those findings."""
        return Detection([f for f in self._found if f.turn < len(texts)], [])
