# SPDX-License-Identifier: Apache-2.0
"""Reader of ages, for generalisation."""

from __future__ import annotations

import regex

from services.deidentification.domain.numbers import DECADES, MAGNITUDES, piece
from services.deidentification.domain.tokens import Document
from services.deidentification.word_files import read_words

_WORDS = read_words("ages")
_INFANT = _WORDS.words("months of an age")
_YEARS = _WORDS.words("units of an age")
_GLUED = regex.compile(r"([0-9]{1,3})(?:an|'?s|yo|y/o|yrs?|th|thn|tahun|ish|plus|m|f)?")
OLDEST = 130


def band(text: str) -> tuple[int, int] | None:
    """Return the first and last year of the band of ten years that an age lies in, 90 to OLDEST
    for all from 90 on; None where it is not read with certainty: no number, one in hundreds that
    are said, or several of different bands.
    """
    doc = Document.of(text)
    values: list[int] = []
    index = 0
    while index < len(doc.tokens):
        word = doc.tokens[index].norm
        if word in MAGNITUDES:
            return None
        found, glued = piece(doc, index), _GLUED.fullmatch(word)
        if word in DECADES:
            values.append(DECADES[word])
        elif found is not None:
            values.append(int(found.digits))
            index = found.last
        elif glued:
            values.append(int(glued.group(1)))
        index += 1
    words = {t.norm for t in doc.tokens}
    if words & _INFANT and not words & _YEARS:
        values = [value // 12 for value in values]
    if not _one_number(doc, len(values)) or not values or max(values) > OLDEST:
        return None
    firsts = {min(value // 10 * 10, 90) for value in values}
    if len(firsts) > 1:
        return None
    first = firsts.pop()
    return first, OLDEST if first == 90 else first + 9


def _one_number(doc: Document, count: int) -> bool:
    """Return whether several numbers are parted by a word: `ten or eleven`, not `six one`, which
    may be 61.
    """
    return count < 2 or any(t.norm in _BETWEEN for t in doc.tokens)


_BETWEEN = _WORDS.words("between two ages") | {"and", "dan"}
