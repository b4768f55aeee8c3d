# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.adapters.importing import IMPORTERS
from services.transcription.adapters.importing.forms import form_of
from services.transcription.errors import BadTranscript
from tests.support.reading import read_all

_SRT = "1\n00:00:01,000 --> 00:00:02,000\nhi\n"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _form(data: bytes, name: str = "") -> str:
    return form_of(data, name, data.decode, tuple({*IMPORTERS, *_ALL}))


_ALL = ("md", "rtf", "html", "otr", "eaf", "exb", "textgrid", "ttml", "sbv", "jsonl", "csv", "odt")


def _zip(*names: str, first: bytes = b"") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        if first:
            archive.writestr("mimetype", first)
        for name in names:
            archive.writestr(name, b"")
    return packed.getvalue()


class TestContentDecides:
    @pytest.mark.parametrize(
        ("text", "form"),
        [
            ("I: hi\nP: yes", "txt"),
            ("WEBVTT\n\n", "vtt"),
            ("\n\nWEBVTT - a title\n", "vtt"),
            ('{"turns": []}', "json"),
            ('\n [ {"text": "a"} ]', "json"),
            ('{"text": "a"}\n{"text": "b"}\n', "jsonl"),
            (_SRT, "srt"),
            (_SRT.removeprefix("1\n"), "srt"),
            ("0:00:01.000,0:00:02.000\nhi\n", "sbv"),
            ("[00:00:03] I: hi", "txt"),
            ("{Devi} Good morning", "txt"),
            ("<Devi> Good morning", "txt"),
            ("[Devi] Good morning", "txt"),
            ("[[[[[[", "txt"),
            ("# Interview\n\n**I:** hi\n\n**P:** yes", "md"),
            ("{\\rtf1 hi}", "rtf"),
            ("<!DOCTYPE html><html><body>hi</body></html>", "html"),
            ("<!-- made by a program -->\n<HTML><body>hi", "html"),
            ("<p>I: hi</p><p>P: yes</p>", "html"),
            ('{"text": "<p>hi</p>", "media": "a.mp3", "media-time": 3}', "otr"),
            (_XML + "<ANNOTATION_DOCUMENT AUTHOR=''>", "eaf"),
            (_XML + '<tt xmlns="http://www.w3.org/ns/ttml">', "ttml"),
            (_XML + "<basic-transcription>", "exb"),
            ('File type = "ooTextFile"\nObject class = "TextGrid"\n', "textgrid"),
            ('File type = "ooTextFile"\n"TextGrid"\n', "textgrid"),
        ],
    )
    @pytest.mark.parametrize("name", ["", "a.txt", "a.mp3", "a.json"])
    def test_the_same_whatever_the_suffix_says(self, text: str, form: str, name: str) -> None:
        """A form that shows itself is read as what it is, under any name."""
        assert _form(text.encode(), name) == form

    @pytest.mark.parametrize(("name", "form"), [("a.csv", "csv"), ("a.md", "md"), ("A.TXT", "txt")])
    def test_among_plain_texts_the_suffix_decides(self, name: str, form: str) -> None:
        """What may be any of them is what its name says."""
        assert _form(b"I,hi\nP,yes\n", name) in {form, "txt"}

    def test_another_suffix_is_said(self) -> None:
        """A file whose name says something else is read, with a warning."""
        _, reading = read_all(b"WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n", "a.txt")
        assert reading.form == "vtt"
        assert [one.kind for one in reading.warnings] == ["suffix_differs"]


class TestOffice:
    def test_word(self) -> None:
        """A zip with the parts of Word is Word, also with macros or under another name."""
        assert _form(_zip("[Content_Types].xml", "word/document.xml"), "a.docm") == "docx"

    def test_open_document(self) -> None:
        """A zip that says that it is an OpenDocument text is one."""
        text = b"application/vnd.oasis.opendocument.text"
        assert _form(_zip("content.xml", first=text)) == "odt"


class TestRefused:
    @pytest.mark.parametrize(
        ("data", "what"),
        [
            (b"%PDF-1.7\n", "a PDF"),
            (b"\x89PNG\r\n\x1a\n", "a picture"),
            (b"\xff\xd8\xff\xe0", "a picture"),
            (b"\0\0\0\x18ftypheic", "a picture"),
            (b"\0\0\0\x18ftypM4A ", "a recording"),
            (b"RIFF\0\0\0\0WAVE", "a recording"),
            (b"\x1f\x8b\x08", "a compressed file"),
            (b"SQLite format 3\0", "a database"),
            (_zip("[Content_Types].xml", "xl/workbook.xml"), "a spreadsheet"),
            (_zip("[Content_Types].xml", "ppt/presentation.xml"), "a presentation"),
            (_zip("Index/Document.iwa"), "a Pages document"),
            (_zip("a.txt"), "a ZIP archive"),
            (b"\xd0\xcf\x11\xe0" + "WordDocument".encode("utf-16-le"), "Word document of old"),
            (b"\xd0\xcf\x11\xe0" + "Workbook".encode("utf-16-le"), "a spreadsheet"),
            (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "with a password"),
            (_XML.encode() + b"<gpx></gpx>", "XML of a form that is not known"),
            (b"\x05\x06\xff\xfe\x01" * 40, "neither a recording nor a transcript"),
        ],
    )
    def test_what_is_no_transcript_is_named(self, data: bytes, what: str) -> None:
        """The message says what the file is."""
        with pytest.raises(BadTranscript, match=what):
            read_all(data, "interview.txt")

    @given(st.binary(max_size=200))
    def test_any_bytes_have_a_form_or_are_refused(self, data: bytes) -> None:
        """No beginning makes another error."""
        with contextlib.suppress(BadTranscript):
            assert form_of(data, "a.txt", lambda: data.decode("latin-1"), (*_ALL, "txt"))


class TestRefusals:
    """A refusal names what the file is, says what to do, and lists the forms that are read."""

    @pytest.mark.parametrize(
        ("data", "told"),
        [
            (_zip("xl/workbook.xml"), "This is a spreadsheet, and no transcript. Save the sheet"),
            (b"[Script Info]\nTitle: x\n", "SubStation captions, and no transcript. Save it as"),
            (b"[InternetShortcut]\nURL=x\n", "a link to a page, and no transcript. Download"),
            (b"%PDF-1.7\n", "This is a PDF, and no transcript. Transcripts are read as txt, "),
        ],
    )
    def test_what_to_do(self, data: bytes, told: str) -> None:
        """What to do is a sentence of its own."""
        with pytest.raises(BadTranscript) as refused:
            _form(data)
        assert told in refused.value.message

    def test_a_page_to_sign_in(self) -> None:
        """A page that asks for a password came in place of the file."""
        page = b"<html><body><form>User <input name=u> <input type='password'></form></body></html>"
        with pytest.raises(BadTranscript, match="a page to sign in"):
            read_all(page, "interview.html")
