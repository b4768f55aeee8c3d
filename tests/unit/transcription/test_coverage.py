# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.transcription.domain.audio import SAMPLE_RATE, SampleRange
from services.transcription.domain.coverage import (
    CoverageOptions,
    Stretch,
    inaudible,
    parted,
    uncovered,
)
from services.transcription.domain.speakers import Speaker
from services.transcription.domain.transcript import Role, Segment, Word

OPTIONS = CoverageOptions()
GAP = 2.0
ANYBODY = Speaker("S1", Role.UNKNOWN)


def span(start: float, end: float) -> SampleRange:
    """A range in seconds."""
    return SampleRange(round(start * SAMPLE_RATE), round(end * SAMPLE_RATE))


def said(*times: tuple[float, float]) -> Segment:
    """A segment with a word at each of these seconds."""
    words = tuple(Word(" word", round(a * 1000), round(b * 1000), 0.9) for a, b in times)
    text = "".join(word.text for word in words).strip()
    return Segment(0, "S1", Role.UNKNOWN, text, words[0].start_ms, words[-1].end_ms, words)


def seconds(stretches: list[Stretch]) -> list[tuple[float, float]]:
    """Spans of stretches in seconds."""
    return [(s.span.start / SAMPLE_RATE, s.span.end / SAMPLE_RATE) for s in stretches]


class TestUncovered:
    def test_a_hole_between_words(self) -> None:
        """Speech without a word for a second or more is found, less than that is not."""
        speech = [span(0, 10)]
        segments = [said((0.2, 1.0), (1.0, 2.0), (6.0, 7.0), (8.0, 9.8))]
        assert seconds(uncovered(speech, segments, OPTIONS, GAP)) == [(2.3, 5.7)]

    def test_silence_is_no_speech(self) -> None:
        """What the detector took for silence needs no words."""
        speech = [span(0, 2), span(6, 10)]
        segments = [said((0.2, 1.8), (6.2, 8.0), (8.0, 9.8))]
        assert uncovered(speech, segments, OPTIONS, GAP) == []

    def test_regions_that_follow_each_other_are_one_stretch(self) -> None:
        """They are heard together, as a sentence with a pause in it is."""
        speech = [span(0, 3), span(3.5, 6), span(12, 14)]
        assert seconds(uncovered(speech, [], OPTIONS, GAP)) == [(0.0, 6.0), (12.0, 14.0)]

    def test_a_stretched_word_hides_nothing(self) -> None:
        """A word of many seconds covers its ends: alignment spread it over what was left out."""
        found = uncovered([span(0, 12)], [said((0.2, 11.8))], OPTIONS, GAP)
        assert seconds(found) == [(1.2, 10.8)]

    @given(
        st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 20)), max_size=6),
        st.lists(st.tuples(st.floats(0, 100), st.floats(0.0, 5)), max_size=20),
    )
    def test_what_is_left_has_no_words(
        self, regions: list[tuple[float, float]], words: list[tuple[float, float]]
    ) -> None:
        """Every stretch is inside of speech, long enough, and free of words; none is missed."""
        speech, at = [], 0.0
        for gap, length in regions:
            speech.append(span(at + gap, at + gap + length))
            at += gap + length + 0.1
        segments = [said((start, start + length)) for start, length in words]
        found = uncovered(speech, segments, OPTIONS, GAP)
        for stretch in found:
            assert sum(map(len, stretch.parts)) >= SAMPLE_RATE
            for part in stretch.parts:
                assert sum(part.overlap(region) for region in speech) == len(part)
                assert not any(
                    part.overlap(span(word.start_ms / 1000, word.end_ms / 1000))
                    for segment in segments
                    for word in segment.words
                    if word.end_ms - word.start_ms <= 2000
                )
        assert uncovered([p for s in found for p in s.parts], [], OPTIONS, GAP)[: len(found)] or (
            found == []
        )


class TestParted:
    def test_at_the_hole(self) -> None:
        """A segment that goes on behind a hole becomes two, with its words."""
        one = said((0.2, 1.0), (1.0, 2.0), (6.0, 7.0))
        before, after = parted([one], span(2.3, 5.7))
        assert (before.text, after.text) == ("word word", "word")
        assert (before.end_ms, after.start_ms, after.end_ms) == (2000, 6000, 7000)

    def test_beside_the_hole(self) -> None:
        """A segment on one side of it stays as it is."""
        one = said((0.2, 1.0), (1.0, 2.0))
        assert parted([one], span(2.3, 5.7)) == [one]


class TestInaudible:
    def test_says_from_when_to_when(self) -> None:
        """In minutes, which go on beyond an hour, and seconds."""
        assert inaudible(Stretch((span(8, 19),)), ANYBODY).text == "[inaudible 00:08-00:19]"
        late = inaudible(Stretch((span(3728, 3739.9),)), ANYBODY)
        assert late.text == "[inaudible 62:08-62:19]"
        assert late.is_inaudible
