# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.corrections.model import Replacement
from services.transcription.domain.analysis import Layout
from services.transcription.domain.audio import SAMPLE_RATE, SampleRange, samples
from services.transcription.domain.bleeping import (
    ApprovedSegment,
    MutedParts,
    bleeped,
    heard_again,
    merged,
    muted_parts,
    segments_around,
    without,
)
from services.transcription.domain.speakers import SpeakerAssignment
from services.transcription.domain.transcriber import Plan
from services.transcription.domain.transcript import Doubt, Evidence, Role, Segment, Word
from services.transcription.domain.windows import Piece, Window

MARK = "[Person 1]"


def span(start: float, end: float) -> SampleRange:
    """A range in seconds."""
    return SampleRange(samples(start), samples(end))


def said(text: str, start: float = 1.0, step: float = 0.5, speaker: str = "S1") -> Segment:
    """A segment whose words, of `step` seconds each, follow one another."""
    words = tuple(
        Word(
            f" {word}",
            round(1000 * (start + number * step)),
            round(1000 * (start + (number + 1) * step)),
            0.9,
        )
        for number, word in enumerate(text.split())
    )
    first, last = words[0].start_ms, words[-1].end_ms
    return Segment(0, speaker, Role.UNKNOWN, text, first, last, words)


def approved(segment: Segment, *names: str) -> ApprovedSegment:
    """The segment with a mark in the place of each of these."""
    text, marks = segment.text, []
    for name in names:
        at = text.index(name)
        text = text[:at] + MARK + text[at + len(name) :]
        marks.append(Replacement(at, at + len(MARK), "PERSON"))
    return ApprovedSegment(text, tuple(marks))


def plan(total: float, *speech: Sequence[SampleRange], layout: Layout = Layout.MONO) -> Plan:
    """A plan of a recording with speech there, a sequence for each channel."""
    pieces = tuple(
        Piece(channel, SampleRange(regions[0].start, regions[-1].end), tuple(regions))
        for channel, regions in enumerate(speech)
        if regions
    )
    windows = (Window(0, span(0, total), pieces),)
    return Plan(samples(total), layout, windows, SpeakerAssignment(max(1, len(speech))))


def audible(parts: MutedParts) -> list[tuple[float, float]]:
    """What can be heard, in seconds."""
    left = without(SampleRange(0, parts.total), merged((*parts.redacted, *parts.silent)))
    return [(one.start / SAMPLE_RATE, one.end / SAMPLE_RATE) for one in left]


def seconds(ranges: Sequence[SampleRange]) -> list[tuple[float, float]]:
    """Ranges in seconds."""
    return [(one.start / SAMPLE_RATE, one.end / SAMPLE_RATE) for one in ranges]


