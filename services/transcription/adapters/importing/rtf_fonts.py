# SPDX-License-Identifier: Apache-2.0
"""Fonts of Rich Text, whose character sets say what its bytes mean."""

from __future__ import annotations

from services.transcription.adapters.importing import code_pages
from services.transcription.adapters.importing.text import ENCODINGS

_MOST_FONTS = 10_000


class Fonts:
    """The table of fonts of a document, and its own code page.

    `stated` is the name of an encoding that goes before what the document says of itself, or "".
    """

    def __init__(self, stated: str) -> None:
        self._stated = ENCODINGS.get(stated, "")
        self._page = self._stated or code_pages.WESTERN
        self._codecs: dict[int, tuple[str, int]] = {}
        self._listed = -1
        self.default_font = -1

    def set_page(self, number: int) -> None:
        """Note the code page of the document."""
        if not self._stated:
            self._page = code_pages.by_number(number) or self._page

    def read(self, word: str, number: int) -> None:
        """Note a control word of the table of fonts."""
        if word == "f":
            self._listed = number
        elif word in ("fcharset", "cpg") and len(self._codecs) < _MOST_FONTS:
            self._codecs[self._listed] = (word, number)

    def codec(self, font: int) -> str:
        """Return the codec of text in a font."""
        word, number = self._codecs.get(font, ("", 0))
        if word == "cpg":
            return code_pages.by_number(number) or self._page
        return code_pages.by_charset(number, self._page) if word else self._page
