# SPDX-License-Identifier: Apache-2.0
"""Importer of Word documents (ECMA-376): paragraphs and table rows, read as plain text is.

The body is streamed out of the archive and through an XML parser, without python-docx: that
would unpack every part in memory, and it leaves out text inside tracked insertions and content
controls. Sizes are checked before anything is unpacked, and DTDs are refused, so no bomb expands.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser, fromstring

from services.transcription.adapters.importing import txt
from services.transcription.adapters.importing.labels import take_stamp
from services.transcription.adapters.importing.text import decode, squeeze
from services.transcription.domain.turns import Turn
from services.transcription.errors import BadTranscript, TooLarge

# The transitional and the strict namespace of WordprocessingML.
_WORD = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)

_MAX_PARTS = 5000
"""Most files in the archive; a document has some dozens, and one more for each picture."""

_MAX_DEPTH = 200
"""Deepest nesting of elements; tables inside tables stay far below."""

_LONGEST_SPEAKER_CELL = 40
"""Characters of the longest table cell that is taken for a speaker."""


def parse(data: bytes, max_unpacked: int) -> Iterator[Turn]:
    """Yield turns; raises `BadTranscript` or `TooLarge`."""
    return txt.parse("\n".join(_lines(_body(data, max_unpacked))))


def _body(data: bytes, max_unpacked: int) -> str:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadTranscript(
            "The transcript is a protected or an old Word file; "
            "save it as .docx without a password."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > _MAX_PARTS or sum(p.file_size for p in parts) > max_unpacked:
                raise TooLarge(
                    f"The transcript is a Word file that unpacks to more than {max_unpacked} "
                    f"bytes or {_MAX_PARTS} parts; remove pictures or split it."
                )
            # Reading stops at the size that was checked, whatever the compressed stream holds.
            return _xml(archive.read(_body_name(archive)))
    except KeyError:
        raise BadTranscript("The transcript is a zip archive but not a Word document.") from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        ParseError,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
    ):
        raise BadTranscript(
            "The transcript is not a readable Word document (.docx); open it in Word, save it "
            "again as .docx and ingest that file."
        ) from None
    except NotImplementedError:
        raise BadTranscript("The transcript is packed in a way that is not supported.") from None


def _body_name(archive: zipfile.ZipFile) -> str:
    """Return the part that the package calls its document; its name is not always the same."""
    for relation in fromstring(_xml(archive.read("_rels/.rels"))):  # noqa: S314 - no DTD, see _xml
        if relation.get("Type", "").endswith("/officeDocument"):
            return relation.get("Target", "").lstrip("/")
    return "word/document.xml"


def _xml(part: bytes) -> str:
    text = decode(part)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadTranscript("The transcript is a Word file with a DTD, which Word never writes.")
    return text


def _lines(body: str) -> Iterator[str]:
    parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
    reading = _Reading()
    try:
        for at in range(0, len(body), 65536):
            parser.feed(body[at : at + 65536])
            yield from reading.take(parser)
        parser.close()
        yield from reading.take(parser)
    except (ParseError, ValueError):
        raise BadTranscript("The transcript is a Word file with damaged text.") from None


class _Reading:
    """Follows the elements of a body and makes a line of each paragraph or table row."""

    def __init__(self) -> None:
        self._depth = self._tables = self._fallbacks = 0
        self._words: list[str] = []
        self._cells: list[str] = []

    def take(self, parser: XMLPullParser[Element]) -> Iterator[str]:
        for event, element in cast("Iterator[tuple[str, Element]]", parser.read_events()):
            name = element.tag.rsplit("}", 1)[-1]
            step = 1 if event == "start" else -1
            self._depth += step
            self._tables += step * (name == "tbl")
            # A text box is in the file twice: as it is, and as a fallback for old programs.
            self._fallbacks += step * (name == "Fallback")
            if self._depth > _MAX_DEPTH:
                raise BadTranscript("The transcript is a Word file that is nested too deeply.")
            if event == "end":
                if not self._fallbacks and element.tag.startswith(_WORD):
                    yield from self._end(name, element)
                element.clear()

    def _end(self, name: str, element: Element) -> Iterator[str]:
        if name == "t":
            self._words.append(element.text or "")
        elif name in ("tab", "br", "cr", "noBreakHyphen"):
            self._words.append("-" if name == "noBreakHyphen" else " ")
        elif name == "p" and self._tables:
            self._words.append(" ")
        elif name == "p":
            yield self._line()
        elif name == "tc" and self._tables == 1:
            self._cells.append(self._line())
        elif name == "tr" and self._tables == 1:
            yield _row(self._cells)
            self._cells = []

    def _line(self) -> str:
        line = squeeze("".join(self._words))
        self._words = []
        return line


def _row(cells: list[str]) -> str:
    """Return a table row as a line: a time stamp and a speaker may have cells of their own."""
    filled = [cell for cell in cells if cell]
    stamps = [cell for cell in filled[:3] if _is_stamp(cell)]
    rest = [cell for cell in filled if cell not in stamps]
    stamp = f"[{stamps[0].strip('[]()#')}] " if stamps else ""
    if len(rest) >= 2 and len(rest[0]) <= _LONGEST_SPEAKER_CELL:
        return f"{stamp}{rest[0].rstrip(': ')}: {' '.join(rest[1:])}"
    return stamp + " ".join(rest)


def _is_stamp(cell: str) -> bool:
    stamp, rest = take_stamp(cell)
    return stamp is not None and not rest.strip()
