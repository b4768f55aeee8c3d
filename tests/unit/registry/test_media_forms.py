# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.media_forms import HEAD_BYTES, MEDIA_SUFFIXES, is_text, media_form

# Frames as encoders write them: MPEG 1 layer III of 128 kbit/s at 44.1 kHz, 417 bytes, and ADTS of
# 371 bytes.
MP3 = (b"\xff\xfb\x90\x64" + bytes(413)) * 3
ADTS = (b"\xff\xf1\x50\x80\x2e\x7f\xfc" + bytes(364)) * 3


def _wav() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(bytes(3200))
    return out.getvalue()


class TestMediaForm:
    @pytest.mark.parametrize(
        ("head", "form"),
        [
            (_wav(), "wav"),
            (b"RIFX\x00\x00\x10\x00WAVEfmt \x00\x00\x00\x10", "wav"),
            (b"RF64\xff\xff\xff\xffWAVEds64\x1c\x00", "wav"),
            (b"RIFF\x00\x10\x00\x00AVI LIST", "avi"),
            (b"ID3\x04\x00\x00\x00\x00\x1f\x76TIT2", "mp3"),
            (MP3, "mp3"),
            (MP3[:417], "mp3"),
            (ADTS, "aac"),
            (b"\x00\x00\x00\x1cftypM4A \x00\x00\x00\x00", "mp4"),
            (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00", "mp4"),
            (b"\x00\x00\x00\x08wide\x00\x00\x10\x00mdat", "mp4"),
            (b"\x00\x00\x00\x01mdat\x00\x00\x00\x00", "mp4"),
            (b"OggS\x00\x02" + bytes(20), "ogg"),
            (b"fLaC\x00\x00\x00\x22", "flac"),
            (b"\x1a\x45\xdf\xa3\x01\x00\x00\x00", "matroska"),
            (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa", "asf"),
            (b"#!AMR\n\x3c\x08\x00", "amr"),
            (b"#!AMR-WB\n\x04\x00", "amr"),
            (b"caff\x00\x01\x00\x00desc", "caf"),
            (b".snd\x00\x00\x00\x18", "au"),
            (b"FORM\x00\x00\x10\x00AIFFCOMM", "aiff"),
            (b"\x02dss\x01\x00", "dss"),
            (b"\x03ds2\x01\x00", "dss"),
            ((b"\x47\x40\x11\x10" + bytes(184)) * 4, "mpegts"),
            ((b"\x00\x00\x00\x00\x47\x40\x11\x10" + bytes(184)) * 4, "mpegts"),
            (b"\x00\x00\x01\xba\x44\x00\x04", "mpeg"),
            (b"NIST_1A\n   1024\n" + b" " * 1008 + bytes(100), "sphere"),
        ],
    )
    def test_starts_of_recordings(self, head: bytes, form: str) -> None:
        """A recording is known by its first bytes, whatever its name."""
        assert media_form(head) == form

    @pytest.mark.parametrize(
        "head",
        [
            b"",
            b"ID3 tags, said the interviewer, are boring.\nP: Yes.\n",
            b"FORM 7 of the clinic\nI: Good morning.\n",
            b"RIFF, the band\nP: my friend plays in it\n",
            b"MAC address? I asked.\n",
            b"G\n" * 600,
            b"\xff\xfe" + "I: Selamat pagi.\nP: Pagi.\n".encode("utf-16-le"),
            b"\xfe\xff" + "I: Selamat pagi.\n".encode("utf-16-be"),
            b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
            b"RIFF\x00\x10\x00\x00WEBPVP8 ",
            b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
            b"%PDF-1.7\n\x00",
            b"PK\x03\x04\x14\x00",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00",
            b"\xff\xfb\x90\x64" + bytes(4000),
            b"\xff\xfb\xf0\x64" + bytes(500),
        ],
    )
    def test_what_is_none(self, head: bytes) -> None:
        """Text that begins with such letters, documents and pictures are no recordings."""
        assert media_form(head) == ""

    @given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=200))
    def test_no_text_is_a_recording(self, text: str) -> None:
        """Whatever a transcript begins with, in any encoding with a mark, it is none."""
        assert media_form(text.encode()) == ""
        assert media_form(text.encode("utf-16")) == ""

    @given(st.binary(max_size=HEAD_BYTES))
    def test_any_bytes_have_an_answer(self, head: bytes) -> None:
        """No bytes break it."""
        assert media_form(head) == media_form(head)

    def test_controls(self) -> None:
        """Tabs and page breaks are text; zero bytes are not."""
        assert is_text(b"I\tGood morning\r\n\x0cP\tYes\n")
        assert not is_text(b"I: \x00")

    def test_suffixes(self) -> None:
        """Suffixes are in lower case, with their dot."""
        assert all(one.startswith(".") and one == one.lower() for one in MEDIA_SUFFIXES)