class TestMuted:
    """What is muted of a recording."""

    def test_a_redacted_word_with_its_surroundings(self) -> None:
        """A quarter of a second more on both sides, whatever stands there."""
        segment = said("I met Faizal there")
        parts = muted_parts([segment], [approved(segment, "Faizal")], plan(4, [span(0.7, 3.3)]))
        assert seconds(parts.redacted) == [(1.75, 2.75)]
        assert audible(parts) == [(0.85, 1.75), (2.75, 3.15)]
        assert seconds(parts.silent) == [(0.0, 0.85), (3.15, 4.0)]

    def test_a_name_of_several_words(self) -> None:
        """It is one stretch, with the pauses inside."""
        segment = said("I met Faizal bin Ahmad there")
        order = [approved(segment, "Faizal bin Ahmad")]
        parts = muted_parts([segment], order, plan(5, [span(0.7, 4.3)]))
        assert seconds(parts.redacted) == [(1.75, 3.75)]

    def test_a_redaction_that_cannot_be_found(self) -> None:
        """Where the text has the cut in two places, the whole segment is muted."""
        segment = said("x a y a z")
        released = ApprovedSegment(
            f"{MARK} a {MARK}", (Replacement(0, 10, "X"), Replacement(13, 23, "X"))
        )
        parts = muted_parts([segment], [released], plan(5, [span(0.7, 4.0)]))
        assert audible(parts) == []
        assert seconds(parts.redacted) == [(0.75, 3.75)]

    @pytest.mark.parametrize(
        "change",
        [
            {"text": "I met Faizal, there"},
            {"words": ()},
            {"words": (Word(" I", 1000, 1500, 0.9), Word(" met Faizal there", 1500, 1500, 0.9))},
        ],
    )
    def test_times_that_are_not_certain(self, change: dict[str, object]) -> None:
        """Words that do not make up the text, none at all, or without a length: all is muted."""
        segment = replace(said("I met Faizal there"), **change)
        parts = muted_parts([segment], [approved(segment, "Faizal")], plan(4, [span(0.7, 3.3)]))
        assert audible(parts) == []
        assert seconds(parts.redacted) == [(0.75, 3.25)]

    def test_an_approved_text_of_other_words(self) -> None:
        """Restored words that nobody said fit no time, so that the segment is muted."""
        segment = said("I met Faizal there")
        restored = ApprovedSegment("I met the nurse there")
        parts = muted_parts([segment], [restored], plan(4, [span(0.7, 3.3)]))
        assert audible(parts) == []

    def test_restored_words_are_heard(self) -> None:
        """What a reviewer put back as it was said is in the sound as in the text."""
        segment = said("I met Faizal there")
        order = [ApprovedSegment(segment.text)]
        assert audible(muted_parts([segment], order, plan(4, [span(0.7, 3.3)]))) == [(0.85, 3.15)]

    def test_speech_that_was_not_understood(self) -> None:
        """`[inaudible]` is muted although the detector heard a voice."""
        segment = said("yes I do")
        evidence = Evidence(0, 0, 0, 1, 0, 0, 0, (Doubt.INAUDIBLE,))
        unheard = Segment(
            1, "S1", Role.UNKNOWN, "[inaudible 00:02-00:04]", 2000, 4000, evidence=evidence
        )
        order = [approved(segment), ApprovedSegment(unheard.text)]
        parts = muted_parts([segment, unheard], order, plan(6, [span(0.7, 4.3)]))
        assert audible(parts) == [(0.85, 2.0)]

    def test_words_of_another_speaker_hide_no_speech(self) -> None:
        """Of two channels, speech on one without words of its speaker is muted in both, although
        the other one's words stand there.
        """
        segment = said("one two three four five six", speaker="S1")
        both = plan(5, [span(0.7, 4.3)], [span(2.0, 3.0)], layout=Layout.SEPARATE)
        parts = muted_parts([segment], [approved(segment)], both)
        assert audible(parts) == [(0.85, 2.0), (3.0, 4.15)]
        mixed = plan(5, [span(0.7, 4.3)])
        assert audible(muted_parts([segment], [approved(segment)], mixed)) == [(0.85, 4.15)]

    def test_a_redaction_in_one_channel_mutes_all(self) -> None:
        """Overlapping words of the other speaker go with it."""
        mine = said("one two three four five six", speaker="S1")
        other = said("Faizal", start=2.0, speaker="S2")
        both = plan(5, [span(0.7, 4.3)], [span(1.7, 2.8)], layout=Layout.SEPARATE)
        parts = muted_parts([mine, other], [approved(mine), approved(other, "Faizal")], both)
        assert seconds(parts.redacted) == [(1.75, 2.75)]
        assert audible(parts) == [(0.85, 1.75), (2.75, 4.15)]

    def test_a_stretched_word(self) -> None:
        """A word of many seconds was spread over what was left out: its middle is muted."""
        segment = said("well", step=8.0)
        parts = muted_parts([segment], [approved(segment)], plan(12, [span(0.7, 9.3)]))
        assert audible(parts) == [(0.85, 2.0), (8.0, 9.15)]


class TestHeardAgain:
    """The transcript of the bleeped sound is searched for what was redacted."""

    segment = said("I met Faizal there and then we went home")
    parts = muted_parts([segment], [approved(segment, "Faizal")], plan(8, [span(0.7, 7.0)]))

    def test_nothing_of_it(self) -> None:
        """Words that were heard before are none, nor is what the model makes of a gap."""
        assert heard_again(self.parts, [said("I met her there and then we went home")]) == []

    def test_the_name(self) -> None:
        """It is found wherever it stands, in whichever case."""
        assert seconds(heard_again(self.parts, [said("so faizal,", start=5)])) == [(5.5, 6.0)]

    def test_a_word_that_is_said_openly_elsewhere(self) -> None:
        """Near its redaction it counts, far from it it does not."""
        hidden = said("we saw home today", start=1)
        open_ = said("we go home", start=20)
        parts = muted_parts(
            [hidden, open_],
            [approved(hidden, "home"), approved(open_)],
            plan(30, [span(0, 5), span(19, 25)]),
        )
        assert seconds(heard_again(parts, [said("home", start=2)])) == [(2.0, 2.5)]
        assert heard_again(parts, [said("home", start=21)]) == []

    def test_more_is_muted_around_it(self) -> None:
        """The segment in which it was heard goes."""
        again = heard_again(self.parts, [said("faizal", start=2.5)])
        quiet = self.parts.and_silent(segments_around([self.segment], again))
        assert audible(quiet) == []
        assert quiet.redacted == self.parts.redacted


