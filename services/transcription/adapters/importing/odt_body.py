# SPDX-License-Identifier: Apache-2.0
"""Follows the elements of an OpenDocument text and tells a `Story` what they say.

Element names are those of ISO/IEC 26300 (OpenDocument 1.3, part 3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from services.transcription.adapters.importing.stated_names import know_person
from services.transcription.adapters.importing.story import Story
from services.transcription.adapters.importing.walker import Walker, local
from services.transcription.adapters.importing.xml_events import Event, Start, Text
from services.transcription.domain.reading import Findings, Passage, PassageKind

_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES = {
    f"{_ODF}office:1.0": "office:",
    f"{_ODF}text:1.0": "text:",
    f"{_ODF}table:1.0": "table:",
    f"{_ODF}drawing:1.0": "draw:",
    f"{_ODF}style:1.0": "style:",
    f"{_ODF}svg-compatible:1.0": "svg:",
    f"{_ODF}presentation:1.0": "presentation:",
    "http://purl.org/dc/elements/1.1/": "dc:",
}

_HEADINGS = re.compile(r"(heading|contents|user.index).{0,30}|title|subtitle", re.IGNORECASE)
_WHITE = re.compile(r"[ \t\r\n]+")
_MOST_SPACES = 100
_MOST_REPEATED = 64
_MOST_STYLES = 20_000
_MOST_BASES = 30

_FIGURES = frozenset(
    ("draw:frame", "draw:custom-shape", "draw:rect", "draw:ellipse", "draw:line", "draw:polygon",
     "draw:path", "draw:g", "draw:connector", "draw:caption", "draw:circle", "draw:polyline")
)  # fmt: skip

# What is no part of what is seen where it stands.
_UNSEEN = frozenset(
    ("svg:title", "svg:desc", "office:binary-data", "text:note-citation", "office:meta",
     "office:scripts", "office:settings", "office:font-face-decls", "office:automatic-styles",
     "text:change-info", "office:change-info", "office:forms", "office:event-listeners",
     "text:variable-decls", "text:user-field-decls", "text:index-title-template",
     "text:sequence-decls", "text:table-of-content-source", "office:dde-source")
)  # fmt: skip


def number(value: str, most: int) -> int:
    """Return a number of 1 to `most`; 1 where it is none."""
    digits = value if value.isascii() and value.isdecimal() else "1"
    return max(1, min(most, int(digits[:9])))


@dataclass(slots=True)
class _Style:
    base: str = ""
    name: str = ""
    heading: bool = False
    facts: dict[str, bool] = field(default_factory=dict)


class Styles:
    """Styles by their name, with what they take over from those that they are based on."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._styles: dict[str, _Style] = {}
        self._known: dict[str, tuple[bool, frozenset[str]]] = {}
        self.add(events)

    def add(self, events: Iterable[Event]) -> None:
        """Take in the styles of one more part; those before the body are all."""
        style = _Style()
        for event in events:
            if not isinstance(event, Start):
                continue
            facts = local(event.attributes)
            if event.name == "style" and len(self._styles) < _MOST_STYLES:
                style = _Style(
                    facts.get("parent-style-name", ""),
                    facts.get("display-name") or facts.get("name", ""),
                )
                level = facts.get("default-outline-level", "")
                style.heading = level not in ("", "0") or bool(
                    _HEADINGS.fullmatch(style.name.replace("_20_", " "))
                )
                self._styles[facts.get("name", "")] = style
            elif event.name in ("text-properties", "section-properties"):
                _describe(style, facts)
            elif event.name == "body":
                return

    def format(self, name: str) -> tuple[bool, frozenset[str]]:
        """Return whether a style is a heading's, and what it makes of text."""
        found = self._known.get(name)
        if found is None:
            chain: list[_Style] = []
            base = name
            while base in self._styles and len(chain) < _MOST_BASES:
                chain.append(self._styles[base])
                base = chain[-1].base
            facts: dict[str, bool] = {}
            for one in chain:
                facts = one.facts | facts
            heading = any(one.heading for one in chain) or bool(
                not chain and _HEADINGS.fullmatch(name.replace("_20_", " "))
            )
            found = heading, frozenset(fact for fact, on in facts.items() if on)
            if len(self._known) < _MOST_STYLES:
                self._known[name] = found
        return found


