# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.deidentification.adapters.zones import _asr_words
from services.deidentification.domain.review_flags import OffsetMap
from services.deidentification.domain.transcript import Redaction
from sotto.transcript.v1 import transcript_pb2

CUTS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(1, 6), st.text("[]X", max_size=8)), max_size=6
)


class TestOffsetMap:
    """From offsets of the original to offsets of the output."""

    @given(CUTS, st.integers(0, 60), st.integers(1, 10))
    def test_same_text(self, cuts: list[tuple[int, int, str]], start: int, size: int) -> None:
        """What no replacement touches is the same text at its new place; else there is none."""
        original = "".join(chr(97 + n % 26) for n in range(80))
        redactions, at, pieces, last = [], 0, [], 0
        for gap, length, replacement in cuts:
            at += gap
            redactions.append(Redaction(0, at, at + length, "PERSON", replacement, 1.0, ""))
            pieces += [original[last:at], replacement]
            at = last = at + length
        output = "".join(pieces) + original[last:]
        offsets = OffsetMap(redactions)
        place = offsets.new_range(start, start + size)
        if any(r.start < start + size and start < r.end for r in redactions):
            assert place is None
        else:
            assert place is not None
            assert output[slice(*place)] == original[start : start + size]
        for r, begin, end in offsets.replacements():
            assert output[begin:end] == r.replacement


class TestAsrWords:
    """Words of the speech recogniser at their places."""

    def test_places(self) -> None:
        """Each word at its own occurrence, blanks left out; one that is not there is left out."""
        words = [(" I", 0.9), (" saw", 0.8), (" Azman,", 0.3), (" ghost", 0.1), (" saw", 0.2)]
        segment = transcript_pb2.Segment(
            text="I saw Azman, saw him",
            words=[transcript_pb2.Word(text=text, probability=p) for text, p in words],
        )
        found = [(segment.text[h.start : h.end], h.start, round(h.probability, 1))
                 for h in _asr_words(segment)]  # fmt: skip
        assert found == [("I", 0, 0.9), ("saw", 2, 0.8), ("Azman,", 6, 0.3), ("saw", 13, 0.2)]

    @given(st.text(max_size=40), st.lists(st.text(max_size=6), max_size=10))
    def test_any_words(self, text: str, words: list[str]) -> None:
        """Whatever a recogniser says, places are in order and in the text."""
        segment = transcript_pb2.Segment(
            text=text, words=[transcript_pb2.Word(text=word) for word in words]
        )
        at = 0
        for heard in _asr_words(segment):
            assert at <= heard.start < heard.end <= len(text)
            at = heard.end
