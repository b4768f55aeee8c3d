# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import codecs
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.transcription.adapters.importing.source import ImportLimits
from services.transcription.adapters.importing.text import decode, squeeze
from services.transcription.errors import BadTranscript, TooLarge
from tests.support.reading import turns_of

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"))


class TestDecode:
    @given(ANY_TEXT)
    def test_every_mark_gives_the_same_text(self, text: str) -> None:
        """UTF-8 with and without mark and UTF-16 of both orders read the same."""
        marked = codecs.BOM_UTF8 + text.encode()
        little = codecs.BOM_UTF16_LE + text.encode("utf-16-le")
        big = codecs.BOM_UTF16_BE + text.encode("utf-16-be")
        assert decode(marked).text == decode(little).text == decode(big).text == text

    def test_a_broken_text_names_the_byte_and_not_the_content(self) -> None:
        """The message says where the first bad byte is, and nothing of what stands around it."""
        data = codecs.BOM_UTF8 + b"I: Encik Faizal lives here.\nP: " + b"\xff\xfe tail"
        with pytest.raises(BadTranscript) as failure:
            decode(data)
        assert f"byte {data.index(0xFF)};" in failure.value.message
        assert "Faizal" not in failure.value.message
        assert failure.value.__cause__ is None

    def test_the_offset_counts_the_byte_order_mark(self) -> None:
        """The offset is that of the file, as a hex editor shows it."""
        with pytest.raises(BadTranscript, match="byte 4;"):
            decode(codecs.BOM_UTF8 + b"a\xff")


class TestLimits:
    def test_too_many_bytes_are_refused_before_reading(self) -> None:
        """A transcript above the limit says both sizes."""
        with pytest.raises(TooLarge, match="11 bytes and the limit is 10"):
            turns_of(b"I: a\nP: b\n\n", "a.txt", ImportLimits(max_bytes=10))

    @pytest.mark.parametrize("data", [b"", b" \n\t ", b"WEBVTT\n\n", b'{"turns": []}'])
    def test_nothing_said_is_refused(self, data: bytes) -> None:
        """A transcript without a word is a mistake and is named one."""
        with pytest.raises(InvalidInput):
            turns_of(data)

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("a.txt", b"I: a\nP: b\n" * 20),
            ("a.json", b'{"turns": [' + b",".join([b'{"text": "a"}'] * 4000) + b"]}"),
        ],
    )
    def test_too_many_turns_are_refused(self, name: str, data: bytes) -> None:
        """The number of turns is bounded."""
        with pytest.raises(TooLarge, match="more than 10 turns"):
            turns_of(data, name, ImportLimits(max_turns=10))

    @pytest.mark.parametrize(
        "line",
        ["A" * 60, "a:" * 30, "[" * 60, "1:" * 30, "<v " * 20, "<" * 60, "00:00:01 " * 7, ": : "],
    )
    @pytest.mark.parametrize("name", ["a.txt", "a.vtt", "a.srt"])
    @pytest.mark.timeout(60)
    def test_megabytes_of_nasty_lines_end_soon(self, line: str, name: str) -> None:
        """No input takes more than linear time: half a megabyte in one line, or in many."""
        head = {"a.vtt": "WEBVTT\n\n", "a.srt": "", "a.txt": ""}[name]
        cue = "" if name == "a.txt" else "00:00:01.000 --> 00:00:02.000\n"
        for joint in ("", "\n"):
            data = head + cue + joint.join([line] * (500_000 // len(line)))
            turns_of(data.encode(), name)

    @pytest.mark.parametrize("name", ["", "a.txt", "a.vtt", "a.srt", "a.json", "a.docx"])
    @given(data=st.one_of(st.binary(max_size=300), ANY_TEXT.map(str.encode)))
    def test_any_bytes_give_turns_or_a_clear_refusal(self, name: str, data: bytes) -> None:
        """No input makes a parser fail in a way that it does not announce."""
        with contextlib.suppress(InvalidInput):
            for turn in turns_of(data, name):
                assert turn.text.strip()


class TestSqueeze:
    @given(st.text("a \t\n\x0b\x1c\u00a0\u2003b"))
    def test_is_splitting_and_joining(self, text: str) -> None:
        """White space of every kind becomes single spaces."""
        assert squeeze(text) == " ".join(text.split())


@pytest.mark.parametrize("end", ["\v", "\f", "\u2028", "\u2029"])
def test_other_ends_of_lines(end: str) -> None:
    """Soft breaks that Word saves, those of Unicode and new pages end a line."""
    text = f"I: So?{end}P: Well.{end}I: And?\nP: No.\n"
    assert [(one.speaker, one.text) for one in turns_of(text.encode(), "a.txt")] == [
        ("I", "So?"), ("P", "Well."), ("I", "And?"), ("P", "No."),
    ]  # fmt: skip


def test_nothing_but_what_is_left_out_is_refused_with_it() -> None:
    """A document of pictures alone is refused, and it is said that it has pictures."""
    with pytest.raises(BadTranscript, match=r"no talk; left out were: pictures \(2\)"):
        turns_of(b"<html><body><p><img src=a><img src=b></p></body></html>", "a.html")
