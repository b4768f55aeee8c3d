# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import codecs
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.adapters.importing.text import ENCODINGS, decode
from services.transcription.errors import BadTranscript
from tests.support.reading import read_all

WESTERN = [
    "I: Apa khabar, Zoë?\nP: Fine “lah” – naïve café.\n",
    "I: don’t worry\nP: okay\n",
    "I: Müller said ja\nP: Größe\n",
    "I: one price: £5\nP: yes\n",
]
SIMPLIFIED = [
    "采访者：你好吗？\n受访者：我很好，谢谢你。\n",
    "I: my son 陈美玲 is here\nP: yes lah\n",
    "I: 你住在哪里\nP: 我住在怡保，跟妈妈一起\n",
]
TRADITIONAL = ["採訪者：你好嗎？\n受訪者：我很好，謝謝你。\n", "I: her name is 陳美鳳\nP: yes\n"]


class TestFoundOut:
    """Without a mark, the letters tell the encoding, and it is said that they did."""

    @pytest.mark.parametrize(
        ("text", "codec", "name"),
        [
            *((text, "cp1252", "windows-1252") for text in WESTERN),
            *((text, "gb18030", "gb18030") for text in SIMPLIFIED),
            *((text, "big5", "big5") for text in TRADITIONAL),
            *(
                (text, codec, codec)
                for text in (*WESTERN, *SIMPLIFIED)
                for codec in ("utf-16-le", "utf-16-be")
            ),
            ("I: José “ok” don’t, Renée café\nP: yes\n", "mac_roman", "macintosh"),
        ],
    )
    def test_text_without_a_mark(self, text: str, codec: str, name: str) -> None:
        """It is read as it was written."""
        found = decode(text.encode(codec))
        assert (found.text, found.encoding, found.guessed) == (text, name, True)

    def test_a_late_foreign_letter_tells_as_well(self) -> None:
        """What is before the first byte that is not UTF-8 does not blur what it says."""
        text = "I: how are you\n" * 100_000 + "P: my son 陈美玲 lah\n" + "I: yes\n" * 100_000
        assert decode(text.encode("gb18030")).text == text

    @given(st.binary(min_size=1, max_size=300))
    def test_bytes_are_text_or_refused(self, data: bytes) -> None:
        """No bytes give another error, and no text holds a zero."""
        with contextlib.suppress(BadTranscript):
            assert "\0" not in decode(data).text

    @given(st.text(alphabet=st.characters(exclude_characters="\0\r", exclude_categories=["Cs"])))
    def test_utf_8_is_never_guessed_otherwise(self, text: str) -> None:
        """Valid UTF-8 is read as UTF-8, whatever letters it has."""
        found = decode(text.encode())
        assert (found.text, found.guessed) == (text.removeprefix("\ufeff"), False)


class TestMarked:
    """A byte order mark decides."""

    @pytest.mark.parametrize(
        ("mark", "codec"),
        [
            (codecs.BOM_UTF8, "utf-8"),
            (codecs.BOM_UTF16_LE, "utf-16-le"),
            (codecs.BOM_UTF16_BE, "utf-16-be"),
            (codecs.BOM_UTF32_LE, "utf-32-le"),
            (codecs.BOM_UTF32_BE, "utf-32-be"),
        ],
    )
    def test_mark(self, mark: bytes, codec: str) -> None:
        """The mark is no part of the text, and nothing is guessed."""
        found = decode(mark + "I: 你好\r\nP: ok\r".encode(codec), "windows-1252")
        assert (found.text, found.encoding, found.guessed) == ("I: 你好\nP: ok\n", codec, False)


class TestStated:
    """What a person states is believed."""

    @pytest.mark.parametrize("name", ENCODINGS)
    def test_every_encoding_can_be_stated(self, name: str) -> None:
        """Each name of the list is taken, in any case, and reads what it wrote."""
        found = decode("I: hello\n".encode(ENCODINGS[name]), name.upper())
        assert (found.text, found.guessed) == ("I: hello\n", False)

    def test_another_name_is_refused_with_the_list(self) -> None:
        """A name that is not known is told with those that are."""
        with pytest.raises(BadTranscript, match=r"windows-1252.*gb18030"):
            decode(b"a", "klingon")

    def test_bytes_that_do_not_fit_are_refused_by_place(self) -> None:
        """The message names the encoding and the byte."""
        with pytest.raises(BadTranscript, match="not valid gb18030 at byte 3"):
            decode(b"I: \xff\xff", "gb18030")


class TestBrokenBytes:
    """UTF-8 with some bytes of Windows-1252, as files have that were put together from several."""

    @pytest.mark.parametrize(
        ("data", "text", "broken"),
        [
            ("I: naïve\nP: caf".encode() + b"\xe9\n", "I: naïve\nP: café\n", 1),
            ("I: “déjà”\n".encode() + "P: “oui”\n".encode("cp1252"), "I: “déjà”\nP: “oui”\n", 2),
            ("I: 你好吗\n".encode() + b"P: \xe4\xbd yes\n", "I: 你好吗\nP: ä½ yes\n", 2),
        ],
    )
    def test_they_are_read_and_told(self, data: bytes, text: str, broken: int) -> None:
        """The text stays UTF-8, and what does not fit is counted with its first line."""
        found = decode(data)
        assert (found.text, found.encoding, found.guessed) == (text, "utf-8", True)
        assert (found.broken, found.broken_line) == (broken, 2)

    def test_the_reading_warns_of_them(self) -> None:
        """A person is told how many bytes there were, and where."""
        _, reading = read_all("I: naïve\nP: caf".encode() + b"\xe9\n", "a.txt")
        assert [(one.kind, one.count, one.place) for one in reading.warnings] == [
            ("broken_bytes", 1, 2)
        ]
