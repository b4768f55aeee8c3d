# SPDX-License-Identifier: Apache-2.0
"""Importer of Word documents (ECMA-376, ISO/IEC 29500): .docx, .docm, .dotx, strict ones too.

Parts are streamed out of the archive, without python-docx: that would unpack every part and keep
every element in memory, and it leaves out text inside tracked insertions and content controls.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from services.transcription.adapters.importing import forms
from services.transcription.adapters.importing.docx_body import Body
from services.transcription.adapters.importing.docx_styles import Lists, Styles
from services.transcription.adapters.importing.package import Package
from services.transcription.adapters.importing.stated_names import (
    know_names,
    know_person,
    know_title,
)
from services.transcription.adapters.importing.story import Story
from services.transcription.adapters.importing.xml_events import Event, Start, Text
from services.transcription.domain.reading import Findings, Passage, PassageKind
from services.transcription.errors import BadTranscript

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source

_WHAT = "Word document (.docx)"

_MOST_CHUNKS = 200
_DEEPEST_CHUNK = 2
"""Documents in documents that are read."""

_PEOPLE = frozenset(("creator", "lastModifiedBy", "Manager"))
_TITLES = frozenset(("title", "subject", "description", "keywords", "lpwstr", "lpstr"))
"""Properties of a document that are somebody's name, or may hold one."""

_NOTE_PARTS = ("footnotes", "endnotes", "comments")
_DRAWN = frozenset(("chart", "chartEx", "diagramData"))


def read(source: Source, deep: int = 0) -> Iterator[Passage]:
    """Yield the passages of a document, in order; raises `BadTranscript` or `TooLarge`."""
    package = Package(source.data, source.limits.max_unpacked_bytes, _WHAT)
    name = _body_name(package)
    yield from _Document(package, name, source, deep).passages()


def _body_name(package: Package) -> str:
    """Return the part that the package calls its document; its name is not always the same."""
    found = [one.target for one in package.relations().values() if one.kind == "officeDocument"]
    name = found[0] if found else "word/document.xml"
    if name not in package:
        raise BadTranscript("The transcript is a zip archive but not a Word document.")
    return name


class _Document:
    def __init__(self, package: Package, name: str, source: Source, deep: int) -> None:
        self._package = package
        self._name = name
        self._source = source
        self._findings = source.findings
        self._deep = deep
        self._chunks = 0
        self._relations = package.relations(name)
        self._story = Story(source.findings)
        self._styles = Styles(self._events("styles"))
        self._lists = Lists(self._events("numbering"))
        self._body = self._reader(self._story)

    def passages(self) -> Iterator[Passage]:
        self._know_properties()
        for kind in _NOTE_PARTS:
            self._body.note_parts(self._events(kind))
        self._count_headers()
        for event in self._package.events(self._name):
            self._body.take(event)
            if isinstance(event, Text):
                continue
            yield from self._story.take()
        self._body.end()
        yield from self._story.end()
        for kind, name in list(self._body.notes):
            self._add_note(kind, name)
        yield from self._story.end()

    def _reader(self, story: Story) -> Body:
        return Body(
            story, self._findings, self._styles, self._lists, self._add_note, self._add_part
        )

    def _parts(self, kind: str) -> list[str]:
        """Return the parts of a kind; where relations are missing, by their usual names."""
        found = [one.target for one in self._relations.values() if one.kind == kind]
        return found or self._package.names(posixpath.join(posixpath.dirname(self._name), kind))

    def _events(self, kind: str) -> Iterator[Event]:
        for name in self._parts(kind)[:1]:
            yield from self._package.events(name)

    def _know_properties(self) -> None:
        for part in self._package.names("docProps/"):
            if part.endswith(".xml"):
                _know_properties(self._package.events(part), self._findings)

    def _count_headers(self) -> None:
        for name in [*self._parts("header"), *self._parts("footer")]:
            story = Story(self._findings)
            body = self._reader(story)
            for event in self._package.events(name):
                body.take(event)
            body.end()
            if passages := story.end():
                text = " ".join(f"{one.speaker or ''} {one.text}" for one in passages)
                self._findings.leave_out("headers_footers", text)
                know_names(text, self._findings)

    def _add_note(self, kind: str, name: str) -> None:
        """Count a note that is referred to, or put it behind the paragraph that does."""
        passages = self._body.notes.pop((kind, name), [])
        if not passages:
            return
        text = "\n".join(one.text for one in passages)
        if self._source.options.append_notes:
            self._story.insert(
                [Passage(text, kind=PassageKind.NOTE, gap=True, place=self._story.place)]
            )
        else:
            self._findings.leave_out(kind, text)

    def _add_part(self, name: str) -> None:
        """Read a part that stands in the body: an altChunk, a chart or a diagram."""
        part = self._relations.get(name)
        if part is None:
            return
        if part.kind == "aFChunk":
            self._story.insert(self._chunk(part.target))
        elif part.kind in _DRAWN:
            words = _drawn_words(self._package.events(part.target))
            if words:
                self._findings.leave_out("pictures", words, count=0)

    def _chunk(self, target: str) -> list[Passage]:
        """Read a document that this one includes, of any form (ECMA-376, part 1, 11.3.1)."""
        self._chunks += 1
        data = self._package.read(target)
        if not data.strip():
            return []
        if self._chunks > _MOST_CHUNKS or self._deep == _DEEPEST_CHUNK:
            self._findings.leave_out("embedded_objects")
            return []
        limits = replace(self._source.limits, max_unpacked_bytes=self._package.left)
        inner = replace(self._source, data=data, file_name=target, limits=limits)
        encoding = self._findings.encoding, self._findings.encoding_guessed
        try:
            form = forms.form_of(data, target, inner.text, tuple(inner.importers))
            if form == "docx":
                found = list(read(inner, self._deep + 1))
            else:
                found = list(inner.importers[form](inner))
        except BadTranscript:
            self._findings.leave_out("embedded_objects")
            return []
        finally:
            # That of a part is not that of the document.
            self._findings.encoding, self._findings.encoding_guessed = encoding
        return [replace(one, place=self._story.place) for one in found]


def _know_properties(events: Iterable[Event], findings: Findings) -> None:
    open_name = ""
    for event in events:
        if isinstance(event, Start):
            open_name = event.name
        elif isinstance(event, Text) and open_name in _PEOPLE:
            know_person(event.text, findings)
        elif isinstance(event, Text) and open_name in _TITLES:
            know_title(event.text, findings)


def _drawn_words(events: Iterable[Event]) -> str:
    """Return the text of a chart or a diagram."""
    open_name, words = "", []
    for event in events:
        if isinstance(event, Start):
            open_name = event.name
        elif isinstance(event, Text) and open_name in ("t", "v"):
            words.append(event.text)
    return " ".join(words)
