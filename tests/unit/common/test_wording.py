# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.wording import counted, nearest, unknown


class TestCounted:
    @pytest.mark.parametrize(
        ("count", "words", "text"),
        [
            (1, ("transcript",), "1 transcript"),
            (0, ("transcript",), "0 transcripts"),
            (2, ("copy", "copies"), "2 copies"),
        ],
    )
    def test_singular_and_plural(self, count: int, words: tuple[str, ...], text: str) -> None:
        """One thing has the singular, every other number the plural."""
        assert counted(count, *words) == text


class TestNearest:
    @pytest.mark.parametrize(
        ("value", "found"),
        [
            ("p01", "P01"),
            ("peer2026", "peer-2026"),
            ("Root", "root"),
            ("storage", "storage-clinical"),
            ("zzz", ""),
            ("", ""),
        ],
    )
    def test_by_look(self, value: str, found: str) -> None:
        """Capitals, a sign that is missing and a part of a name lead to the name."""
        known = ["P01", "P07", "peer-2026", "root", "storage-clinical"]
        assert nearest(value, known) == found

    @given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=20))
    def test_is_always_one_that_is_known(self, value: str, known: list[str]) -> None:
        """Whatever was typed, what is proposed exists; what exists is found."""
        assert nearest(value, known) in {"", *known}


class TestUnknown:
    def test_hint(self) -> None:
        """The nearest name, else those that there are, else that there is none."""
        assert unknown("study", "peer2026", ["peer-2026"]).message == (
            "there is no study peer2026; is peer-2026 meant?"
        )
        many = [f"x{number:02}" for number in range(12)]
        assert unknown("study", "peer", many).message.endswith("x09 and 2 more")
        assert "there is none yet" in unknown("study", "peer", []).message
        assert "none is like it" in unknown("object", "peer", many, is_listed=False).message
