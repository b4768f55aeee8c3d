# SPDX-License-Identifier: Apache-2.0
"""Items that are planted in the copy of a passage which one reader sees, to measure attention.

Who reads many passages without anything in them reads the next one badly; planted items hold the
attention and tell how good it is. They are made up, drawn for each reader under a key that nobody
sees, stored nowhere, and taken out of what a reader marks before that is stored: made again from
the key whenever they are needed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")

#: Made-up names, places and numbers by entity type; nobody of a study is meant.
_ITEMS: Sequence[tuple[str, str]] = (
    ("PERSON", "Hafizah Mokhtar"), ("PERSON", "Uncle Ravi"), ("PERSON", "Kak Suraya"),
    ("PERSON", "Lim Geok Choo"), ("PERSON", "Nurse Anjali"), ("PERSON", "Dr Zulkarnain"),
    ("PERSON", "Cikgu Rohana"), ("PERSON", "Ah Seng"), ("PERSON", "Pak Daud"),
    ("LOCATION", "Kampung Sungai Lui"), ("LOCATION", "Taman Bukit Indah"),
    ("LOCATION", "Jalan Merpati"), ("LOCATION", "Batu Tiga"),
    ("FACILITY", "Klinik Harapan Murni"), ("FACILITY", "Ward 7C"),
    ("FACILITY", "Sekolah Seri Melor"), ("PHONE_NUMBER", "012-770 4186"),
    ("DATE_TIME", "the ninth of March 2019"),
)  # fmt: skip

#: Sentences around them, by the language of the segment; others get the English ones.
_FRAMES: dict[str, dict[str, Sequence[str]]] = {
    "en": {
        "PERSON": ("{} told me the same.", "I asked {} about it.", "That was with {} also."),
        "LOCATION": ("We were in {} that time.", "I stayed at {} then."),
        "FACILITY": ("They sent me to {}.", "It was at {}."),
        "PHONE_NUMBER": ("I still call {}.", "My number is {}."),
        "DATE_TIME": ("It was {}.", "I remember {}."),
    },
    "ms": {
        "PERSON": ("{} pun cakap begitu.", "Saya tanya {}.", "Masa itu dengan {}."),
        "LOCATION": ("Kami duduk di {} masa itu.", "Dulu saya tinggal di {}."),
        "FACILITY": ("Mereka hantar saya ke {}.", "Itu di {}."),
        "PHONE_NUMBER": ("Nombor saya {}.", "Saya telefon {}."),
        "DATE_TIME": ("Masa itu {}.", "Saya ingat {}."),
    },
}


@dataclass(frozen=True)
class Planted:
    """A text with one item in it: `at` and `length` of what was put in, and the item's place."""

    text: str
    at: int
    length: int
    item_start: int
    item_end: int

    def finds(self, start: int, end: int) -> bool:
        """Return whether a marked place shares a code point with the item."""
        return start < self.item_end and self.item_start < end

    def without(self, start: int, end: int) -> tuple[int, int]:
        """Return where a marked place lies in the text without the item; empty inside of it."""
        return self._original(start), self._original(end)

    def _original(self, offset: int) -> int:
        if offset <= self.at:
            return offset
        return max(self.at, offset - self.length)


class Planter:
    """Decides what is planted where for one reader; `key` is the round's own."""

    def __init__(self, key: bytes, reader: str) -> None:
        self._key = key
        self._reader = reader

    def chosen(self, passages: Sequence[int], count: int) -> frozenset[int]:
        """Return those of some passages that get an item, as many as `count`."""
        return frozenset(sorted(passages, key=lambda one: self._draw("where", one))[:count])

    def shuffled(self, passages: Sequence[int]) -> list[int]:
        """Return passages in an order of the reader's own, so that two read different ones."""
        return sorted(passages, key=lambda one: self._draw("order", one))

    def plant(
        self, passage: int, text: str, language: str, taken: Sequence[tuple[int, int]] = ()
    ) -> Planted:
        """Return a passage's text with an item behind a sentence of it, not inside of `taken`."""
        draw = self._draw("what", passage)
        entity_type, item = _ITEMS[draw[0] % len(_ITEMS)]
        frames = _FRAMES.get(language, _FRAMES["en"])[entity_type]
        frame = frames[draw[1] % len(frames)]
        found = [one.end() for one in _SENTENCE_END.finditer(text)]
        ends = [at for at in found if not any(start < at < end for start, end in taken)]
        ends = ends or [len(text)]
        at = ends[draw[2] % len(ends)]
        inserted = f" {frame.format(item)}"
        start = at + 1 + frame.index("{}")
        return Planted(
            f"{text[:at]}{inserted}{text[at:]}", at, len(inserted), start, start + len(item)
        )

    def _draw(self, what: str, passage: int) -> bytes:
        message = f"{what} {self._reader} {passage}".encode()
        return hmac.new(self._key, message, hashlib.sha256).digest()
