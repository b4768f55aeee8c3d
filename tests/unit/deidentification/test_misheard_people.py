# SPDX-License-Identifier: Apache-2.0
"""One person whose name was heard in several ways has one pseudonym."""

from __future__ import annotations

import pytest

from services.deidentification.domain.engine import Engine
from services.deidentification.domain.phonetic import Likeness, consonants, likeness
from services.deidentification.domain.pseudonyms import Mention, PseudonymAssigner
from services.deidentification.domain.roster_matching import RosterEntry
from services.deidentification.domain.transcript import AsrWord, Transcript, Turn
from services.deidentification.domain.vault import Vault


def _said(text: str, *, doubted: bool = False, before: str = "") -> Mention:
    return Mention(text, "PERSON", tuple(before.split()), (), True, doubted=doubted)


def _assigner(engine: Engine, *roster: str) -> PseudonymAssigner:
    entries = [RosterEntry(name) for name in roster]
    return PseudonymAssigner(Vault(), engine.policy, "P07", engine._lexicon, entries)


class TestLikeness:
    """What a recogniser of speech makes of one name."""

    @pytest.mark.parametrize(
        ("left", "right", "alike"),
        [
            ("kavitha", "cavity", Likeness.EQUAL),
            ("faizal", "vizel", Likeness.EQUAL),
            ("zainal", "zino", Likeness.ENDING_LOST),
            ("lund", "lump", Likeness.ONE_OTHER),
            ("letchumi", "chimmy", Likeness.BEGINNING_LOST),
            ("zainal", "salmah", Likeness.NONE),
            ("rosnah", "faizal", Likeness.NONE),
            ("aida", "heidi", Likeness.NONE),  # one consonant is too few
            ("", "lim", Likeness.NONE),
        ],
    )
    def test_words(self, left: str, right: str, alike: Likeness) -> None:
        """Consonants tell, by classes; vowels do not."""
        assert likeness(left, right) is likeness(right, left) is alike

    def test_classes(self) -> None:
        """Sounds that differ in voice alone are one, and doubled ones count once."""
        assert consonants("budi") == consonants("puteh")
        assert consonants("anna") == consonants("ama") == "n"


class TestOnePseudonym:
    """A name that was heard badly is that of the person it sounds most like."""

    def test_of_the_talk(self, engine: Engine) -> None:
        """It joins the one person of this transcript whose name it resembles."""
        people = _assigner(engine)
        wife = people.label(_said("Kavitha", before="my wife"))
        assert people.label(_said("Cavity", doubted=True)) == wife == "P07's wife"
        assert people.label(_said("Cavity")) == wife  # the form is known from now on

    def test_only_where_it_is_doubted(self, engine: Engine) -> None:
        """Names that were heard well are two people, however alike they are."""
        people = _assigner(engine)
        assert people.label(_said("Salmah")) != people.label(_said("Salim"))

    def test_words_that_were_heard_well_do_not_sound_like_others(self, engine: Engine) -> None:
        """`Grace Per-Herith` of which Grace was sure is not Kavisa."""
        people = _assigner(engine)
        wife = people.label(_said("Kavisa", before="my wife"))
        grace = Mention(
            "Grace Herith", "PERSON", (), (), True, doubted=True, sure=frozenset({"grace"})
        )
        assert people.label(grace) != wife

    def test_the_likest_of_several(self, engine: Engine) -> None:
        """Of two that it resembles the one that is more alike is taken, of equals none."""
        people = _assigner(engine)
        zainal, salmah = people.label(_said("Zainal")), people.label(_said("Salmah"))
        assert people.label(_said("Zino", doubted=True)) == zainal
        assert people.label(_said("Selim", doubted=True)) == salmah
        others = _assigner(engine)
        known = {others.label(_said("Salmah")), others.label(_said("Salim"))}
        assert others.label(_said("Solum", doubted=True)) not in known

    def test_what_the_talk_says_of_them_must_agree(self, engine: Engine) -> None:
        """A doctor is no sister, whatever her name sounds like."""
        people = _assigner(engine)
        people.label(_said("Rosnah", before="my sister"))
        assert people.label(_said("Dr Rosina", doubted=True)).startswith("Doctor")

    def test_of_the_roster(self, engine: Engine) -> None:
        """It joins a person of the roster, whom the talk may name well later."""
        people = _assigner(engine, "Letchumi", "Faizal")
        heard = people.label(_said("Chimmy", doubted=True))
        assert people.label(_said("Letchumi")) == heard
        assert people.label(_said("Faizal")) != heard

    def test_the_same_again(self, engine: Engine) -> None:
        """With the vault of a first run, a second one gives the same labels."""
        mentions = [_said("Kavitha"), _said("Cavity", doubted=True), _said("Gopal")]
        first = _assigner(engine)
        labels = [first.label(one) for one in mentions]
        again = PseudonymAssigner(first.vault, engine.policy, "P07", engine._lexicon)
        assert [again.label(one) for one in reversed(mentions)] == labels[::-1]
        assert again.vault == first.vault


def _turn(role: str, text: str, *doubted: str) -> Turn:
    words = tuple(AsrWord(text.index(word), text.index(word) + len(word), 0.4) for word in doubted)
    return Turn(text, role, role, words)


class TestParticipant:
    """Whose interview it is."""

    @pytest.mark.parametrize(
        "greeting", ["Thank you, Rahman.", "Good morning, Rahman.", "Terima kasih, Rahman."]
    )
    def test_greeted(self, engine: Engine, greeting: str) -> None:
        """Whom the interviewer greets or thanks by name is the one participant."""
        turns = (_turn("interviewer", greeting), _turn("participant", "It was good."))
        result = engine.deidentify(Transcript(turns, "P07"))
        assert "[P07]" in result.texts[0]

    def test_greeted_in_a_group(self, engine: Engine) -> None:
        """In a group it may be anybody."""
        turns = (
            _turn("interviewer", "Thank you, Rahman."),
            Turn("It was good.", "S2", "participant"),
            Turn("For me too.", "S3", "participant"),
        )
        assert "[P07]" not in engine.deidentify(Transcript(turns, "P07")).texts[0]

    def test_thanked_by_a_participant(self, engine: Engine) -> None:
        """Whom the participant thanks is somebody else."""
        turns = (_turn("participant", "Thank you, Rahman."),)
        assert "[P07]" not in engine.deidentify(Transcript(turns, "P07")).texts[0]

    def test_called_by_others(self, engine: Engine) -> None:
        """What everybody calls somebody is a name of hers."""
        turns = (_turn("participant", "Everybody at the market calls me Rahman."),)
        assert "[P07]" in engine.deidentify(Transcript(turns, "P07")).texts[0]

    def test_misheard_name_of_the_talk(self, engine: Engine) -> None:
        """The engine says which words were doubted."""
        turns = (
            _turn("participant", "My brother Faizal brought me there."),
            _turn("participant", "I trust brother Fazul always.", "Fazul"),
        )
        first, second = engine.deidentify(Transcript(turns, "P07")).texts
        assert "[P07's brother]" in first
        assert "[P07's brother]" in second
