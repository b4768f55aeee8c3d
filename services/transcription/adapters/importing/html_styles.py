# SPDX-License-Identifier: Apache-2.0
"""What styles of HTML say that matters for reading: emphasis, text that is hidden or struck."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_HEAVY = re.compile(r"font-weight:(?:bold|bolder|[6-9]00)")
_LIGHT = re.compile(r"font-weight:(?:normal|lighter|[1-5]00)")
_HIDDEN = re.compile(r"display:none|visibility:hidden|mso-hide:all")
_CLASS = re.compile(r"\.([\w-]{1,80})")
_SPACE = re.compile(r"\s+")

_MOST_RULES = 20_000


@dataclass(frozen=True, slots=True)
class Style:
    """What a style states; None where it states nothing."""

    bold: bool | None = None
    slanted: bool | None = None
    """Italic or underlined."""
    hidden: bool = False
    struck: bool = False

    def __or__(self, other: Style) -> Style:
        """Return both together; what `other` states goes first."""
        return Style(
            self.bold if other.bold is None else other.bold,
            self.slanted if other.slanted is None else other.slanted,
            self.hidden or other.hidden,
            self.struck or other.struck,
        )


PLAIN = Style()


def read_declarations(text: str) -> Style:
    """Return what declarations such as those of an attribute `style` say."""
    text = _SPACE.sub("", text.lower())
    bold = True if _HEAVY.search(text) else False if _LIGHT.search(text) else None
    slanted = "font-style:italic" in text or "decoration:underline" in text
    return Style(
        bold, slanted or None, _HIDDEN.search(text) is not None, "decoration:line-through" in text
    )


class StyleSheet:
    """Styles of classes, as the rules of the `style` elements of a page say."""

    def __init__(self) -> None:
        self._classes: dict[str, Style] = {}

    def read(self, text: str) -> None:
        """Read rules; those of classes alone are kept."""
        for rule in text.split("}", _MOST_RULES)[:_MOST_RULES]:
            selector, _, declarations = rule.rpartition("{")
            style = read_declarations(declarations)
            if style == PLAIN:
                continue
            for one in selector.split(","):
                # The style of something inside of a class is not the style of the class.
                if len(one.split()) == 1 and (name := _CLASS.search(one)):
                    self._classes[name[1]] = self._classes.get(name[1], PLAIN) | style

    def style(self, classes: Iterable[str]) -> Style:
        """Return the style of an element of these classes."""
        found = PLAIN
        for name in classes:
            found |= self._classes.get(name, PLAIN)
        return found
