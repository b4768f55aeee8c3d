# SPDX-License-Identifier: Apache-2.0
"""Names in what a recogniser of speech was not sure of."""

from __future__ import annotations

from itertools import pairwise

import pytest

from services.deidentification.domain.engine import Engine
from services.deidentification.domain.misheard_names import with_misheard
from services.deidentification.domain.roster_matching import RosterEntry
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import AsrWord, Finding, Transcript, Turn


def _turn(text: str, doubted: str, probability: float = 0.3) -> Turn:
    """Make a turn of which those words, in the order of the text, were doubted."""
    words, at = [], 0
    wanted = doubted.split()
    for token in Document.of(text).tokens:
        said = text[token.start : token.end]
        if wanted and said == wanted[0]:
            wanted.pop(0)
            words.append(AsrWord(token.start, token.end, probability))
        else:
            words.append(AsrWord(token.start, token.end, 0.95))
        assert token.start >= at
        at = token.end
    assert not wanted
    return Turn(text, "S1", "participant", tuple(words))


def _found(engine: Engine, turn: Turn, name: str = "", *roster: str) -> list[str]:
    at = turn.text.index(name)
    findings = [Finding(0, at, at + len(name), "PERSON", 0.9, "test")] if name else []
    entries = [RosterEntry(one) for one in roster]
    made = with_misheard(findings, [turn], entries, engine._lexicon)
    assert made == sorted(made)
    assert all(one.end <= two.start for one, two in pairwise(made))
    return [turn.text[f.start : f.end] for f in made]


class TestTail:
    """Words right behind a name, that belong to it."""

    @pytest.mark.parametrize(
        ("text", "doubted", "name"),
        [
            ("a woman called Grace per Era, who", "per Era", "Grace per Era"),
            ("I am Robin, an act la key supermanium. My", "an act la key", None),
        ],
    )
    def test_doubted(self, engine: Engine, text: str, doubted: str, name: str | None) -> None:
        """Doubted words in a row, and words that no list has, go with the name."""
        first = "Grace" if "Grace" in text else "Robin"
        whole = name or "Robin, an act la key supermanium"
        assert _found(engine, _turn(text, doubted), first) == [whole]

    @pytest.mark.parametrize(
        ("text", "doubted"),
        [
            ("sister Grace held my hand", "held"),  # a word of everybody's
            ("I told Grace. Parera was late", "Parera"),  # of another sentence
            ("I told Grace that Era is late", "Era"),  # not right behind
        ],
    )
    def test_others_stay(self, engine: Engine, text: str, doubted: str) -> None:
        """One common word, or what a sentence or another word parts from the name, stays."""
        assert _found(engine, _turn(text, doubted), "Grace") == ["Grace"]

    def test_where_every_word_is_doubted(self, engine: Engine) -> None:
        """A doubt says little there: no more than two words go with the name."""
        text = "then Grace per Era in the noise of the fan said that it rained"
        assert _found(engine, _turn(text, text), "Grace") == ["Grace per Era"]


class TestKnownBySound:
    """Words that sound like a name that is known."""

    def test_of_the_roster(self, engine: Engine) -> None:
        """A doubted row goes, and the same row elsewhere, however sure the recogniser was there."""
        turn = _turn("she called until money, and until money took me", "until")
        roster = ("Uncle Mani",)
        assert _found(engine, turn, "", *roster) == ["until money", "until money"]

    @pytest.mark.parametrize(
        ("text", "doubted"),
        [
            ("she called until money came", ""),  # sure of every word
            ("and so it went on", "so it"),  # nothing like it
            ("for the rain", "for the"),  # function words alone
        ],
    )
    def test_others_stay(self, engine: Engine, text: str, doubted: str) -> None:
        """What was heard well, or sounds like nobody, stays."""
        assert _found(engine, _turn(text, doubted), "", "Uncle Mani", "Faridah") == []

    def test_written_transcripts_are_not_touched(self, engine: Engine) -> None:
        """Without probabilities nothing is compared."""
        turn = Turn("she called until money, and", "S1", "participant")
        assert _found(engine, turn, "", "Uncle Mani") == []

    def test_whole_engine(self, engine: Engine) -> None:
        """What was misheard of a roster's name leaves the text, with the pseudonym of that
        person.
        """
        turns = (
            _turn("Then my uncle Gopalan came.", ""),
            _turn("We told him so, and go blen said yes", "go blen"),
        )
        result = engine.deidentify(Transcript(turns, "P07"), roster=[RosterEntry("Gopalan")])
        assert result.texts[1] == "We told him so, and [P07's uncle] said yes"
