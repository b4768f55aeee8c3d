# SPDX-License-Identifier: Apache-2.0
"""Tells the form of a transcript by its content; the suffix decides among plain texts alone."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import NoReturn

from services.registry.import_formats import IMPORT_FORMATS, format_by_suffix
from services.registry.media_forms import HEAD_BYTES, media_form
from services.transcription.adapters.importing import (
    cha,
    delimited,
    json_forms,
    jsonl,
    rtf,
    sbv,
    srt,
    vtt,
    web_archive,
)
from services.transcription.errors import BadTranscript

_HEAD = 64 * 1024
"""Characters that are looked at."""

# How files begin that are no text, and what they are called.
_BINARIES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"BM", "a picture"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"\x1f\x8b", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"\xfd7zXZ", "a compressed file"),
    (b"SQLite format 3\0", "a database"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
)

# How texts begin that are no transcripts, or of a form that is not read.
_TEXTS: tuple[tuple[str, str], ...] = (
    ("[Script Info]", "a file of SubStation captions; save it as SubRip (.srt) or WebVTT"),
    ("[InternetShortcut]", "a link to a page; download the transcript itself"),
)

# Streams of the compound files that Office wrote until 2007, and writes still to encrypt.
_OLD_OFFICE: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", "an Office document with a password; save it without one"),
    ("WordDocument", "a Word document of old (.doc); save it as .docx"),
    ("Workbook", "a spreadsheet; save the sheet with the transcript as CSV"),
    ("PowerPoint Document", "a presentation"),
)

# Parts of zip archives, or what their part "mimetype" says, each with what such a file is called.
_ARCHIVES: tuple[tuple[str, str], ...] = (
    ("application/vnd.oasis.opendocument.spreadsheet", "a spreadsheet; save the sheet as CSV"),
    ("application/vnd.oasis.opendocument.presentation", "a presentation"),
    ("application/epub+zip", "an electronic book"),
    ("xl/workbook", "a spreadsheet; save the sheet with the transcript as CSV"),
    ("ppt/presentation", "a presentation"),
    ("index/document.iwa", "a Pages document; export it as Word"),
    ("index.zip", "a Pages document; export it as Word"),
    ("project.qde", "a project of an analysis program; export its transcripts as Word or text"),
)

_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f]")

_XML_ROOTS: tuple[tuple[str, str], ...] = (
    ("tt", "ttml"),
    ("ANNOTATION_DOCUMENT", "eaf"),
    ("basic-transcription", "exb"),
    ("html", "html"),
)
_PROLOGUE = re.compile(
    r"\s*(?:(?:<\?[^>]{0,1000}>|<!--.{0,10000}?-->|<!DOCTYPE[^>]{0,1000}>)\s*)*",
    re.DOTALL | re.IGNORECASE,
)
_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?([A-Za-z][\w-]{0,60})[\s/>]")
_HTML = re.compile(
    r"\s*(?:<!doctype\s+html|"
    r"<(?:html|head|body|meta|title|style|p|div|span|table|h[1-6]|br|ul|ol|dl|pre|section|article"
    r"|main|center|blockquote)[\s/>])",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"</(?:html|body|p|div|span|table|h[1-6]|ul|ol|dl|pre|b|strong)>|<br", re.IGNORECASE
)
_TEXTGRID = re.compile(
    r'\s*File type\s{0,8}=\s{0,8}"ooTextFile[^"\n]{0,40}"\s{1,8}'
    r'(?:Object class\s{0,8}=\s{0,8})?"TextGrid"'
)
_MARKDOWN = re.compile(r"^(?:#{1,6} \S|\*\*[^*\n]{1,80}\*\*)", re.MULTILINE)

_TEXT_FORMS = ("txt", "md", "csv", "tsv", "sbv", "srt")
"""Forms that any text may be; their suffix is believed where the content does not say more."""


def form_of(data: bytes, file_name: str, text: Callable[[], str], forms: Sequence[str]) -> str:
    """Return the name of the form that the content has, one of `forms`.

    `text` decodes the content. Raises `BadTranscript` that names what the file is where it is no
    transcript.
    """
    if data.startswith(b"PK\x03\x04"):
        form = _archive(data)
    else:
        _refuse_binary(data)
        form = _whole(data) or _text_form(text()[:_HEAD], file_name)
    if form not in forms:
        refuse(f"{form}, which is not read")
    return form


def differs(form: str, file_name: str) -> bool:
    """Return whether the suffix of a name stands for another form than the content has."""
    known = format_by_suffix(file_name)
    # Marks of emphasis in a plain text are nothing to be told of.
    return known is not None and known.name != form and (known.name, form) != ("txt", "md")


def refuse(what: str) -> NoReturn:
    """Raise `BadTranscript` for a file that is no transcript.

    `what` names it, and behind a semicolon what to do.
    """
    names = ", ".join(one.suffixes[0].removeprefix(".") for one in IMPORT_FORMATS)
    kind, _, remedy = what.partition("; ")
    to_do = f" {remedy[0].upper()}{remedy[1:]}." if remedy else ""
    raise BadTranscript(
        f"This is {kind}, and no transcript.{to_do} Transcripts are read as {names}."
    )


def _whole(data: bytes) -> str:
    """Return the form of content that says itself how its text is encoded, or ""."""
    if rtf.looks_like(data):
        return "rtf"
    return "html" if web_archive.looks_like(data) else ""


def _archive(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name.replace("\\", "/").lower() for name in archive.namelist()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        # What a damaged document was is told by its importer.
        return "docx"
    # It is the first part, and not compressed (ISO/IEC 26300, part 2, 3.3).
    kind = data[30:200] if names[:1] == ["mimetype"] else b""
    if b"application/vnd.oasis.opendocument.text" in kind:
        return "odt"
    for mark, what in _ARCHIVES:
        if mark.encode() in kind or any(name.startswith(mark) for name in names):
            refuse(what)
    if any(name.startswith("word/") or name == "[content_types].xml" for name in names):
        return "docx"
    return "odt" if "content.xml" in names else _refuse_archive()


def _refuse_archive() -> NoReturn:
    refuse("a ZIP archive; unpack it, and ingest the files in it")


def _refuse_binary(data: bytes) -> None:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        for stream, what in _OLD_OFFICE:
            if stream.encode("utf-16-le") in data:
                refuse(what)
        refuse("an Office document of old; save it in today's form")
    for beginning, what in _BINARIES:
        if data.startswith(beginning) and (len(beginning) > 2 or _CONTROLS.search(data[:64])):
            refuse(what)
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"mif1", b"avif"):
        refuse("a picture")
    if media_form(data[:HEAD_BYTES]):
        refuse("a recording")


def _refuse_text(start: str) -> None:
    for beginning, what in _TEXTS:
        if start.startswith(beginning):
            refuse(what)


def _text_form(head: str, file_name: str) -> str:
    start = head.lstrip("\ufeff \t\n")
    _refuse_text(start)
    if vtt.looks_like(start):
        return "vtt"
    if start.startswith("<") and (form := _markup(head)):
        return form
    if cha.looks_like(start):
        return "cha"
    if _TEXTGRID.match(head):
        return "textgrid"
    if json_forms.looks_like(head):
        return _json(head, file_name)
    if srt.looks_like(start):
        return "srt"
    if sbv.looks_like(start):
        return "sbv"
    if stated := _stated(head, file_name):
        return stated
    if delimiter := delimited.looks_like(head):
        return "tsv" if delimiter == "\t" else "csv"
    return "md" if len(_MARKDOWN.findall(head)) > 1 else "txt"


def _stated(head: str, file_name: str) -> str:
    """Return the form that the suffix of a name stands for, where it is believed, or ""."""
    known = format_by_suffix(file_name)
    if known is None:
        return ""
    if known.name == "html":
        return "html" if _CLOSING.search(head) else ""
    return known.name if known.name in _TEXT_FORMS and known.name != "txt" else ""


def _markup(head: str) -> str:
    """Return the form of XML or HTML, or "" for a text that begins with a word in brackets."""
    if _HTML.match(head):
        return "html"
    at = _PROLOGUE.match(head)
    root = _ROOT.match(head, at.end() if at else 0)
    name = root[1] if root else ""
    for known, form in _XML_ROOTS:
        if name.casefold() == known.casefold():
            return form
    if name == "document" and "opendocument:xmlns:office" in head:
        return "odt"
    if head.lstrip().startswith("<?xml"):
        refuse("XML of a form that is not known")
    return "html" if len(_CLOSING.findall(head)) > 1 else ""


def _json(head: str, file_name: str) -> str:
    known = format_by_suffix(file_name)
    if jsonl.looks_like(head, alone=known is not None and known.name == "jsonl"):
        return "jsonl"
    if head.lstrip().startswith("{") and '"text"' in head and '"media' in head and "<" in head:
        return "otr"
    return "json"