class TestSound:
    """The samples themselves."""

    parts = MutedParts(samples(4), (span(1, 2),), (span(0, 0.5), span(3, 4)))
    sound = np.random.default_rng(1).uniform(-0.5, 0.5, (2, samples(4))).astype(np.float32)

    def made(self, block: int, *, tone: bool) -> np.ndarray:
        """Bleeped, read in blocks of a size."""
        cuts = range(0, self.sound.shape[1], block)
        blocks = (self.sound[:, at : at + block] for at in cuts)
        return np.concatenate(list(bleeped(blocks, self.parts, with_tone=tone)), axis=1)

    def test_all_channels_and_nothing_else(self) -> None:
        """What is muted is so in both channels; the rest is the very same samples."""
        made = self.made(7001, tone=False)
        assert made.shape == self.sound.shape
        for one in (*self.parts.redacted, *self.parts.silent):
            assert not made[:, one.start : one.end].any()
        for one in (span(0.5, 1), span(2, 3)):
            np.testing.assert_array_equal(
                made[:, one.start : one.end], self.sound[:, one.start : one.end]
            )

    def test_a_tone(self) -> None:
        """It is the same in both channels, and does not depend on the blocks."""
        made = self.made(7001, tone=True)
        tone = made[:, samples(1) : samples(2)]
        assert float(np.abs(tone).max()) == pytest.approx(0.1)
        np.testing.assert_array_equal(tone[0], tone[1])
        np.testing.assert_array_equal(made, self.made(997, tone=True))


@st.composite
def talks(draw: st.DrawFn) -> tuple[list[Segment], list[ApprovedSegment], Plan, list[Word]]:
    """Segments with words at any times, some of them redacted, and speech anywhere."""
    total = 60_000
    segments, released, redacted = [], [], []
    for index in range(draw(st.integers(1, 5))):
        names = draw(
            st.lists(st.sampled_from(["ya", "saya", "pergi", "Ali"]), min_size=1, max_size=6)
        )
        at = draw(st.integers(0, 50_000))
        words = []
        for name in names:
            at += draw(st.integers(0, 800))
            end = min(total, at + draw(st.integers(0, 3000)))
            words.append(Word(f" {name}", min(at, total), end, 0.9))
            at = end
        text = " ".join(names)
        gone = draw(st.sets(st.integers(0, len(names) - 1)))
        redacted += [words[number] for number in gone]
        new, marks = "", []
        for number, name in enumerate(names):
            new += " " if number else ""
            if number in gone:
                marks.append(Replacement(len(new), len(new) + len(MARK), "PERSON"))
            new += MARK if number in gone else name
        speaker = draw(st.sampled_from(["S1", "S2"]))
        segments.append(
            Segment(
                *(index, speaker, Role.UNKNOWN, text),
                *(words[0].start_ms, words[-1].end_ms, tuple(words)),
            )
        )
        released.append(ApprovedSegment(new, tuple(marks)))
    channels = []
    layout = draw(st.sampled_from(list(Layout)))
    for _ in range(1 if layout is Layout.MONO else 2):
        edges = sorted(draw(st.sets(st.integers(0, 600), min_size=2, max_size=8)))
        channels.append(
            [span(a / 10, b / 10) for a, b in zip(edges[::2], edges[1::2], strict=False)]
        )
    return segments, released, plan(60, *channels, layout=layout), redacted


def covers(ranges: Sequence[SampleRange], wanted: SampleRange) -> bool:
    """Whether a range lies in these, which are in order and do not touch."""
    return not without(wanted, ranges)


@given(talks())
def test_what_is_always_so(
    talk: tuple[list[Segment], list[ApprovedSegment], Plan, list[Word]],
) -> None:
    """The padded time of every redacted word is muted; so is all sound, and so all speech that the
    detector heard, beyond the words that stand in the approved transcript and their margins.
    Ranges are in order, apart, and inside of the recording.
    """
    segments, released, planned, redacted = talk
    parts = muted_parts(segments, released, planned)
    muted = merged((*parts.redacted, *parts.silent), parts.total)
    whole = SampleRange(0, parts.total)
    for word in redacted:
        padded = span(word.start_ms / 1000 - 0.25, word.end_ms / 1000 + 0.25)
        assert covers(muted, SampleRange(max(0, padded.start), min(padded.end, parts.total)))
    gone = {id(word) for word in redacted}
    open_words = [
        span(word.start_ms / 1000 - 0.15, word.end_ms / 1000 + 0.15)
        for segment in segments
        for word in segment.words
        if id(word) not in gone
    ]
    for nothing_written in without(whole, merged(open_words)):
        assert covers(muted, nothing_written)
    every = sorted((*parts.redacted, *parts.silent))
    assert all(one.end <= other.start for one, other in pairwise(every))
    assert all(0 <= one.start < one.end <= parts.total for one in every)


@given(st.integers(1, 30_000), st.integers(1, 5000), st.booleans())
def test_its_length_is_that_of_the_recording(total: int, block: int, tone: bool) -> None:
    """Whatever is muted and however it is read."""
    parts = MutedParts(total, (SampleRange(total // 3, total // 2),), (SampleRange(0, total // 4),))
    sound = np.full((1, total), 0.25, np.float32)
    blocks = [sound[:, at : at + block] for at in range(0, total, block)]
    made = list(bleeped(blocks, parts, with_tone=tone))
    assert [one.shape for one in made] == [one.shape for one in blocks]
