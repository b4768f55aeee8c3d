# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.corrections.alignment import align
from services.corrections.model import Replacement


def cut(kept: list[str], words: list[str]) -> tuple[str, str, list[Replacement]]:
    """An identified text of kept pieces with words between them, and the text with marks there."""
    identified, text, marks = kept[0], kept[0], []
    for word, piece in zip(words, kept[1:], strict=False):
        marks.append(Replacement(len(text), len(text) + 3, "A"))
        text += "[x]" + piece
        identified += word + piece
    return identified, text, marks


class TestAlign:
    """The words behind each mark."""

    def test_finds_each(self) -> None:
        """Words between known words are found."""
        text = "I met [Person 1] at [Place 2]."
        marks = [Replacement(6, 16, "PERSON"), Replacement(20, 29, "LOCATION")]
        assert align("I met Siti at Pudu Raya.", text, marks) == ["Siti", "Pudu Raya"]
        assert align("I met Siti.", "I met Siti.", []) == []

    def test_tells_what_is_ambiguous(self) -> None:
        """Two marks side by side, or a repeated word between them, are not guessed at."""
        marks = [Replacement(0, 3, "A"), Replacement(4, 7, "B")]
        assert align("x y z", "[a] [b]", marks) == [None, None]
        assert align("xyz", "[a][b]", [Replacement(0, 3, "A"), Replacement(3, 6, "B")]) == [
            None,
            None,
        ]
        three = [Replacement(0, 3, "A"), Replacement(4, 7, "B"), Replacement(12, 15, "C")]
        assert align("x y z and q", "[a] [b] and [c]", three) == [None, None, "q"]

    def test_another_transcript_gives_nothing(self) -> None:
        """Where other words stand between marks nothing is claimed."""
        assert align("I saw Siti.", "I met [a].", [Replacement(6, 9, "A")]) == [None]
        assert align("I met .", "I met [a].", [Replacement(6, 9, "A")]) == [None]

    @given(
        st.lists(st.text("ab ", max_size=4), min_size=1, max_size=5),
        st.lists(st.text("abc", min_size=1, max_size=4), min_size=5, max_size=5),
    )
    def test_what_it_finds_is_so(self, kept: list[str], words: list[str]) -> None:
        """Whatever is claimed is what stood there."""
        identified, text, marks = cut(kept, words)
        found = align(identified, text, marks)
        assert all(one in (None, word) for one, word in zip(found, words, strict=False))

    @given(
        st.lists(st.text("ab ", min_size=1, max_size=4), min_size=1, max_size=5),
        st.lists(st.text("xyz", min_size=1, max_size=4), min_size=5, max_size=5),
    )
    def test_it_finds_what_is_apart(self, kept: list[str], words: list[str]) -> None:
        """Words unlike those that were kept are found, all of them."""
        identified, text, marks = cut(kept, words)
        assert align(identified, text, marks) == words[: len(marks)]
