# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.adapters.importing.labels import take_label, take_stamp
from services.transcription.adapters.importing.txt import parse
from services.transcription.domain.turns import Turn

WORDS = st.lists(
    st.text("abcdefghijklmnopqrstuvwxyzäéß中文தமிழ்", min_size=1, max_size=8),
    min_size=1,
    max_size=12,
).map(" ".join)


class TestTurns:
    def test_interviewer_and_participant(self) -> None:
        """`I:` and `P:` begin turns; lines without a label go on with the turn before."""
        text = "I: How was it?\nP: Hard.\nVery hard.\n\nAt first.\nI: And now?\n"
        assert list(parse(text)) == [
            Turn("I", "How was it?"),
            Turn("P", "Hard. Very hard. At first."),
            Turn("I", "And now?"),
        ]

    @pytest.mark.parametrize(
        "line",
        ["[00:01:02] P: yes", "P: [00:01:02] yes", "(1:02) P: yes", "00:01:02 P: yes"],
    )
    def test_time_stamps(self, line: str) -> None:
        """A time stamp may stand before or behind the label, in several spellings."""
        assert list(parse(f"I: well?\n{line}\n"))[1] == Turn("P", "yes", 62_000)

    def test_a_stamp_of_its_own_begins_a_new_turn_of_the_same_speaker(self) -> None:
        """Stamped paragraphs keep their times."""
        text = "P: one\n[00:00:10] two\nI: three\n"
        assert list(parse(text)) == [
            Turn("P", "one"), Turn("P", "two", 10_000), Turn("I", "three"),
        ]  # fmt: skip

    def test_malay_names_and_other_scripts_are_labels(self) -> None:
        """Names with particles, initials and scripts without capitals are recognised."""
        text = "Siti binti Ali: ya\nS. Raj a/l K. Das: yes\n陈: 好\nSiti binti Ali: ok\n"
        assert [turn.speaker for turn in parse(text)] == [
            "Siti binti Ali", "S. Raj a/l K. Das", "陈", "Siti binti Ali",
        ]  # fmt: skip

    def test_a_colon_in_speech_is_no_label(self) -> None:
        """A sentence with a colon stays speech, to the letter."""
        text = "I: go on\nP: she told me\nand then she said: never again\nat 3:15 it rained\n"
        assert [turn.text for turn in parse(text)] == [
            "go on",
            "she told me and then she said: never again at 3:15 it rained",
        ]

    def test_a_word_before_a_colon_that_comes_once_among_many_speakers_is_kept(self) -> None:
        """Where labels are many, one that never comes back is taken as text and not lost."""
        text = "A: a\nB: b\nC: c\nA: a\nB: b\nC: c\nWarning: hot\n"
        assert "Warning: hot" in [turn.text for turn in parse(text)][-1]

    def test_what_stands_before_the_first_label_is_kept(self) -> None:
        """A title or a note at the top is text as well: it may hold a name."""
        assert next(parse("Interview with Aminah\nI: hi\nP: hi\n")).text == "Interview with Aminah"

    def test_no_labels_at_all(self) -> None:
        """Each paragraph is a turn."""
        assert [turn.text for turn in parse("one\nline\n\ntwo\n")] == ["one line", "two"]

    @given(st.lists(st.tuples(st.sampled_from(["I", "P", "Aminah", "Dr. Lim"]), WORDS), min_size=1))
    def test_round_trip(self, turns: list[tuple[str, str]]) -> None:
        """What is written as `Name: text` is read back as the same turns."""
        text = "".join(f"{speaker}: {said}\n" for speaker, said in turns)
        expected = [Turn(speaker, said) for speaker, said in turns]
        labels = {speaker for speaker, _ in turns}
        once = [s for s in labels if sum(s == speaker for speaker, _ in turns) == 1]
        if len(labels) <= 3 or not set(once) - {"I", "P"}:
            assert list(parse(text)) == expected

    @given(st.lists(st.text("AIbc:[]() 0123.-/#中\t", max_size=20), max_size=12))
    def test_no_letter_is_lost(self, lines: list[str]) -> None:
        """Every letter of the input is in a turn or in a speaker's label."""
        text = "".join(f"{line} x\n" for line in lines)
        found = "".join(turn.speaker + turn.text for turn in parse(text))
        assert {c for c in text if c.isalpha()} <= set(found)


class TestLabels:
    @pytest.mark.parametrize(
        "line", ["he said: no", "http://x.y", "12:30", "10:", "a b c d e f g: x", "- : x", ":"]
    )
    def test_what_is_no_label(self, line: str) -> None:
        """Clock times, addresses and sentences are not taken for speakers."""
        assert take_label(line)[0] is None

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("[00:00:01.5] x", 1500),
            ("#01:00:00-5#", 3_600_500),
            ("[99:59] x", 5_999_000),
            ("3:15 x", 195_000),
            ("3:15pm x", None),
            ("12:345", None),
        ],
    )
    def test_stamps(self, line: str, expected: int | None) -> None:
        """Time stamps are read to the millisecond, and only where they are some."""
        assert take_stamp(line)[0] == expected
