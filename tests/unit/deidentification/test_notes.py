# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.deidentification.domain import notes
from services.deidentification.domain.study_codes import StudyCodes
from services.deidentification.domain.transcript import Finding
from services.deidentification.gazetteers.loading import load_lexicon

LEXICON = load_lexicon()


def kept(text: str, word: str, entity_type: str = "PERSON") -> bool:
    """Return whether a finding of a word is kept."""
    start = text.index(word)
    found = Finding(0, start, start + len(word), entity_type, 0.9, "tagger")
    return notes.spare([found], [text], LEXICON) == [found]


class TestNotes:
    """What a transcriber notes is nobody."""

    @pytest.mark.parametrize(
        "note",
        [
            *("[batuk]", "(sighs)", "*senyap*", "[ketawa kuat]", "<menangis>", "{cough}"),
            *("[long pause]", "(gelak)", "[ crying ]", "[bunyi telefon]", "(clears throat)"),
        ],
    )
    def test_notes_are_no_people(self, note: str) -> None:
        """In any brackets, in both languages."""
        assert not kept(f"ya {note} betul", note.strip("[]()<>{}* "))

    @pytest.mark.parametrize(
        "text",
        [
            *("[siti]", "(kak ros)", "[Devi]", "(joy)", "(xyzabar)", "my sister (mei ling) came"),
            *("so batuk betul", "[my nurse tan was there also]", "(ustaz)"),
        ],
    )
    def test_names_stay_found(self, text: str) -> None:
        """A name, a word that no list has, a title or a longer remark is no note."""
        assert kept(text, text.strip("[]() ").split("(")[-1].strip(")"))

    def test_numbers_in_brackets_are_said(self) -> None:
        """A type that no note is taken for is not touched."""
        assert kept("[lima enam]", "lima enam", "PHONE_NUMBER")


class TestCodes:
    """The study's codes are nobody."""

    @pytest.mark.parametrize(
        ("text", "word"),
        [
            *(("peserta P07 kata", "peserta"), ("Responden P12", "Responden")),
            *(("in FGD 2 he said", "FGD 2"), ("IDI-07 tu", "IDI-07"), ("KII 3", "KII")),
        ],
    )
    def test_roles_and_sessions(self, text: str, word: str) -> None:
        """A role beside a code, and the numbers of interviews and groups."""
        start = text.index(word)
        found = Finding(0, start, start + len(word), "PERSON", 0.9, "tagger")
        assert StudyCodes(["P03"]).spare([found], [text]) == []

    def test_a_name_beside_a_code_is_found(self) -> None:
        """What is no role goes."""
        found = Finding(0, 0, 4, "PERSON", 0.9, "tagger")
        assert StudyCodes(["P03"]).spare([found], ["Siti P07"]) == [found]
