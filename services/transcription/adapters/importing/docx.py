# SPDX-License-Identifier: Apache-2.0
"""Importer of Word documents (ECMA-376): paragraphs and table rows, read as plain text is.

The body is streamed out of the archive and through expat, without python-docx: that would unpack
every part and keep every element in memory, and it leaves out text inside tracked insertions and
content controls. Sizes are checked before anything is unpacked, and DTDs are refused, so no bomb
expands.
"""

from __future__ import annotations

import codecs
import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from services.transcription.adapters.importing import txt
from services.transcription.adapters.importing.labels import take_stamp
from services.transcription.adapters.importing.text import squeeze
from services.transcription.domain.turns import Turn
from services.transcription.errors import BadTranscript, TooLarge

# The transitional and the strict namespace of WordprocessingML, as expat writes them.
_WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "http://purl.oclc.org/ooxml/wordprocessingml/main}",
)

_MAX_PARTS = 5000
"""Most files in the archive; a document has some dozens, and one more for each picture."""

_MAX_DEPTH = 200
"""Deepest nesting of elements; tables inside tables stay far below."""

_MAX_ELEMENTS = 2_000_000
"""Most elements of the body. Word makes some six for each word that was corrected or tracked, so an
interview of three hours stays below a tenth of it."""

_LONGEST_SPEAKER_CELL = 40
"""Characters of the longest table cell that is taken for a speaker."""

_CHUNK = 1024 * 1024
_LONGEST_TAG = 8 * _CHUNK
"""Bytes of the longest tag or comment. Old versions of expat begin it anew with each chunk
(CVE-2023-52425); a picture inside a tag, as Word writes it, stays below."""


def parse(data: bytes, max_unpacked: int) -> Iterator[Turn]:
    """Yield turns; raises `BadTranscript` or `TooLarge`."""
    return txt.parse("\n".join(_lines(data, max_unpacked)))


def _lines(data: bytes, max_unpacked: int) -> Iterator[str]:
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
            with archive.open(_body_name(archive)) as body:
                yield from _Body().lines(body)
    except KeyError:
        raise BadTranscript("The transcript is a zip archive but not a Word document.") from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
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
    found: list[str] = []

    def start(_name: str, relation: dict[str, str]) -> None:
        if relation.get("Type", "").endswith("/officeDocument"):
            found.append(relation.get("Target", "").lstrip("/"))

    with archive.open("_rels/.rels") as part:
        for parser in _parsed(part):
            parser.StartElementHandler = start
    return found[0] if found else "word/document.xml"


def _parsed(part: IO[bytes]) -> Iterator[expat.XMLParserType]:
    """Yield the parser of a part before and after each chunk that it is fed."""
    chunk = part.read(_CHUNK)
    # Office writes UTF-8 or UTF-16 alone, whatever else a declaration may name.
    encoding = "utf-8"
    if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    parser = expat.ParserCreate(encoding, "}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_dtd
    yield parser
    chunk = chunk.removeprefix(codecs.BOM_UTF8)
    fed = 0
    while chunk:
        parser.Parse(chunk, False)
        fed += len(chunk)
        if fed - parser.CurrentByteIndex > _LONGEST_TAG:
            raise BadTranscript(
                f"The transcript is a Word file with a tag of more than {_LONGEST_TAG} bytes."
            )
        yield parser
        chunk = part.read(_CHUNK)
    parser.Parse(b"", True)
    yield parser


def _refuse_dtd(*_: object) -> None:
    raise BadTranscript("The transcript is a Word file with a DTD, which Word never writes.")


class _Body:
    """Follows the elements of a body and makes a line of each paragraph or table row."""

    def __init__(self) -> None:
        self._depth = self._elements = self._tables = self._fallbacks = 0
        self._in_text = False
        self._words: list[str] = []
        self._cells: list[str] = []
        self._made: list[str] = []

    def lines(self, part: IO[bytes]) -> Iterator[str]:
        """Yield the lines of the body; raises `BadTranscript` or `TooLarge`."""
        try:
            for parser in _parsed(part):
                parser.StartElementHandler = self._start
                parser.EndElementHandler = self._end
                parser.CharacterDataHandler = self._characters
                yield from self._made
                self._made.clear()
        except expat.ExpatError:
            raise BadTranscript("The transcript is a Word file with damaged text.") from None

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > _MAX_DEPTH:
            raise BadTranscript("The transcript is a Word file that is nested too deeply.")
        if self._elements > _MAX_ELEMENTS:
            raise TooLarge(
                f"The transcript is a Word file of more than {_MAX_ELEMENTS} elements; "
                "save it as plain text, or split it."
            )
        name = tag.rpartition("}")[2]
        # A text box is in the file twice: as it is, and as a fallback for old programs.
        self._fallbacks += name == "Fallback"
        self._tables += name == "tbl"
        self._in_text = name == "t" and not self._fallbacks and tag.startswith(_WORD)

    def _characters(self, text: str) -> None:
        if self._in_text:
            self._words.append(text)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        self._in_text = False
        name = tag.rpartition("}")[2]
        self._fallbacks -= name == "Fallback"
        self._tables -= name == "tbl"
        if not self._fallbacks and tag.startswith(_WORD):
            self._finish(name)

    def _finish(self, name: str) -> None:
        if name in ("tab", "br", "cr", "noBreakHyphen"):
            self._words.append("-" if name == "noBreakHyphen" else " ")
        elif name == "p" and self._tables:
            self._words.append(" ")
        elif name == "p":
            self._made.append(self._line())
        elif name == "tc" and self._tables == 1:
            self._cells.append(self._line())
        elif name == "tr" and self._tables == 1:
            self._made.append(_row(self._cells))
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
