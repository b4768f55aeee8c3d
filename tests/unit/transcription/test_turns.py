# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.transcription.domain.transcript import Role
from services.transcription.domain.turns import Turn, in_windows, split_text, to_segments


class TestSegments:
    def test_names_of_speakers_do_not_survive(self) -> None:
        """A speaker's name becomes a label by order of appearance; its role is kept."""
        turns = [
            Turn("Aminah", "a"),
            Turn("Interviewer", "b", role=Role.INTERVIEWER),
            Turn(" aminah ", "c"),
        ]
        segments = list(to_segments(turns))
        assert [s.speaker for s in segments] == ["S1", "S2", "S1"]
        assert [s.role for s in segments] == [Role.UNKNOWN, Role.INTERVIEWER, Role.UNKNOWN]
        assert "minah" not in repr(segments)

    @given(st.lists(st.text("ab. 中", max_size=60)), st.integers(2, 20))
    def test_splitting_loses_nothing(self, texts: list[str], longest: int) -> None:
        """Parts are short enough and hold every character that is not white space."""
        for text in texts:
            parts = list(split_text(text, longest))
            assert all(0 < len(part) <= longest for part in parts)
            assert "".join("".join(parts).split()) == "".join(text.split())

    @given(st.integers(0, 1200), st.integers(1, 6000))
    def test_windows_hold_all_in_order(self, count: int, length: int) -> None:
        """Windows are bounded in segments and characters and lose none."""
        segments = list(to_segments(Turn("I", "x" * length) for _ in range(count // 10)))
        windows = list(in_windows(segments))
        assert [s for window in windows for s in window] == segments
        assert all(len(w) <= 500 and sum(len(s.text) for s in w) < 510_000 for w in windows)
