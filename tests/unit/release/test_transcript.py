# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given

from services.release.domain.transcript import Segment, Transcript, labelled_segments, labels, turns
from tests.support.release_builders import hard_transcripts, transcript


def said(*speakers: tuple[str, str]) -> Transcript:
    """Return a transcript in which each speaker of a role says one word."""
    segments = tuple(Segment(speaker, role, "yes") for speaker, role in speakers)
    return transcript(segments=segments)


class TestLabels:
    """Labels of speakers."""

    def test_come_from_role_and_code(self) -> None:
        """The interviewer is called so, and the participant by code, whatever the stored label."""
        found = labels(said(("Dr Tan", "interviewer"), ("Ali bin Abu", "participant")))
        assert list(found.values()) == ["Interviewer", "P07"]

    def test_number_the_second_of_a_role(self) -> None:
        """Two interviewers stay apart."""
        found = labels(said(("S1", "interviewer"), ("S2", "interviewer"), ("S3", "participant")))
        assert list(found.values()) == ["Interviewer", "Interviewer 2", "P07"]

    def test_keep_numbered_speakers_without_role(self) -> None:
        """S4 is S4 in every program, so that people can talk about the same speaker."""
        assert list(labels(said(("S4", ""), ("S2", ""))).values()) == ["S4", "S2"]

    def test_never_show_a_free_label(self) -> None:
        """A label that could be a name is replaced by a number."""
        found = labels(said(("Siti", ""), ("S1", "")))
        assert list(found.values()) == ["S1", "S2"]

    @given(hard_transcripts())
    def test_fit_speaker_imports(self, one: Transcript) -> None:
        """Labels are distinct, hold no colon and have at most 63 characters."""
        found = labels(one)
        assert len(set(found.values())) == len(found)
        assert all(":" not in label and 0 < len(label) <= 63 for label in found.values())


class TestTurns:
    """Turns made from segments."""

    def test_group_what_one_speaker_says_in_a_row(self) -> None:
        """Segments of one speaker become one turn, joined by a space."""
        found = list(turns(transcript()))
        assert [(turn.number, turn.label) for turn in found] == [
            (1, "Interviewer"),
            (2, "P07"),
            (3, "Interviewer"),
        ]
        assert found[1].text == (
            "Bagi saya, [P07's brother] came every day lah. And I <really> liked it & stayed."
        )

    def test_leave_out_silence(self) -> None:
        """A segment without text is left out and divides no turn."""
        blank = (Segment("S2", "", " \n"), Segment("S3", "", "\u3000\u00a0"))
        parts = (Segment("S1", "", "a"), *blank, Segment("S1", "", "b"))
        assert [turn.text for turn in turns(transcript(segments=parts))] == ["a b"]

    @given(hard_transcripts())
    def test_lose_nothing(self, one: Transcript) -> None:
        """The turns hold exactly the segments, in order."""
        assert [segment for turn in turns(one) for segment in turn.segments] == list(
            labelled_segments(one)
        )

    def test_end_at_pauses_where_speakers_are_not_told_apart(self) -> None:
        """An hour under one label is no paragraph of an hour; without times nothing is cut."""
        times = [(0, 900), (1000, 2000), (3000, 4000), (4999, 6000), (None, None), (9000, None)]
        one = [Segment("S1", "", word, *at) for word, at in zip("abcdef", times, strict=True)]
        found = turns(transcript(segments=tuple(one)))
        assert [(turn.number, turn.text) for turn in found] == [(1, "a b"), (2, "c d e f")]

    def test_do_not_end_at_pauses_where_they_are(self) -> None:
        """Somebody who thinks for a while goes on with the same turn."""
        parts = (
            Segment("S1", "", "a", 0, 900),
            Segment("S1", "", "b", 5000, 6000),
            Segment("S2", "", "c", 6100, 7000),
        )
        assert [turn.text for turn in turns(transcript(segments=parts))] == ["a b", "c"]
