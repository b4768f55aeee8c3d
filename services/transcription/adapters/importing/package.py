# SPDX-License-Identifier: Apache-2.0
"""Documents that are zip archives of parts: Word's (ECMA-376, part 2) and OpenDocument's.

Sizes are checked before anything is unpacked; each part that is read, and each element in it,
counts to limits that hold for the whole document.
"""

from __future__ import annotations

import codecs
import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from services.transcription.adapters.importing.xml_events import (
    MAX_ELEMENTS,
    Event,
    Start,
    read_events,
)
from services.transcription.errors import BadTranscript, TooLarge

_MAX_PARTS = 5000
"""Most files in the archive; a document has some dozens, and one more for each picture."""

_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Relation:
    """What one part says of another: the last word of the relation's type, and the part's name."""

    kind: str
    target: str


class Package:
    """Parts of a document; `what` is what it is called, such as "Word document (.docx)"."""

    def __init__(self, data: bytes, max_unpacked: int, what: str) -> None:
        self._what = what
        self._elements = MAX_ELEMENTS
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except NotImplementedError:
            raise self._packed_strangely() from None
        except _DAMAGED:
            raise self._damaged() from None
        parts = self._archive.infolist()
        size = sum(part.file_size for part in parts)
        if len(parts) > _MAX_PARTS or size > max_unpacked:
            raise TooLarge(
                f"The transcript is a {what} that unpacks to more than {max_unpacked} bytes or "
                f"{_MAX_PARTS} parts; remove pictures or split it."
            )
        self.left = max_unpacked
        """Bytes that may still be unpacked."""
        # Names of parts are the same in any case; some programs write them with backslashes.
        self._parts = {_plain(part.filename): part for part in parts}

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._parts

    def names(self, start: str) -> list[str]:
        """Return the names of the parts below a folder, sorted."""
        return sorted(name for name in self._parts if name.startswith(start.lower()))

    def read(self, name: str) -> bytes:
        """Return a part; b"" where there is none."""
        if name not in self:
            return b""
        try:
            with self._open(name) as part:
                return part.read()
        except NotImplementedError:
            raise self._packed_strangely() from None
        except _DAMAGED:
            raise self._damaged() from None

    def events(self, name: str) -> Iterator[Event]:
        """Yield the events of a part that is XML; none where there is no such part."""
        if name not in self:
            return
        try:
            with self._open(name) as part:
                # These programs write UTF-8 or UTF-16 alone, whatever a declaration may name.
                mark = part.peek(2)[:2] if isinstance(part, zipfile.ZipExtFile) else b""
                wide = mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
                for event in read_events(
                    part,
                    f"a {self._what}",
                    encoding="utf-16" if wide else "utf-8",
                    max_elements=self._elements,
                ):
                    self._elements -= isinstance(event, Start)
                    yield event
        except NotImplementedError:
            raise self._packed_strangely() from None
        except _DAMAGED:
            raise self._damaged() from None

    def relations(self, name: str = "") -> dict[str, Relation]:
        """Return the parts that a part, or the package, refers to, by the id of the relation."""
        folder, base = posixpath.split(name)
        found: dict[str, Relation] = {}
        for event in self.events(posixpath.join(folder, "_rels", f"{base}.rels")):
            if isinstance(event, Start) and event.name == "Relationship":
                facts = event.attributes
                # What is outside of the package is nothing.
                is_inside = facts.get("TargetMode") != "External"
                target = posixpath.join("/", folder, facts.get("Target", ""))
                found[facts.get("Id", str(len(found)))] = Relation(
                    facts.get("Type", "").rpartition("/")[2],
                    posixpath.normpath(target).lstrip("/") if is_inside else "",
                )
        return found

    def _open(self, name: str) -> IO[bytes]:
        part = self._parts[_plain(name)]
        self.left -= part.file_size
        if self.left < 0:
            raise TooLarge(
                f"The transcript is a {self._what} that includes its parts again and again; save "
                "it as plain text."
            )
        # Reading stops at the size that was checked, whatever the compressed stream holds.
        return self._archive.open(part)

    def _damaged(self) -> BadTranscript:
        return BadTranscript(
            f"The transcript is not a readable {self._what}; open it in its program, save it again "
            "without a password and ingest that file."
        )

    def _packed_strangely(self) -> BadTranscript:
        return BadTranscript(
            f"The transcript is a {self._what} that is packed in a way that is not supported; open "
            "it in its program and save it again."
        )


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
