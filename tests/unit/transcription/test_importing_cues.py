# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.adapters.importing import srt, vtt
from services.transcription.domain.turns import Turn
from services.transcription.errors import BadTranscript

SAID = st.text("abcdefghij klmnop&<>éß中.,!?", min_size=1, max_size=40).map(
    lambda text: " ".join(text.split())
).filter(lambda text: bool(text) and "-->" not in text)  # fmt: skip
CUES = st.lists(
    st.tuples(st.integers(0, 10**7), st.integers(0, 10**5), SAID), min_size=1, max_size=8
)


def clock(milliseconds: int, mark: str) -> str:
    """A time as subtitles write it."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}{rest:03}"


class TestVtt:
    def test_voices_notes_and_formatting(self) -> None:
        """Voice tags name speakers; notes, styles and formatting are dropped."""
        text = (
            "WEBVTT - title\nKind: captions\n\nNOTE\nby hand\n\nSTYLE\n::cue { color: red }\n\n"
            "intro\n00:01.000 --> 00:02.500 align:start\n"
            "<v.loud Dr Lim>Good <i>morning</i> &amp; all</v>\n\n"
            "00:00:03.000 --> 00:00:04.000\n<v Lim>Yes?</v> <v Siti>No.\n"
        )
        assert list(vtt.parse(text)) == [
            Turn("Dr Lim", "Good morning & all", 1000, 2500),
            Turn("Lim", "Yes?", 3000, 4000),
            Turn("Siti", "No.", 3000, 4000),
        ]

    def test_names_in_the_text(self) -> None:
        """Programs that write `Name: text` into cues are understood."""
        text = "WEBVTT\n\n00:01.000 --> 00:02.000\nNurse Aminah: come in\n"
        assert list(vtt.parse(text)) == [Turn("Nurse Aminah", "come in", 1000, 2000)]

    @given(CUES)
    def test_round_trip(self, cues: list[tuple[int, int, str]]) -> None:
        """Cues that are written are read back with the same voice, times and text."""
        text = "WEBVTT\n\n" + "".join(
            f"{clock(start, '.')} --> {clock(start + length, '.')}\n"
            f"<v Ah Keong>{html.escape(said, quote=False)}\n\n"
            for start, length, said in cues
        )
        expected = [Turn("Ah Keong", said, start, start + n) for start, n, said in cues]
        assert list(vtt.parse(text)) == expected

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("hello", "WEBVTT"),
            ("WEBVTT\n\nx\ny\n", "line 3"),
            ("WEBVTT\n\n00:01.000 --> soon\nx\n", "line 3"),
            ("WEBVTT\n\n00:02.000 --> 00:01.000\nx\n", "line 3"),
        ],
    )
    def test_faults_are_named_by_line(self, text: str, place: str) -> None:
        """A fault is named by its line."""
        with pytest.raises(BadTranscript, match=place):
            list(vtt.parse(text))


class TestSrt:
    def test_formatting_and_missing_numbers(self) -> None:
        """Tags go, numbers may be missing, and a blank line inside a cue loses nothing."""
        text = (
            "1\n00:00:01,000 --> 00:00:02,000\n<i>I:</i> {\\an8}hello\n\nstill me\n\n"
            "00:00:03,000 --> 00:00:04,000\nP: bye\n"
        )
        assert list(srt.parse(text)) == [
            Turn("I", "hello still me", 1000, 2000),
            Turn("P", "bye", 3000, 4000),
        ]

    @given(CUES)
    def test_round_trip(self, cues: list[tuple[int, int, str]]) -> None:
        """Cues that are written are read back with the same times and text."""
        text = "".join(
            f"{number}\n{clock(start, ',')} --> {clock(start + length, ',')}\n{said}\n\n"
            for number, (start, length, said) in enumerate(cues, 1)
        )
        plain = [(s, s + n, said) for s, n, said in cues if srt._plain([said]) == said]
        if len(plain) == len(cues):
            read = [(t.start_ms, t.end_ms, t.text) for t in srt.parse(text)]
            assert read == plain

    def test_no_timing(self) -> None:
        """A text without any timing is refused by line."""
        with pytest.raises(BadTranscript, match="line 1"):
            list(srt.parse("hello\nworld\n"))
