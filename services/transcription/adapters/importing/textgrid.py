# SPDX-License-Identifier: Apache-2.0
"""Importer of Praat's TextGrids, in the long and in the short form of its text files.

https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html. Strings, numbers and flags that
stand free are the data, in a fixed order; all else is for people.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.transcription.adapters.importing import tiers
from services.transcription.adapters.importing.seconds import milliseconds
from services.transcription.adapters.importing.tiers import Annotation, Tier
from services.transcription.domain.reading import Passage
from services.transcription.errors import BadTranscript, TooLarge

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source

_MAX_ITEMS = 4_000_000
"""Most strings and numbers; an interview of three hours by sounds has half a million."""

# The last part takes what is for people, so that a number in it is not taken for data.
_ITEM = re.compile(
    r'"(?P<string>[^"]*(?:""[^"]*)*)"'
    r"|(?P<number>-?\d{1,20}(?:\.\d{0,40})?(?:[eE][+-]?\d{1,3})?)(?=\s|$|!)"
    r"|(?P<flag><(?:exists|absent)>)"
    r'|![^\n]*|[^\s"]+'
)
_ESCAPE = re.compile(r"""\\([A-Za-z])(['`^"~,])""")
_MARKS = {"'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", ",": "\u0327"}


def read(source: Source) -> Iterator[Passage]:
    """Yield intervals in the order of their time; raises `BadTranscript` or `TooLarge`."""
    return tiers.passages(_read_tiers(_Items(source.text())), source.findings)


class _Items:
    """The data of a file, one after the other."""

    def __init__(self, text: str) -> None:
        self._found = _ITEM.finditer(text)
        self._count = 0

    def string(self) -> str:
        """Return the next datum, which must be a string."""
        return self._next("string").replace('""', '"')

    def number(self) -> str:
        """Return the next datum, which must be a number."""
        return self._next("number")

    def skip_head(self) -> None:
        """Go behind the name of the form, the times of the whole, and whether it has tiers."""
        if self.string() not in ("ooTextFile", "ooTextFile short") or self.string() != "TextGrid":
            raise BadTranscript("The transcript is a file of Praat, but no TextGrid.")
        self.number()
        self.number()
        self._next("flag")

    def _next(self, kind: str) -> str:
        for found in self._found:
            self._count += 1
            if self._count > _MAX_ITEMS:
                raise TooLarge(
                    f"The transcript is a TextGrid of more than {_MAX_ITEMS} items; "
                    "remove the tiers of words and sounds."
                )
            if found.lastgroup == kind:
                return found[kind]
            if found.lastgroup:
                break
        raise BadTranscript(
            f"The transcript is a TextGrid that is damaged at item {self._count}; "
            "save it again from Praat as text."
        )


def _read_tiers(items: _Items) -> list[Tier]:
    items.skip_head()
    found: list[Tier] = []
    place = 0
    for _ in range(_count(items)):
        kind = items.string()
        tier = Tier(_plain(items.string()), speech=None if kind == "IntervalTier" else False)
        items.number()
        items.number()
        for _ in range(_count(items)):
            place += 1
            start = end = milliseconds(items.number())
            if kind == "IntervalTier":
                end = milliseconds(items.number())
            tier.annotations.append(Annotation(_plain(items.string()), start, end, place))
        found.append(tier)
    return found


def _count(items: _Items) -> int:
    number = items.number()
    return int(number) if number.isdecimal() else 0


def _plain(text: str) -> str:
    """Return text with the accents that Praat writes as `\\e'`."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda one: unicodedata.normalize("NFC", one[1] + _MARKS[one[2]]), text)
