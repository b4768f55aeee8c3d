# SPDX-License-Identifier: Apache-2.0
"""Styles and lists of a Word document: headings, hidden text, and labels that Word numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from services.transcription.adapters.importing.walker import local
from services.transcription.adapters.importing.xml_events import End, Event, Start

# "heading 1", "Title", "toc 2": names of styles that come with Word are English in every language.
_HEADING = re.compile(r"(heading|toc)\s?\d{0,2}|title|subtitle|toc heading|contents heading")
_LONGEST_LABEL = 40
_NOT_LETTERS = re.compile(r"wingdings|symbol|webdings|courier", re.IGNORECASE)
_PLACE = re.compile(r"%([1-9])")

TOGGLES = ("b", "i", "vanish", "strike", "dstrike")
"""Properties of text that are on or off (ECMA-376, part 1, 17.7.3)."""

_MOST_STYLES = 20_000
_MOST_BASES = 30


def is_on(attributes: dict[str, str]) -> bool:
    """Tell whether a property that is on or off is on."""
    return local(attributes).get("val", "1") not in ("0", "false", "off", "none")


@dataclass(slots=True)
class _Style:
    name: str = ""
    base: str = ""
    outline: int | None = None
    toggles: dict[str, bool] = field(default_factory=dict)
    underlined: bool | None = None
    number: str = ""
    level: int = 0


class Format(NamedTuple):
    """What a style says of text: a heading, hidden, struck through, bold or the like; its list."""

    heading: bool = False
    toggles: frozenset[str] = frozenset()
    underlined: bool = False
    number: str = ""
    level: int = 0


class Styles:
    """Styles by their id, with what they take over from those that they are based on."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._styles: dict[str, _Style] = {}
        self._known: dict[str, Format] = {}
        self.default = ""
        """Style of paragraphs that name none."""
        style, inside = _Style(), 0
        for event in events:
            if isinstance(event, Start):
                inside += inside > 0
                if event.name == "style" and len(self._styles) < _MOST_STYLES:
                    facts = local(event.attributes)
                    style, inside = _Style(), 1
                    self._styles[facts.get("styleId", "")] = style
                    if facts.get("type") == "paragraph" and is_on(
                        {"val": facts.get("default", "0")}
                    ):
                        self.default = facts.get("styleId", "")
                elif inside:
                    _describe(style, event)
            elif isinstance(event, End):
                inside -= inside > 0

    def format(self, style: str) -> Format:
        """Return what a style says; of one that is not described, its id tells a heading."""
        if style not in self._known:
            if len(self._known) > _MOST_STYLES:
                return Format()
            self._known[style] = self._resolved(style)
        return self._known[style]

    def _resolved(self, style: str) -> Format:
        if style not in self._styles:
            return Format(heading=_is_heading(style))
        chain: list[_Style] = []
        while style in self._styles and len(chain) < _MOST_BASES:
            chain.append(self._styles[style])
            style = chain[-1].base
        toggles: dict[str, bool] = {}
        outline, underlined, number, level = None, None, "", 0
        for one in chain:
            toggles = one.toggles | toggles
            outline = one.outline if outline is None else outline
            underlined = one.underlined if underlined is None else underlined
            if not number and one.number:
                number, level = one.number, one.level
        return Format(
            heading=any(_is_heading(one.name) for one in chain) if outline is None else outline < 9,
            toggles=frozenset(name for name, on in toggles.items() if on),
            underlined=bool(underlined),
            number=number,
            level=level,
        )


def _is_heading(name: str) -> bool:
    return _HEADING.fullmatch(name.strip().lower()) is not None


def _describe(style: _Style, event: Start) -> None:
    value = local(event.attributes).get("val", "")
    name = event.name
    if name == "name":
        style.name = value
    elif name == "basedOn":
        style.base = value
    elif name == "outlineLvl":
        style.outline = number(value)
    elif name in TOGGLES:
        style.toggles[name] = is_on(event.attributes)
    elif name == "u":
        style.underlined = value not in ("", "none")
    elif name == "numId":
        style.number = value
    elif name == "ilvl":
        style.level = number(value)


def number(value: str) -> int:
    """Return a small number; 0 where it is none."""
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 7 else 0


@dataclass(slots=True)
class _Level:
    text: str = ""
    format: str = "decimal"
    start: int = 1
    font: str = ""

    def describe(self, name: str, facts: dict[str, str]) -> None:
        value = facts.get("val", "")
        if name == "start":
            self.start = number(value)
        elif name == "numFmt":
            self.format = value
        elif name == "lvlText":
            self.text = value[:_LONGEST_LABEL]
        elif name == "rFonts":
            self.font = facts.get("ascii", "")


class Lists:
    """Labels that Word puts before paragraphs of a list, such as "I:" or "Speaker 2:"."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._levels: dict[tuple[str, int], _Level] = {}
        self._abstract: dict[str, str] = {}
        self._counts: dict[tuple[str, int], int] = {}
        self._owner = self._num = ""
        level = _Level()
        for event in events:
            if isinstance(event, Start) and len(self._levels) < _MOST_STYLES:
                facts = local(event.attributes)
                if event.name == "lvl":
                    key = self._owner, number(facts.get("ilvl", ""))
                    level = self._levels[key] = _Level()
                else:
                    self._own(event.name, facts)
                    level.describe(event.name, facts)

    def _own(self, name: str, facts: dict[str, str]) -> None:
        """Note whose levels come next."""
        if name == "abstractNum":
            self._owner = f"a{facts.get('abstractNumId', '')}"
        elif name == "num":
            self._owner = self._num = facts.get("numId", "")
        elif name == "abstractNumId":
            self._abstract[self._num] = f"a{facts.get('val', '')}"

    def label(self, num: str, level: int) -> str:
        """Return the label of the next paragraph of a list, "" where it is a mere number or dot."""
        found = self._level(num, level)
        if found is None:
            return ""
        count = self._counts.get((num, level), found.start - 1) + 1
        self._counts[num, level] = count
        for deeper in range(level + 1, 9):
            self._counts.pop((num, deeper), None)
        fixed = _PLACE.sub("", found.text)
        if not any(character.isalpha() for character in fixed):
            return ""
        if found.format == "bullet" and (fixed == "o" or _NOT_LETTERS.search(found.font)):
            return ""
        return _PLACE.sub(lambda place: self._number(num, int(place[1]) - 1), found.text)

    def _level(self, num: str, level: int) -> _Level | None:
        own = self._levels.get((num, level))
        if own is not None and own.text:
            return own
        return self._levels.get((self._abstract.get(num, ""), level))

    def _number(self, num: str, level: int) -> str:
        found = self._level(num, level)
        count = self._counts.get((num, level), found.start if found else 1)
        if found is not None and found.format in ("upperLetter", "lowerLetter"):
            letter = chr(ord("A") + (count - 1) % 26)
            return letter if found.format == "upperLetter" else letter.lower()
        return str(count)
