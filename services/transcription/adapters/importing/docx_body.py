# SPDX-License-Identifier: Apache-2.0
"""Follows the elements of a part of a Word document and tells a `Story` what they say.

Element names are those of WordprocessingML, DrawingML and VML (ECMA-376, parts 1 and 4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from services.transcription.adapters.importing.docx_names import PREFIXES, symbol
from services.transcription.adapters.importing.docx_styles import (
    TOGGLES,
    Format,
    Lists,
    Styles,
    is_on,
    number,
)
from services.transcription.adapters.importing.stated_names import know_person
from services.transcription.adapters.importing.story import Story
from services.transcription.adapters.importing.walker import Walker, local
from services.transcription.adapters.importing.xml_events import End, Event, Start, Text
from services.transcription.domain.reading import Findings, Passage, PassageKind

_OLD = frozenset(
    "w:rPrChange w:pPrChange w:sectPrChange w:tblPrChange w:trPrChange w:tcPrChange"
    " w:tblGridChange w:tblPrExChange w:numberingChange".split()
)
"""What a format was before a tracked change of it."""

_NOTES = {
    "w:footnoteReference": "footnotes",
    "w:endnoteReference": "endnotes",
    "w:commentReference": "comments",
}
_NOTE_PARTS = {"w:footnote": "footnotes", "w:endnote": "endnotes", "w:comment": "comments"}

_SIGNS = {
    "w:tab": "\t",
    "w:ptab": "\t",
    "w:br": "\n",
    "w:cr": "\n",
    "a:br": "\n",
    "w:noBreakHyphen": "-",
}

Notes = dict[tuple[str, str], list[Passage]]
"""Footnotes, endnotes and comments by kind and id."""


@dataclass(slots=True)
class _Run:
    """What a run's own properties say; None where they say nothing."""

    toggles: dict[str, bool] = field(default_factory=dict)
    underlined: bool | None = None
    style: str = ""


@dataclass(slots=True)
class _Figure:
    """A drawing, picture or object that is being read."""

    pictures: bool = False
    embedded: bool = False
    rule: bool = False


@dataclass(slots=True)
class _Choice:
    """Two forms of the same: as it is, and a fallback for old programs."""

    found: int
    taken: bool = False


@dataclass(slots=True)
class _Paragraph:
    style: Format
    number: str = ""
    level: int = 0
    deleted: bool = False
    labelled: bool = False


