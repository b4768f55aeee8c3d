# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.transcription.domain.audio import SAMPLE_RATE, SampleRange
from services.transcription.domain.ports import LabelledSpan
from services.transcription.domain.speakers import SpeakerAssignment, SpeakerOptions
from services.transcription.domain.speaking_words import by_speaker
from services.transcription.domain.transcript import Role, Segment, Word

OPTIONS = SpeakerOptions(roles_by_talk=False)


def assigned(*spans: tuple[float, float, int]) -> SpeakerAssignment:
    """Who speaks from when to when, in seconds."""
    return SpeakerAssignment.of_voices(
        [LabelledSpan(SampleRange(int(a * SAMPLE_RATE), int(b * SAMPLE_RATE)), n)
         for a, b, n in spans], OPTIONS,
    )  # fmt: skip


def segment(text: str, start: float = 0.0, word: float = 0.5) -> Segment:
    """A segment whose words take half a second each."""
    words = tuple(
        Word(f" {one}", int(1000 * (start + i * word)), int(1000 * (start + (i + 1) * word)), 0.9)
        for i, one in enumerate(text.split())
    )
    return Segment(0, "S1", Role.UNKNOWN, text, words[0].start_ms, words[-1].end_ms, words)


def parts(one: Segment, speakers: SpeakerAssignment) -> list[tuple[str, str]]:
    """Speaker and text of each part."""
    return [(part.speaker, part.text) for part in by_speaker(one, speakers)]


class TestBySpeaker:
    def test_a_change_between_words(self) -> None:
        """The segment is cut at the word with which the other one begins."""
        speakers = assigned((0, 1.5, 0), (1.5, 4, 1))
        found = by_speaker(segment("how was it it was good"), speakers)
        assert [(s.speaker, s.text, s.start_ms, s.end_ms) for s in found] == [
            ("S1", "how was it", 0, 1500), ("S2", "it was good", 1500, 3000),
        ]  # fmt: skip

    def test_a_change_near_the_end_of_a_sentence(self) -> None:
        """A cut a word or two beside a full stop goes there; one farther away stays."""
        near = assigned((0, 1.1, 0), (1.1, 4, 1))
        assert parts(segment("how was it? it was good"), near) == [
            ("S1", "how was it?"), ("S2", "it was good"),
        ]  # fmt: skip
        far = assigned((0, 1.5, 0), (1.5, 4, 1))
        assert parts(segment("yes. how was it then"), far)[0] == ("S1", "yes. how was")

    def test_a_word_between(self) -> None:
        """A back-channel inside another's sentence is a part of its own."""
        speakers = assigned((0, 1, 0), (1, 1.5, 1), (1.5, 3, 0))
        assert parts(segment("and then right we went"), speakers) == [
            ("S1", "and then"), ("S2", "right"), ("S1", "we went"),
        ]  # fmt: skip

    def test_a_word_where_nobody_was_found(self) -> None:
        """A word beside all speech goes to who is nearest."""
        speakers = assigned((0, 1, 0), (5, 8, 1))
        assert parts(segment("late", start=1.2), speakers) == [("S1", "late")]
        assert parts(segment("early", start=4.2), speakers) == [("S2", "early")]
        assert parts(segment("last", start=9), speakers) == [("S2", "last")]

    def test_without_words(self) -> None:
        """A segment that cannot be cut goes as a whole to who speaks most in it."""
        speakers = assigned((0, 1, 0), (1, 4, 1))
        whole = Segment(0, "S1", Role.UNKNOWN, "[inaudible 00:00-00:04]", 0, 4000)
        assert parts(whole, speakers) == [("S2", "[inaudible 00:00-00:04]")]

    @given(
        st.lists(st.sampled_from(["so", "yes.", "no?", "then"]), min_size=1, max_size=12),
        st.lists(st.tuples(st.floats(0.1, 2), st.integers(0, 2)), min_size=1, max_size=8),
    )
    def test_no_word_is_lost(self, words: list[str], turns: list[tuple[float, int]]) -> None:
        """The parts hold every word once, in order, and time never steps back."""
        spans, at = [], 0.0
        for length, speaker in turns:
            spans.append((at, at + length, speaker))
            at += length
        one = segment(" ".join(words))
        found = by_speaker(one, assigned(*spans))
        assert tuple(word for part in found for word in part.words) == one.words
        assert " ".join(part.text for part in found) == one.text
        times = [t for part in found for t in (part.start_ms or 0, part.end_ms or 0)]
        assert times == sorted(times)
        assert (found[0].start_ms, found[-1].end_ms) == (one.start_ms, one.end_ms)
