# SPDX-License-Identifier: Apache-2.0
"""Follows the elements of a document: which are open, and what inside them is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from services.transcription.adapters.importing.xml_events import Start

_MOST_NAMES = 1000


def local(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return attributes by their names without a namespace."""
    return {name.rpartition("}")[2]: value for name, value in attributes.items()}


class Walker:
    """Knows which elements are open, by names such as "w:p", and what is left out from where."""

    prefixes: ClassVar[Mapping[str, str]] = {}
    """What stands for a namespace, such as "w:"; of others there is a colon alone."""

    def __init__(self) -> None:
        self.stack: list[str] = []
        self.skip = ""
        """Why what is inside an element is left out; "" where it is read."""
        self._depth = 0
        self._names: dict[str, str] = {}

    def open(self, event: Start) -> str:
        """Take the start of an element, and return its name."""
        name = self.name_of(event.full_name)
        self.stack.append(name)
        return name

    def close(self) -> None:
        """Take the end of the innermost element."""
        self.stack.pop()
        if self.skip and len(self.stack) < self._depth:
            self.skip = ""

    def skip_from(self, kind: str, depth: int = 0) -> None:
        """Leave out all inside the element that has begun, or of the one of this depth.

        What is left out around it already goes before.
        """
        if not self.skip:
            self.skip, self._depth = kind, depth or len(self.stack)

    def skip_around(self, name: str, kind: str) -> None:
        """Leave out all of the innermost element of a name."""
        if name in self.stack:
            self.skip_from(kind, len(self.stack) - self.stack[::-1].index(name))

    def parent(self, generations: int = 1) -> str:
        """Return the name of an element around the one that has begun; "" where there is none."""
        return self.stack[-1 - generations] if len(self.stack) > generations else ""

    def name_of(self, full_name: str) -> str:
        """Return the short name of an element."""
        if full_name not in self._names:
            if len(self._names) > _MOST_NAMES:
                self._names.clear()
            space, _, name = full_name.rpartition("}")
            self._names[full_name] = self.prefixes.get(space, ":") + name
        return self._names[full_name]
