# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.deidentification.adapters.zones import _segment
from services.deidentification.domain.job import DeidentifiedTurn
from services.deidentification.domain.review_flags import OffsetMap
from services.deidentification.domain.transcript import AsrWord, Redaction, Turn
from services.deidentification.domain.word_times import Overlap, Pause, SpokenTogether, pauses
from services.release.adapters.zone import segment_of
from sotto.transcript.v1 import transcript_pb2

TEXT = "I met Ahmad bin Ali there."


def turn(speaker: str, text: str, *times: tuple[int, int]) -> Turn:
    """Return a turn with a word at each time."""
    words, at = [], 0
    for word, (start_ms, end_ms) in zip(text.split(), times, strict=True):
        start = text.index(word, at)
        at = start + len(word)
        words.append(AsrWord(start, at, 1.0, start_ms=start_ms, end_ms=end_ms))
    return Turn(text, speaker, "", tuple(words))


def name(start: int, end: int, label: str = "[P1]") -> Redaction:
    """Return a replacement."""
    return Redaction(0, start, end, "PERSON", label, 1.0, "")


class TestPauses:
    """Silence between words."""

    SAID = turn(
        "S1",
        TEXT,
        *((0, 200), (300, 600), (1400, 2000), (2900, 3000), (3000, 3200), (5449, 6000)),
    )

    def test_stand_before_the_word_that_follows(self) -> None:
        """In tenths of a second, from half a second on."""
        assert pauses(self.SAID, OffsetMap([])) == (Pause(6, 800), Pause(12, 900), Pause(20, 2200))

    def test_stand_beside_replacements_and_never_in_one(self) -> None:
        """Before and behind a name it is kept; within it, it would tell how the name was said."""
        found = pauses(self.SAID, OffsetMap([name(6, 19)]))
        assert found == (Pause(6, 800), Pause(11, 2200))

    def test_part_no_word(self) -> None:
        """Pieces of one written word are not parted."""
        words = (AsrWord(0, 2, 1.0, end_ms=100), AsrWord(2, 9, 1.0, start_ms=900, end_ms=1000))
        assert pauses(Turn("co-operate", "S1", "", words), OffsetMap([])) == ()


class TestOverlaps:
    """Words that were said while another speaker spoke."""

    FIRST = turn("S1", "I went home then", (0, 400), (500, 900), (1000, 1400), (1500, 1900))
    SECOND = turn("S2", "Oh really when", (950, 1300), (1300, 1800), (2500, 2900))

    def test_name_who_comes_in(self) -> None:
        """Whole words of both, by the middle of each."""
        together = SpokenTogether([self.FIRST, self.SECOND])
        assert together.overlaps(self.FIRST, OffsetMap([])) == (Overlap(7, 16, comes_in=False),)
        assert together.overlaps(self.SECOND, OffsetMap([])) == (Overlap(0, 9, comes_in=True),)

    def test_take_in_the_whole_of_a_replacement(self) -> None:
        """A mark inside it would part it."""
        together = SpokenTogether([self.FIRST, self.SECOND])
        moved = OffsetMap([name(2, 11, "[Place 1]")])
        assert together.overlaps(self.FIRST, moved) == (Overlap(2, 16, comes_in=False),)

    def test_one_speaker_has_none(self) -> None:
        """Words of one speaker that touch are no overlap."""
        again = turn("S1", "yes", (100, 800))
        assert SpokenTogether([self.FIRST, again]).overlaps(again, OffsetMap([])) == ()


@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), min_size=6, max_size=6),
    st.lists(st.integers(0, len(TEXT)), min_size=2, max_size=2, unique=True),
    st.sampled_from(["[P1]", "[P01's elder brother]", "x"]),
)
def test_no_mark_is_in_a_replacement(
    times: list[tuple[int, int]], place: list[int], label: str
) -> None:
    """Whatever the times of words are."""
    said = turn("S1", TEXT, *times)
    other = turn("S2", "Yes well", (0, 900), (1500, 2500))
    start, end = sorted(place)
    moved = OffsetMap([name(start, end, label)])
    length = len(TEXT) - (end - start) + len(label)
    for pause in pauses(said, moved):
        assert 0 <= pause.at <= length
        assert not start < pause.at < start + len(label)
    for overlap in SpokenTogether([said, other]).overlaps(said, moved):
        assert 0 <= overlap.start <= overlap.end <= length
        assert not start < overlap.start < start + len(label)
        assert not start < overlap.end < start + len(label)


def test_come_to_the_research_zone_without_times() -> None:
    """Places of silence and overlap are stored, the words that they were measured by are not."""
    stored = DeidentifiedTurn(
        *("I met [P1].", "S1", ()),
        pauses=(Pause(6, 800),),
        overlaps=(Overlap(0, 11, comes_in=True),),
    )
    source = transcript_pb2.Segment(
        text="I met Ahmad.", words=[transcript_pb2.Word(text="I", start_ms=0, end_ms=200)]
    )
    message = _segment(source, stored)
    assert not message.words
    released = segment_of(message)
    assert [(one.at, one.duration_ms) for one in released.pauses] == [(6, 800)]
    assert [(one.start, one.end, one.comes_in) for one in released.overlaps] == [(0, 11, True)]
