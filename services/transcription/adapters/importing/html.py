# SPDX-License-Identifier: Apache-2.0
"""Importer of HTML: paragraphs, lines and table rows, as a browser shows them.

Times are read where tools keep them: noScribe in the names of anchors, oTranscribe in
`data-timestamp`, Hyperaudio in `data-m`. Notes and comments are known by the marks of Word, Google
Docs and LibreOffice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from services.transcription.adapters.importing import html_elements as elements
from services.transcription.adapters.importing import html_events, web_archive
from services.transcription.adapters.importing.html_styles import (
    PLAIN,
    Style,
    StyleSheet,
    read_declarations,
)
from services.transcription.adapters.importing.properties import file_stem
from services.transcription.adapters.importing.seconds import milliseconds
from services.transcription.adapters.importing.stated_names import (
    know_file_name,
    know_names,
    know_person,
    know_title,
)
from services.transcription.adapters.importing.story import Story
from services.transcription.adapters.importing.xml_events import End, Start
from services.transcription.domain.reading import Findings, Passage, PassageKind
from services.transcription.errors import BadTranscript

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source

_MAX_DEPTH = 128
"""Deepest nesting of elements that is followed; programs stay below a quarter of it."""

_LONGEST_HEAD = 20
"""Lines among which a head is looked for."""

_WIDEST_CELL = 20
"""Most columns that a table cell spans."""

_SPACE = re.compile(r"[ \t\n\f\r]+")
_ANCHOR = re.compile(r"ts_(\d{1,10})_(\d{1,10})_(.{0,80})")

_OPTIONS = re.compile(r"\([^()\n|]{1,80}: [^\n]{1,400}\)")
"""How noScribe was told to transcribe, below its head."""

_UNSEEN = "unseen"
_PAGE_EDGE = re.compile(r"mso-element:\s{0,4}(?:header|footer)(?![\w-])")
_LIST_MARK = re.compile(r"mso-list:\s{0,4}ignore", re.IGNORECASE)
_TAB = re.compile(r"mso-tab-count:\s{0,4}\d")
_OVERLAP = re.compile(r"//\s{0,4}([^/].*?)\s{0,4}//", re.DOTALL)
"""What noScribe hears while another speaks."""
_DIGITS = re.compile(r"\d{1,10}")

#: Elements through which an end tag does not reach.
_SCOPE = frozenset({"table", "td", "th"})
_SCOPES = {
    "table": frozenset[str](),
    "tr": frozenset({"table"}),
    "td": frozenset({"table"}),
    "th": frozenset({"table"}),
}


def read(source: Source) -> Iterator[Passage]:
    """Yield paragraphs, lines and table rows; raises `BadTranscript` or `TooLarge`."""
    if web_archive.looks_like(source.data):
        source = replace(source, data=web_archive.page_of(source.data))
    return passages(source.text(), source.findings, source.options.append_notes)


def passages(markup: str, findings: Findings, append_notes: bool = False) -> Iterator[Passage]:
    """Yield what a browser shows of a page or of a part of one; raises `TooLarge`."""
    return _without_head(_Page(findings, append_notes).passages(markup), findings)


def _without_head(found: Iterator[Passage], findings: Findings) -> Iterator[Passage]:
    """Leave out the lines that noScribe puts before the first that has a time."""
    head: list[Passage] = []
    for one in found:
        head.append(one)
        if one.start_ms is not None or len(head) > _LONGEST_HEAD:
            break
    count = max((at for at, one in enumerate(head, 1) if "noScribe" in one.text), default=0)
    while 0 < count < len(head) and (
        not head[count].gap or _OPTIONS.fullmatch(head[count].text.strip())
    ):
        count += 1
    for one in head[:count]:
        findings.leave_out("cover_lines", one.text)
        know_names(one.text, findings)
    yield from head[count:]
    yield from found


@dataclass(slots=True)
class _Element:
    """An open element, and what holds inside."""

    name: str
    out: str = ""
    """What its text is left out as; `_UNSEEN` where a browser does not show it."""
    ends: str = ""
    """What its end ends: a `table`, `row`, `cell`, the `title`, or a kind of note."""
    style: Style = PLAIN
    keeps_space: bool = False
    heading: bool = False
    span: int = 1
    begun: int = 0
    """How much text the page had when it began."""


@dataclass(slots=True)
class _Times:
    start: int | None
    end: int | None = None
    speaker: str = ""


class _Page:
    def __init__(self, findings: Findings, append_notes: bool) -> None:
        self._findings = findings
        self._notes = append_notes
        self._story = Story(findings)
        self._styles = StyleSheet()
        self._open = [_Element("")]
        self._names: Counter[str] = Counter()
        self._title: list[str] = []
        self._written = 0
        self._fresh = True
        """Whether the line that comes has no text yet."""
        self._gap = True
        self._spaced = True
        """Whether the line ends with a space, or has no text."""
        self._term = False
        """Whether the line is a term whose definition comes."""
        self._labelled = False
        """Whether the line ends with a colon."""
        self._pending: _Times | None = None
        """Times of the line that comes."""
        self._times: dict[int, _Times] = {}
        self._lines: set[int] = set()
        """Numbers of lines that have no space in front of them."""

    def passages(self, markup: str) -> Iterator[Passage]:
        for event in html_events.read_events(markup):
            if isinstance(event, Start):
                self._start(event.name, event.attributes)
            elif isinstance(event, End):
                self._end(event.name)
            else:
                self._text(event.text)
            yield from map(self._dressed, self._story.take())
        self._close_to(1)
        yield from map(self._dressed, self._story.end())

    def _dressed(self, one: Passage) -> Passage:
        """Return a passage with the times that its anchors state, and the speaker if it is named.

        Where a label differs from the anchor's it was renamed, and stays in the text.
        """
        if one.place in self._lines:
            self._lines.discard(one.place)
            one = replace(one, gap=False)
        times = self._times.pop(one.place, None)
        if times is None or one.start_ms is not None:
            return one
        one = replace(one, start_ms=times.start, end_ms=times.end)
        if times.end is not None and (overlap := _OVERLAP.fullmatch(one.text)):
            one = replace(one, text=overlap[1], emphasised=0)
        label = f"{times.speaker}:"
        if times.speaker and one.text.startswith(label):
            said = one.text.removeprefix(label).lstrip()
            one = replace(one, text=said, speaker=times.speaker, emphasised=0)
        return one

    # Elements.

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name in elements.ENDED_BY:
            self._end_implied(*elements.ENDED_BY[name])
        if name in elements.BLOCKS and not (name == "dd" and self._term):
            self._break(name in elements.PARAGRAPHS)
        self._term = False
        if name not in elements.KNOWN and not {":", "-"} & set(name):
            self._findings.leave_out("markup", " ".join([name, *attributes]))
        if name in html_events.VOID:
            self._void(name, attributes)
        elif len(self._open) <= _MAX_DEPTH:
            above = self._open[-1]
            one = replace(above, name=name, ends="", span=1, begun=self._written)
            one.style = self._style(name, attributes, above.style)
            one.out = above.out or self._out(name, attributes, one.style)
            one.keeps_space = above.keeps_space or name == "pre"
            one.heading = above.heading or name in elements.HEADINGS
            self._open.append(one)
            self._names[name] += 1
            self._begin(one, attributes)

    def _begin(self, one: _Element, attributes: dict[str, str]) -> None:
        if one.name == "title" and not one.out:
            one.ends, one.out = "title", _UNSEEN
        elif one.name == "table":
            one.ends = "table"
            self._story.begin_table()
        elif one.name in ("tr", "td", "th"):
            self._begin_row_or_cell(one, attributes.get("colspan", ""))
        elif note := elements.note_of(attributes.get("id", "")):
            self._begin_note(one, note)
        elif note := elements.note_behind(attributes.get("href", "")):
            self._begin_note_around(note)
        elif not one.out and _TAB.search(attributes.get("style", "")):
            # Word writes spaces as wide as the tab that it has.
            self._write("\t", one)
            one.out = _UNSEEN
        elif not one.out:
            self._read_times(one, attributes)

    def _void(self, name: str, attributes: dict[str, str]) -> None:
        if name == "meta" and attributes.get("name", "").lower() == "author":
            know_person(attributes.get("content", ""), self._findings)
        elif name == "meta" and attributes.get("name", "") == "audio_source":
            know_file_name(file_stem(attributes.get("content", "")), self._findings)
        if self._open[-1].out:
            return
        if name == "br":
            self._break(self._fresh)
        elif name == "img":
            self._findings.leave_out("pictures", attributes.get("alt", ""))
        elif name == "embed":
            self._findings.leave_out("embedded_objects")
        elif name == "input" and attributes.get("type", "").lower() == "password":
            raise BadTranscript(
                "This is a page to sign in, and no transcript: a server answered with it in place "
                "of the file. Sign in with a browser, and download the transcript again."
            )
        elif name == "input" and attributes.get("value", "").strip():
            self._findings.leave_out("fields", attributes["value"])

    def _style(self, name: str, attributes: dict[str, str], style: Style) -> Style:
        if name in elements.BOLD or "speaker" in attributes.get("class", ""):
            style |= Style(bold=True)
        elif name in elements.SLANTED:
            style |= Style(slanted=True)
        elif name in elements.STRUCK:
            style |= Style(struck=True)
        if classes := attributes.get("class"):
            style |= self._styles.style(classes.split())
        if declarations := attributes.get("style"):
            style |= read_declarations(declarations)
        return style | Style(hidden=True) if "hidden" in attributes else style

    def _out(self, name: str, attributes: dict[str, str], style: Style) -> str:
        if name in elements.UNSEEN:
            return _UNSEEN
        if name in elements.EMBEDDED:
            self._findings.leave_out("embedded_objects")
            return _UNSEEN
        if style.hidden:
            return "hidden_text"
        if _PAGE_EDGE.search(attributes.get("style", "")):
            return "headers_footers"
        if _LIST_MARK.search(attributes.get("style", "")):
            return "markup"
        if name == "a" and elements.is_mark(attributes.get("href", "")):
            return "markup"
        return elements.LEFT_OUT.get(name, "")

    def _begin_row_or_cell(self, one: _Element, span: str) -> None:
        around = next((e.ends for e in reversed(self._open) if e.ends in ("table", "cell")), "")
        if around != "table":
            return
        one.ends = "row" if one.name == "tr" else "cell"
        if one.ends == "cell":
            if len(span) < 4 and span.isdecimal():
                one.span = max(1, min(int(span), _WIDEST_CELL))
            self._gap = True
            self._story.begin_cell()

    def _begin_note_around(self, kind: str) -> None:
        """Make a note of the block that begins with a link back to the text."""
        for one in reversed(self._open):
            if one.ends or one.begun != self._written:
                return
            if one.name in ("div", "li", "aside"):
                self._begin_note(one, kind)
                return

    def _begin_note(self, one: _Element, kind: str) -> None:
        self._break(True)
        one.ends = kind
        self._story.begin_part()

    def _end(self, name: str) -> None:
        at = self._find({name}, _SCOPES.get(name, _SCOPE)) if self._names[name] else 0
        if at:
            self._close_to(at)
        elif name in elements.BLOCKS:
            self._break(name in elements.PARAGRAPHS)

    def _end_implied(self, names: frozenset[str], behind: frozenset[str]) -> None:
        if any(self._names[name] for name in names) and (at := self._find(names, behind, True)):
            self._close_to(at)

    def _find(self, names: Set[str], behind: Set[str], outermost: bool = False) -> int:
        """Return where one of the names is open, and not behind an element of others, or 0."""
        found = 0
        for at in range(len(self._open) - 1, 0, -1):
            name = self._open[at].name
            if name in names:
                found = at
                if not outermost:
                    break
            elif name in behind:
                break
        return found

    def _close_to(self, at: int) -> None:
        while len(self._open) > at:
            one = self._open.pop()
            self._names[one.name] -= 1
            if one.out not in ("", _UNSEEN, self._open[-1].out):
                self._story.leave_out(one.out, " ")
            self._term = one.name == "dt" and not self._fresh
            if self._term:
                # Who speaks is a term for some programs, and what is said its definition.
                self._write(" " if self._labelled else ": ", self._open[-1])
            if one.name in elements.BLOCKS and not self._term:
                self._break(one.name in elements.PARAGRAPHS)
            self._finish(one)

    def _finish(self, one: _Element) -> None:
        if one.ends == "title":
            know_title("".join(self._title), self._findings)
            self._title.clear()
        elif one.ends == "table":
            self._story.end_table()
        elif one.ends == "row":
            self._story.end_row()
        elif one.ends == "cell":
            self._story.end_cell(one.span)
        elif one.ends:
            self._break(True)
            found = self._story.end_part()
            if self._notes:
                self._story.insert(replace(note, kind=PassageKind.NOTE) for note in found)
            elif found:
                text = "\n".join(note.text for note in found)
                self._findings.leave_out(one.ends, text)

    # Lines and text.

    def _break(self, gap: bool) -> None:
        self._story.end_paragraph()
        self._fresh, self._spaced, self._labelled = True, True, False
        self._gap = self._gap or gap

    def _text(self, text: str) -> None:
        one = self._open[-1]
        if one.name == "style":
            self._styles.read(text)
        elif one.ends == "title":
            self._title.append(text)
        elif one.out and one.out != _UNSEEN:
            self._story.leave_out(one.out, text)
        elif not one.out and one.keeps_space:
            for number, line in enumerate(text.split("\n")):
                if number:
                    self._break(self._fresh)
                self._write(line, one)
        elif not one.out:
            text = _SPACE.sub(" ", text)
            self._write(text[1:] if self._spaced and text[0] == " " else text, one)

    def _write(self, text: str, one: _Element) -> None:
        if not text or (self._fresh and not text.strip()):
            return
        if self._fresh:
            self._begin_line(one)
        self._written += 1
        self._spaced = text[-1].isspace()
        if said := text.rstrip():
            self._labelled = said[-1] in ":："
        style = one.style
        self._story.write(text, bool(style.bold or style.slanted), style.struck)

    def _begin_line(self, one: _Element) -> None:
        self._story.begin_paragraph(PassageKind.HEADING if one.heading else PassageKind.SPEECH)
        place = self._story.place
        if not self._gap:
            self._lines.add(place)
        if self._pending:
            self._times[place] = self._pending
        self._pending = None
        self._fresh = self._gap = False

    # Times.

    def _read_times(self, one: _Element, attributes: dict[str, str]) -> None:
        if "data-timestamp" in attributes:
            start = milliseconds(attributes["data-timestamp"])
            if start is not None and "timestamp" in attributes.get("class", ""):
                one.out = _UNSEEN
                self._set_times(_Times(start))
        elif found := _ANCHOR.fullmatch(attributes.get("name", "")):
            self._set_times(_Times(int(found[1]), int(found[2]), found[3]))
        elif self._fresh and not self._pending and _DIGITS.fullmatch(attributes.get("data-m", "")):
            self._pending = _Times(int(attributes["data-m"]))

    def _set_times(self, times: _Times) -> None:
        """Begin a line at a time, or go on with one that has no text but a label."""
        before = None if self._fresh else self._times.get(self._story.place)
        if before is not None and before.end is not None and before.speaker == times.speaker:
            before.end = times.end
        elif not self._fresh and before is None and self._labelled:
            self._times[self._story.place] = times
        else:
            if not self._fresh:
                self._break(False)
            self._pending = times