class Body(Walker):
    """Takes the events of a part; what is read goes to `story`, what is not to `findings`."""

    prefixes = PREFIXES

    def __init__(
        self,
        story: Story,
        findings: Findings,
        styles: Styles,
        lists: Lists,
        on_note: Callable[[str, str], None],
        on_part: Callable[[str], None],
    ) -> None:
        super().__init__()
        self.notes: Notes = {}
        self._story = story
        self._findings = findings
        self._styles = styles
        self._lists = lists
        self._on_note = on_note
        self._on_part = on_part
        self._run = _Run()
        self._paragraphs: list[_Paragraph] = []
        self._fields: list[bool] = []
        self._entries: list[str] = []
        self._entry = 0
        self._placeholders: list[bool] = []
        self._figures: list[_Figure] = []
        self._choices: list[_Choice] = []
        self._found = 0
        self._spans: list[int] = []
        self._moved_to = 0
        self._moves: tuple[list[str], list[str]] = ([], [])

    def take(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, Text):
            if self.stack and self.stack[-1] in ("w:t", "a:t", "m:t", "w:delText"):
                self._write(event.text)
        elif isinstance(event, Start):
            tag = self.open(event)
            if tag in _OLD:
                self.skip_from("old")
            start = self._starts.get(tag)
            if start is not None and self.skip != "old":
                start(self, event.attributes)
        else:
            end = self._ends.get(self.stack[-1])
            if end is not None and self.skip != "old":
                end(self)
            self.close()

    def end(self) -> None:
        """Count what was moved away and is nowhere now."""
        away, here = (Counter("".join(words).split()) for words in self._moves)
        if lost := away - here:
            self._findings.leave_out("deleted_text", " ".join(lost.elements()))

    # Words.

    def _write(self, text: str) -> None:
        text = text.replace("\n", " ").replace("\r", " ")
        if self.skip == "moved":
            self._moves[0].append(text)
        elif self.skip == "twin":
            return
        elif self.skip:
            self._story.leave_out(self.skip, text)
        elif self.stack[-1] == "w:delText":
            self._story.leave_out("deleted_text", text)
        elif False in self._fields:
            self._story.leave_out("fields", text)
        elif self._is("vanish"):
            self._story.leave_out("hidden_text", text)
        else:
            self._say(text)

    def _is(self, toggle: str) -> bool:
        own = self._run.toggles.get(toggle)
        if own is not None:
            return own
        # Where both kinds of style turn it on, it is off (17.7.3).
        return (toggle in self._paragraph.style.toggles) != (
            bool(self._run.style) and toggle in self._styles.format(self._run.style).toggles
        )

    def _underlined(self) -> bool:
        if self._run.underlined is not None:
            return self._run.underlined
        return self._paragraph.style.underlined or (
            bool(self._run.style) and self._styles.format(self._run.style).underlined
        )

    @property
    def _paragraph(self) -> _Paragraph:
        if not self._paragraphs:
            self._paragraphs.append(_Paragraph(self._styles.format(self._styles.default)))
        return self._paragraphs[-1]

    def _label(self) -> None:
        """Write the label of a list before the first word of its paragraph."""
        paragraph = self._paragraph
        if paragraph.labelled or "w:p" not in self.stack:
            return
        paragraph.labelled = True
        num = paragraph.number or paragraph.style.number
        if num and num != "0":
            level = paragraph.level if paragraph.number else paragraph.style.level
            if label := self._lists.label(num, min(level, 8)):
                self._story.write(f"{label}\t", emphasised=True)

    def _sign(self, sign: str) -> None:
        """Write a tab, a break or another character that is an element of its own."""
        if not self._inside_run():
            return
        if self.skip == "moved":
            self._moves[0].append(" ")
        elif self.skip in ("twin", "old"):
            return
        elif self.skip or self._is("vanish"):
            self._story.leave_out(self.skip or "hidden_text", " ")
        elif False not in self._fields:
            self._say(sign)

    def _say(self, text: str) -> None:
        self._label()
        if self._moved_to:
            self._moves[1].append(text)
        self._found += 1
        self._story.write(
            text,
            emphasised=self._is("b") or self._is("i") or self._underlined(),
            struck=self._is("strike") or self._is("dstrike"),
        )

    def _begin_sign(self, _attributes: dict[str, str]) -> None:
        self._sign(_SIGNS[self.stack[-1]])

    def _inside_run(self) -> bool:
        return len(self.stack) > 1 and self.stack[-2] in ("w:r", "m:r", "a:p")

    def _symbol(self, attributes: dict[str, str]) -> None:
        facts = local(attributes)
        if sign := symbol(facts.get("char", ""), facts.get("font", "")):
            self._sign(sign)

    # Properties of runs and paragraphs.

    def _begin_run(self, _attributes: dict[str, str]) -> None:
        self._run = _Run()

    def _toggle(self, attributes: dict[str, str]) -> None:
        name = self.stack[-1][2:]
        around = self.stack[-3:-1]
        if len(around) == 2 and around[1] == "w:rPr" and around[0] in ("w:r", "m:r"):
            if name == "u":
                self._run.underlined = local(attributes).get("val", "") not in ("", "none")
            elif name == "rStyle":
                self._run.style = local(attributes).get("val", "")
            else:
                self._run.toggles[name] = is_on(attributes)

    def _paragraph_property(self, attributes: dict[str, str]) -> None:
        name, value = self.stack[-1], local(attributes).get("val", "")
        if self.stack[-2:-1] != ["w:pPr"] and self.stack[-3:-1] != ["w:pPr", "w:numPr"]:
            return
        paragraph = self._paragraph
        if name == "w:pStyle":
            paragraph.style = self._styles.format(value)
            if paragraph.style.heading:
                self._story.set_kind(PassageKind.HEADING)
        elif name == "w:outlineLvl":
            is_heading = number(value) < 9
            self._story.set_kind(PassageKind.HEADING if is_heading else PassageKind.SPEECH)
        elif name == "w:numId":
            paragraph.number = value
        elif name == "w:ilvl":
            paragraph.level = number(value)

    def _begin_paragraph(self, _attributes: dict[str, str]) -> None:
        self._paragraphs.append(_Paragraph(self._styles.format(self._styles.default)))
        self._story.begin_paragraph()
        self._run = _Run()

    def _end_paragraph(self) -> None:
        self._fields = [result for result in self._fields if result]
        deleted = self._paragraphs.pop().deleted
        self._moves[0].append(" ")
        self._moves[1].append(" ")
        self._story.end_paragraph(joined=deleted)
        self._run = _Run()

    # Changes that are tracked.

    def _change(self, attributes: dict[str, str]) -> None:
        tag, parent = self.stack[-1], self.parent()
        self._know_author(attributes)
        if parent == "w:rPr":
            if self.stack[-3:-2] == ["w:pPr"] and tag in ("w:del", "w:moveFrom"):
                self._paragraph.deleted = True
        elif parent == "w:trPr":
            if tag in ("w:del", "w:moveFrom"):
                self.skip_around("w:tr", "deleted_text")
        elif tag == "w:del":
            self.skip_from("deleted_text")
        elif tag == "w:moveFrom":
            self.skip_from("moved")
        elif tag == "w:moveTo":
            self._moved_to += 1

    def _end_move(self) -> None:
        parent = self.parent()
        if parent not in ("w:rPr", "w:trPr"):
            self._moved_to -= self._moved_to > 0

    def _know_author(self, attributes: dict[str, str]) -> None:
        if author := local(attributes).get("author"):
            know_person(author, self._findings)

    def _cell_deleted(self, _attributes: dict[str, str]) -> None:
        self.skip_around("w:tc", "deleted_text")

    def _row_hidden(self, attributes: dict[str, str]) -> None:
        if self.stack[-2:-1] == ["w:trPr"] and is_on(attributes):
            self.skip_around("w:tr", "hidden_text")

    # Fields and forms.

    def _field(self, attributes: dict[str, str]) -> None:
        kind = local(attributes).get("fldCharType")
        if kind == "begin":
            self._fields.append(False)
        elif self._fields and kind == "separate":
            self._fields[-1] = True
        elif self._fields and kind == "end":
            self._fields.pop()

    def _begin_choices(self, _attributes: dict[str, str]) -> None:
        self._entries, self._entry = [], 0

    def _entry_chosen(self, attributes: dict[str, str]) -> None:
        if self.stack[-2:-1] == ["w:ddList"]:
            self._entry = number(local(attributes).get("val", ""))

    def _add_entry(self, attributes: dict[str, str]) -> None:
        self._entries.append(local(attributes).get("val", ""))

    def _end_choices(self) -> None:
        if not self.skip and self._entry < len(self._entries):
            self._story.write(self._entries[self._entry])

    def _control(self, _attributes: dict[str, str]) -> None:
        self._placeholders.append(False)

    def _placeholder(self, attributes: dict[str, str]) -> None:
        if self._placeholders:
            self._placeholders[-1] = is_on(attributes)

    def _control_content(self, _attributes: dict[str, str]) -> None:
        if self._placeholders and self._placeholders[-1]:
            self.skip_from("fields")

    def _end_control(self) -> None:
        self._placeholders.pop()

    def _ruby_text(self, _attributes: dict[str, str]) -> None:
        self.skip_from("markup")

    # Drawings, pictures, objects.

    def _begin_figure(self, _attributes: dict[str, str]) -> None:
        if not self._figures:
            self._story.begin_part()
        self._figures.append(_Figure())

    def _end_figure(self) -> None:
        figure = self._figures.pop()
        if self._figures:
            outer = self._figures[-1]
            outer.pictures |= figure.pictures
            outer.embedded |= figure.embedded
            outer.rule |= figure.rule
            return
        has_text = self._story.end_box()
        if self.skip in ("twin", "moved"):
            return
        if figure.embedded:
            self._findings.leave_out("embedded_objects")
        elif figure.pictures or not (has_text or figure.rule):
            self._findings.leave_out("pictures")
        self._found += 1

    def _picture(self, attributes: dict[str, str]) -> None:
        if self._figures:
            self._figures[-1].pictures = True
            self._related(attributes)

    def _object(self, _attributes: dict[str, str]) -> None:
        if self._figures:
            self._figures[-1].embedded = True
        elif not self.skip:
            self._findings.leave_out("embedded_objects")

    def _shape(self, attributes: dict[str, str]) -> None:
        if self._figures and local(attributes).get("hr", "") in ("t", "true"):
            self._figures[-1].rule = True

    def _drawn_words(self, attributes: dict[str, str]) -> None:
        if (text := local(attributes).get("string")) and not self.skip:
            self._story.begin_paragraph(speaker="")
            self._story.write(text[:1000])
            self._story.end_paragraph()

    def _related(self, attributes: dict[str, str]) -> None:
        if self.stack[-1] in ("c:chart", "dgm:relIds") and not self.skip:
            facts = local(attributes)
            self._on_part(facts.get("dm") or facts.get("id") or "")

    def _begin_shape_text(self, _attributes: dict[str, str]) -> None:
        self._paragraphs.append(_Paragraph(Format()))
        self._story.begin_paragraph(speaker="")
        self._run = _Run()

    def _end_shape_text(self) -> None:
        self._paragraphs.pop()
        self._story.end_paragraph()

    def _begin_alternatives(self, _attributes: dict[str, str]) -> None:
        self._choices.append(_Choice(self._found))

    def _end_alternatives(self) -> None:
        self._choices.pop()

    def _alternative(self, _attributes: dict[str, str]) -> None:
        if self._choices:
            choice = self._choices[-1]
            if choice.taken and self._found > choice.found:
                self.skip_from("twin")
            choice.taken = True

    # Tables.

    def _begin_table(self, _attributes: dict[str, str]) -> None:
        self._story.begin_table()

    def _end_table(self) -> None:
        self._story.end_table()

    def _end_row(self) -> None:
        self._story.end_row()

    def _begin_cell(self, _attributes: dict[str, str]) -> None:
        self._spans.append(1)
        self._story.begin_cell()

    def _end_cell(self) -> None:
        self._story.end_cell(self._spans.pop())

    def _span(self, attributes: dict[str, str]) -> None:
        if self._spans:
            self._spans[-1] = max(1, min(64, number(local(attributes).get("val", ""))))

    def _skipped_columns(self, attributes: dict[str, str]) -> None:
        self._story.skip_columns(min(64, number(local(attributes).get("val", ""))))

    # Notes and parts that are elsewhere.

    def _refer(self, attributes: dict[str, str]) -> None:
        note = _NOTES[self.stack[-1]], local(attributes).get("id", "")
        if not self.skip:
            self._on_note(*note)
        elif self.skip == "deleted_text":
            text = " ".join(one.text for one in self.notes.pop(note, []))
            self._story.leave_out("deleted_text", f" {text} ")

    def note_parts(self, events: Iterator[Event]) -> None:
        """Read the notes of a part into `notes`."""
        kind, name = "", ""
        for event in events:
            if isinstance(event, Start):
                tag = self.name_of(event.full_name)
                if tag in _NOTE_PARTS:
                    kind, name = _NOTE_PARTS[tag], local(event.attributes).get("id", "")
                    self._know_author(event.attributes)
                    self._story.begin_part()
            elif isinstance(event, End) and self.name_of(event.full_name) in _NOTE_PARTS and kind:
                if passages := self._story.end_part():
                    self.notes[kind, name] = passages
                kind = ""
            self.take(event)

    def _chunk(self, attributes: dict[str, str]) -> None:
        if not self.skip:
            self._on_part(local(attributes).get("id", ""))

    # By names of elements.

    _starts: ClassVar[Mapping[str, Callable[[Body, dict[str, str]], None]]] = {
        "w:p": _begin_paragraph,
        "w:r": _begin_run,
        "m:r": _begin_run,
        "w:tab": _begin_sign,
        "w:ptab": _begin_sign,
        "w:br": _begin_sign,
        "w:cr": _begin_sign,
        "a:br": _begin_sign,
        "w:noBreakHyphen": _begin_sign,
        "w:sym": _symbol,
        "w:ins": _change,
        "w:del": _change,
        "w:moveFrom": _change,
        "w:moveTo": _change,
        "w:cellDel": _cell_deleted,
        "w:hidden": _row_hidden,
        "w:fldChar": _field,
        "w:ddList": _begin_choices,
        "w:result": _entry_chosen,
        "w:listEntry": _add_entry,
        "w:sdt": _control,
        "w:showingPlcHdr": _placeholder,
        "w:sdtContent": _control_content,
        "w:rt": _ruby_text,
        "w:drawing": _begin_figure,
        "w:pict": _begin_figure,
        "w:object": _begin_figure,
        "pic:pic": _picture,
        "v:imagedata": _picture,
        "c:chart": _picture,
        "dgm:relIds": _picture,
        "o:OLEObject": _object,
        "w:control": _object,
        "w:movie": _object,
        "w:subDoc": _object,
        "v:rect": _shape,
        "v:textpath": _drawn_words,
        "a:p": _begin_shape_text,
        "mc:AlternateContent": _begin_alternatives,
        "mc:Choice": _alternative,
        "mc:Fallback": _alternative,
        "w:tbl": _begin_table,
        "w:tc": _begin_cell,
        "w:gridSpan": _span,
        "w:gridBefore": _skipped_columns,
        "w:footnoteReference": _refer,
        "w:endnoteReference": _refer,
        "w:commentReference": _refer,
        "w:altChunk": _chunk,
        **dict.fromkeys((f"w:{name}" for name in (*TOGGLES, "u", "rStyle")), _toggle),
        **dict.fromkeys(("w:pStyle", "w:outlineLvl", "w:numId", "w:ilvl"), _paragraph_property),
    }
    _ends: ClassVar[Mapping[str, Callable[[Body], None]]] = {
        "w:p": _end_paragraph,
        "w:moveTo": _end_move,
        "w:ddList": _end_choices,
        "w:sdt": _end_control,
        "w:drawing": _end_figure,
        "w:pict": _end_figure,
        "w:object": _end_figure,
        "a:p": _end_shape_text,
        "mc:AlternateContent": _end_alternatives,
        "w:tbl": _end_table,
        "w:tr": _end_row,
        "w:tc": _end_cell,
    }