def _describe(style: _Style, facts: dict[str, str]) -> None:
    if "display" in facts:
        style.facts["hidden"] = facts["display"] == "none"
    if "text-line-through-style" in facts or "text-line-through-type" in facts:
        through = facts.get("text-line-through-style", facts.get("text-line-through-type"))
        style.facts["struck"] = through != "none"
    if "font-weight" in facts:
        style.facts["bold"] = facts["font-weight"] not in ("normal", "400", "300")
    if "font-style" in facts:
        style.facts["italic"] = facts["font-style"] != "normal"
    if "text-underline-style" in facts:
        style.facts["underlined"] = facts["text-underline-style"] != "none"


_HEADERS = [
    f"style:{name}{side}" for name in ("header", "footer") for side in ("", "-left", "-first")
]
_EMPHASIS = frozenset(("bold", "italic", "underlined"))


class Body(Walker):
    """Takes the events of a part; what is read goes to `story`, what is not to `findings`."""

    prefixes = _SPACES

    def __init__(
        self, story: Story, findings: Findings, styles: Styles, append_notes: bool
    ) -> None:
        super().__init__()
        self._story = story
        self._findings = findings
        self._styles = styles
        self._append_notes = append_notes
        self._looks: list[frozenset[str]] = []
        # Depths of the paragraphs that are open; 0 for what interrupts one, such as a note.
        self._paragraphs: list[int] = []
        self._indexes = 0
        self._figures: list[set[str]] = []
        self._cells: list[int] = []
        self._notes: list[str] = []
        self._in_creator = False

    def take(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, Start):
            tag = self.open(event)
            look = self._looks[-1] if self._looks else frozenset[str]()
            self._looks.append(look)
            if tag in _UNSEEN:
                self.skip_from("unseen")
            start = self._starts.get(tag)
            if start is not None:
                start(self, local(event.attributes))
            elif tag in _FIGURES:
                self._begin_figure()
        elif isinstance(event, Text):
            if self._in_creator:
                know_person(event.text, self._findings)
            elif self._in_paragraph():
                self._write(_WHITE.sub(" ", event.text))
        else:
            self._end()

    def _end(self) -> None:
        tag = self.stack[-1]
        end = self._ends.get(tag)
        if end is not None:
            end(self)
        elif tag in _FIGURES:
            self._end_figure()
        self._looks.pop()
        self.close()

    def _write(self, text: str) -> None:
        look = self._looks[-1]
        if self.skip == "unseen":
            return
        if self.skip:
            self._story.leave_out(self.skip, text)
        elif "hidden" in look:
            self._story.leave_out("hidden_text", text)
        else:
            self._story.write(text, not _EMPHASIS.isdisjoint(look), "struck" in look)

    def _in_paragraph(self) -> bool:
        return bool(self._paragraphs) and self._paragraphs[-1] > 0

    # Paragraphs and what stands in them.

    def _begin_paragraph(self, facts: dict[str, str]) -> None:
        heading, look = self._styles.format(facts.get("style-name", ""))
        self._looks[-1] |= look
        self._paragraphs.append(len(self.stack))
        in_shape = bool(self._figures) and "draw:text-box" not in self.stack
        heading = heading or self.stack[-1] == "text:h" or self._indexes > 0
        self._story.begin_paragraph(
            PassageKind.HEADING if heading else PassageKind.SPEECH, "" if in_shape else None
        )
        if facts.get("is-hidden") == "true":
            self.skip_from("hidden_text")

    def _end_paragraph(self) -> None:
        self._paragraphs.pop()
        self._story.end_paragraph()

    def _span(self, facts: dict[str, str]) -> None:
        self._looks[-1] |= self._styles.format(facts.get("style-name", ""))[1]

    def _section(self, facts: dict[str, str]) -> None:
        if facts.get("display") == "none" or (
            facts.get("display") == "condition" and facts.get("is-hidden") == "true"
        ):
            self.skip_from("hidden_text")

    def _space(self, facts: dict[str, str]) -> None:
        if self._in_paragraph():
            self._write(" " * number(facts.get("c", "1"), _MOST_SPACES))

    def _tab(self, _facts: dict[str, str]) -> None:
        if self._in_paragraph():
            self._write("\t")

    def _break(self, _facts: dict[str, str]) -> None:
        if self._in_paragraph():
            self._write("\n")

    def _hidden(self, facts: dict[str, str]) -> None:
        """Leave out a field that is hidden: the whole paragraph, or its text."""
        if facts.get("is-hidden") == "true":
            if self.stack[-1] == "text:hidden-text":
                self.skip_from("hidden_text")
            elif self._in_paragraph():
                # It stands first in its paragraph.
                self.skip_from("hidden_text", self._paragraphs[-1])

    def _ruby_text(self, _facts: dict[str, str]) -> None:
        self.skip_from("markup")

    def _begin_index(self, _facts: dict[str, str]) -> None:
        self._indexes += 1

    def _end_index(self) -> None:
        self._indexes -= 1

    # Notes, comments, changes, headers.

    def _begin_note(self, facts: dict[str, str]) -> None:
        kind = "endnotes" if facts.get("note-class") == "endnote" else "footnotes"
        self._begin_apart("comments" if self.stack[-1] == "office:annotation" else kind)

    def _begin_apart(self, kind: str) -> None:
        self._notes.append(kind)
        self._paragraphs.append(0)
        self._story.begin_part()

    def _end_note(self) -> None:
        kind = self._notes.pop()
        self._paragraphs.pop()
        passages = self._story.end_part()
        text = "\n".join(one.text for one in passages)
        if not text or self.skip:
            return
        if self._append_notes and kind in ("footnotes", "endnotes", "comments"):
            self._story.insert(
                [Passage(text, kind=PassageKind.NOTE, gap=True, place=self._story.place)]
            )
        else:
            self._findings.leave_out(kind, text)

    def _begin_header(self, _facts: dict[str, str]) -> None:
        self._begin_apart("headers_footers")

    def _deletion(self, _facts: dict[str, str]) -> None:
        self.skip_from("deleted_text")

    def _begin_creator(self, _facts: dict[str, str]) -> None:
        self._in_creator = bool({"office:annotation", "office:change-info"} & set(self.stack[-3:]))

    def _date(self, _facts: dict[str, str]) -> None:
        self.skip_from("unseen")

    def _end_creator(self) -> None:
        self._in_creator = False

    # Frames and shapes.

    def _begin_figure(self) -> None:
        if not self._figures:
            self._story.begin_part()
        self._figures.append(set())
        self._paragraphs.append(0)

    def _end_figure(self) -> None:
        found = self._figures.pop()
        self._paragraphs.pop()
        if self._figures:
            self._figures[-1] |= found
            return
        has_text = self._story.end_box()
        if self.skip:
            return
        if "object" in found:
            self._findings.leave_out("embedded_objects")
        elif "image" in found or not has_text:
            self._findings.leave_out("pictures")

    def _image(self, _facts: dict[str, str]) -> None:
        if self._figures:
            self._figures[-1].add("image")

    def _object(self, _facts: dict[str, str]) -> None:
        if self._figures:
            self._figures[-1].add("object")

    # Tables.

    def _begin_table(self, _facts: dict[str, str]) -> None:
        self._story.begin_table()

    def _end_table(self) -> None:
        self._story.end_table()

    def _begin_row(self, facts: dict[str, str]) -> None:
        if facts.get("visibility") in ("collapse", "filter"):
            self.skip_from("hidden_text")

    def _end_row(self) -> None:
        self._story.end_row()

    def _begin_cell(self, facts: dict[str, str]) -> None:
        # The cells that a wide one covers follow it as elements of their own.
        self._cells.append(number(facts.get("number-columns-repeated", "1"), _MOST_REPEATED))
        self._story.begin_cell()

    def _end_cell(self) -> None:
        self._story.end_cell(self._cells.pop())

    # By names of elements.

    _starts: ClassVar[Mapping[str, Callable[[Body, dict[str, str]], None]]] = {
        "text:p": _begin_paragraph,
        "text:h": _begin_paragraph,
        "text:span": _span,
        "text:a": _span,
        "text:section": _section,
        "text:s": _space,
        "text:tab": _tab,
        "text:line-break": _break,
        "text:hidden-text": _hidden,
        "text:hidden-paragraph": _hidden,
        "text:ruby-text": _ruby_text,
        "text:index-body": _begin_index,
        "text:note": _begin_note,
        "office:annotation": _begin_note,
        "text:deletion": _deletion,
        "dc:creator": _begin_creator,
        "dc:date": _date,
        "draw:image": _image,
        "draw:object": _object,
        "draw:object-ole": _object,
        "draw:plugin": _object,
        "table:table": _begin_table,
        "table:table-row": _begin_row,
        "table:table-cell": _begin_cell,
        "table:covered-table-cell": _begin_cell,
        **dict.fromkeys(_HEADERS, _begin_header),
    }
    _ends: ClassVar[Mapping[str, Callable[[Body], None]]] = {
        "text:p": _end_paragraph,
        "text:h": _end_paragraph,
        "text:index-body": _end_index,
        "text:note": _end_note,
        "office:annotation": _end_note,
        "dc:creator": _end_creator,
        "table:table": _end_table,
        "table:table-row": _end_row,
        "table:table-cell": _end_cell,
        "table:covered-table-cell": _end_cell,
        **dict.fromkeys(_HEADERS, _end_note),
    }
