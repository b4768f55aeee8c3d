# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.domain.hotwords import StudyContext, hotwords
from services.transcription.errors import BadRoster

ROSTER = {
    "people": [
        {"name": "Devi a/p Raman", "role": "nurse"},
        {"name": "Azman  bin\nKassim", "also": ["Man"], "participant": "P07"},
        {"name": "Lim Wei Ling", "participant": "P08"},
    ],
    "places": [{"name": "Taman Seri Mawar"}],
}


def study_context(roster: object, participant: str = "P07") -> StudyContext:
    """The context of a study with this roster."""
    return StudyContext(("en",), participant, json.dumps(roster).encode())


class TestNames:
    def test_order(self) -> None:
        """The participant's own people first, then staff, then places; nobody of other people's."""
        told = hotwords(study_context(ROSTER), 200)
        assert told == "Azman bin Kassim, Man, Devi a/p Raman, Taman Seri Mawar"

    @pytest.mark.parametrize("most", [0, 3, 16, 20, 40, 800])
    def test_bounded(self, most: int) -> None:
        """Whole names, and never more characters than asked."""
        told = hotwords(study_context(ROSTER), most)
        assert len(told) <= most
        assert set(filter(None, told.split(", "))) <= {
            "Azman bin Kassim",
            "Man",
            "Devi a/p Raman",
            "Taman Seri Mawar",
        }

    def test_nothing(self) -> None:
        """No roster, no names."""
        assert hotwords(StudyContext(("en",), "P07"), 200) == ""

    @pytest.mark.parametrize("roster", [b"{", b"[]", b'{"people":[{}]}', b'{"people":3}', b"\xff"])
    def test_damaged(self, roster: bytes) -> None:
        """A damaged roster is named as one, without its content."""
        with pytest.raises(BadRoster, match="roster cannot be read"):
            hotwords(StudyContext(("en",), "P07", roster), 200)

    @given(st.binary(max_size=200), st.integers(0, 300))
    def test_any_bytes(self, roster: bytes, most: int) -> None:
        """Any bytes give names within the bound, or the error."""
        with contextlib.suppress(BadRoster):
            assert len(hotwords(StudyContext(("en",), "P07", roster), most)) <= most
