# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.deidentification.adapters.zones import _asr_words
from services.deidentification.domain.doubtful_words import doubtful_words
from services.deidentification.domain.review_flags import OffsetMap
from services.deidentification.domain.transcript import Redaction, Turn
from sotto.transcript.v1 import transcript_pb2

WORDS = st.lists(
    st.tuples(st.sampled_from(["ah", "Aminah's", "(lah)", "co-op,", "12", "..."]), st.booleans()),
    max_size=12,
)


def heard(words: list[tuple[str, bool]]) -> Turn:
    """A turn of a recogniser's words, each doubtful or not."""
    segment = transcript_pb2.Segment(
        text=" ".join(word for word, _ in words),
        words=[
            transcript_pb2.Word(text=f" {word}", probability=0.5, doubtful=doubtful)
            for word, doubtful in words
        ],
    )
    return Turn(segment.text, asr_words=_asr_words(segment))


def cut(start: int, end: int, replacement: str) -> Redaction:
    """A replacement in the first turn."""
    return Redaction(0, start, end, "PERSON", replacement, 1.0, "")


class TestDoubtfulWords:
    """Marks of words that may be misheard, after de-identification."""

    def test_marks_follow_words_that_stand(self) -> None:
        """A mark is on the same word, without its punctuation, however long a replacement is."""
        turn = heard([("then", False), ("Aminah", True), ("came,", True), ("lah", False)])
        moved = OffsetMap([cut(5, 11, "[P07's sister]")])
        (place,) = doubtful_words(turn, moved)
        assert "then [P07's sister] came, lah"[slice(*place)] == "came"

    def test_what_is_left_of_a_word_has_no_mark(self) -> None:
        """A word of which a part was replaced has none."""
        turn = heard([("Aminah's", True), ("brother", True)])
        places = doubtful_words(turn, OffsetMap([cut(0, 6, "[PERSON]")]))
        assert places == ((11, 18),)

    def test_earlier_transcripts_have_no_marks(self) -> None:
        """A stored word without the field is not doubtful."""
        old = transcript_pb2.Word(text=" lah", probability=0.1).SerializeToString()
        word = transcript_pb2.Word.FromString(old)
        segment = transcript_pb2.Segment(text="lah", words=[word])
        assert doubtful_words(Turn("lah", asr_words=_asr_words(segment)), OffsetMap(())) == ()

    @given(WORDS, st.integers(0, 60), st.integers(1, 12), st.sampled_from(["[PERSON]", "", "X"]))
    def test_nothing_tells_of_what_was_replaced(
        self, words: list[tuple[str, bool]], start: int, size: int, replacement: str
    ) -> None:
        """Marks are the same whether what was replaced was doubtful or not, and lie in what is
        the same in both texts.
        """
        turn = heard(words)
        end = min(start + size, len(turn.text))
        replaced = [cut(start, end, replacement)] if start < end else []
        moved = OffsetMap(replaced)
        places = doubtful_words(turn, moved)
        certain = [
            (word, False)
            if any(r.start < w.end and w.start < r.end for r in replaced)
            else (word, doubtful)
            for (word, doubtful), w in zip(words, turn.asr_words, strict=True)
        ]
        assert doubtful_words(heard(certain), moved) == places
        new = turn.text[:start] + replacement + turn.text[end:] if replaced else turn.text
        for first, last in places:
            assert new[first:last] in turn.text
            assert all(last <= a or first >= b for _, a, b in moved.replacements())
