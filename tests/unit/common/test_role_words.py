# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from services.registry import role_words
from services.registry.role_words import INTERVIEWER, PARTICIPANT, role_of

FILE = Path(role_words.__file__).with_name("role_words.txt")


class TestRoleOf:
    @pytest.mark.parametrize(
        ("label", "role"),
        [
            ("I", INTERVIEWER),
            (" Interviewer 2 ", INTERVIEWER),
            ("PENEMUBUAL", INTERVIEWER),
            ("P07", PARTICIPANT),
            ("Peserta #3", PARTICIPANT),
            ("pesakit", PARTICIPANT),
            ("Ibrahim", ""),
            ("question", ""),
            ("12", ""),
            ("", ""),
        ],
    )
    def test_labels(self, label: str, role: str) -> None:
        """A word for a role counts in any case, with or without a number; a name is no role."""
        assert role_of(label) == role


class TestFile:
    def test_each_word_once_and_in_lower_case(self) -> None:
        """A word has one role, and is written as it is looked up."""
        lines = [line.partition("#")[0].strip() for line in FILE.read_text("utf-8").splitlines()]
        words = [line for line in lines if line and not line.startswith("[")]
        assert len(set(words)) == len(words) == 20
        assert all(word == word.casefold() for word in words)
        assert {line for line in lines if line.startswith("[")} == {
            f"[{INTERVIEWER}]",
            f"[{PARTICIPANT}]",
        }
