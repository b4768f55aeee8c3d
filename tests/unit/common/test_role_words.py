# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from services.registry import role_words
from services.registry.role_words import INTERVIEWER, PARTICIPANT, code_of, role_of, roles_of

FILE = Path(role_words.__file__).with_name("role_words.txt")


class TestRoleOf:
    @pytest.mark.parametrize(
        ("label", "role"),
        [
            ("I", INTERVIEWER),
            (" Interviewer 2 ", INTERVIEWER),
            ("Interviewer (Farah)", INTERVIEWER),
            ("PENEMUBUAL", INTERVIEWER),
            ("FW", INTERVIEWER),
            ("采访者", INTERVIEWER),
            ("நேர்காணல் செய்பவர் 1", INTERVIEWER),
            ("P07", PARTICIPANT),
            ("Peserta #3", PARTICIPANT),
            ("Participant 1 (Kumar)", PARTICIPANT),
            ("受访者", PARTICIPANT),
            ("பங்கேற்பாளர்", PARTICIPANT),
            ("pesakit", PARTICIPANT),
            ("Doctor", ""),
            ("B", ""),
            ("Ibrahim", ""),
            ("12", ""),
            ("", ""),
        ],
    )
    def test_labels(self, label: str, role: str) -> None:
        """A word for a role counts in any case, with or without a number; a name is no role."""
        assert role_of(label) == role


class TestRolesOf:
    @pytest.mark.parametrize(
        ("labels", "roles"),
        [
            ("I P", "i p"),
            ("I B", "i p"),
            ("Q A", "i p"),
            ("I R", "i p"),
            ("R P", "i p"),
            ("I1 R1 I2 R2", "i p i p"),
            ("A B C", "- - -"),
            ("P K", "- -"),
            ("I Kumar", "i -"),
            ("FW IDI-07", "i p"),
            ("I T30", "i p"),
            ("Farah T30", "- -"),
            ("Doctor Patient Mother", "i p -"),
            ("Interviewer Doctor Patient", "i - p"),
            ("Moderator FGD2-P1 FGD2-P2", "i p p"),
            ("Nurse Kumar", "- -"),
            ("S00 S01", "- -"),
        ],
    )
    def test_a_letter_or_a_code_counts_beside_its_counterpart(
        self, labels: str, roles: str
    ) -> None:
        """What labels of one transcript say together; nothing is guessed where they do not."""
        meanings = {"i": INTERVIEWER, "p": PARTICIPANT, "-": ""}
        expected = [meanings[role] for role in roles.split()]
        assert list(roles_of(labels.split()).values()) == expected


class TestCodes:
    @pytest.mark.parametrize(
        ("label", "code"),
        [
            ("P04", "P04"),
            ("IDI-07", "IDI-07"),
            ("KII_3", "KII-3"),
            ("FGD2-P3", "FGD2-P3"),
            ("T30 (Kumar)", "T30"),
            ("S00", ""),
            ("SPEAKER_01", ""),
            ("I2", ""),
            ("M1", ""),
            ("Kumar", ""),
            ("P", ""),
        ],
    )
    def test_codes_of_a_study(self, label: str, code: str) -> None:
        """A code of letters and digits is a study's; voices and seats are none."""
        assert code_of(label) == code


class TestFile:
    def test_each_word_once_and_in_lower_case(self) -> None:
        """A word has one role, and is written as it is looked up."""
        lines = [line.partition("#")[0].strip() for line in FILE.read_text("utf-8").splitlines()]
        words = [line for line in lines if line and not line.startswith("[")]
        assert len(set(words)) == len(words)
        assert all(word == word.casefold() for word in words)
        assert {line for line in lines if line.startswith("[")} == {
            f"[{role}{doubt}]" for role in (INTERVIEWER, PARTICIPANT) for doubt in ("", "?")
        }
