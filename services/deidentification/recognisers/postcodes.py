# SPDX-License-Identifier: Apache-2.0
"""Postcodes as they are said: `five three one hundred`, `poskod lima tiga ribu`."""

from __future__ import annotations

from collections.abc import Iterator

from services.deidentification.domain.numbers import NumberPiece, piece
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.word_files import read_words

_WORDS = read_words("number_context")
_QUANTITY = _WORDS.words("quantities")
_POSTCODE = frozenset("postcode poskod zip postal".split())
_DIGITS = 5
_NEAR = 5
_ZEROES = {"hundred": 2, "ratus": 2, "thousand": 3, "ribu": 3}


def said_postcodes(doc: Document) -> Iterator[tuple[Span, bool]]:
    """Yield each postcode that is said in words, and whether it is announced as one."""
    index = 0
    while index < len(doc.tokens):
        pieces, digits, at = list[NumberPiece](), "", index
        while at < len(doc.tokens) and len(digits) < _DIGITS:
            found = piece(doc, at)
            if found is None or not found.spoken or (pieces and not doc.adjacent(at)):
                break
            pieces.append(found)
            digits += found.digits
            at = found.last + 1
        if not pieces:
            index += 1
            continue
        zeroes = _ZEROES.get(doc.tokens[at].norm, 0) if at < len(doc.tokens) else 0
        announced = any(t.norm in _POSTCODE for t in doc.tokens[max(0, index - _NEAR) : index])
        whole = len(digits) + zeroes == _DIGITS
        last = at if zeroes else at - 1
        after = doc.tokens[last + 1].norm if last + 1 < len(doc.tokens) else ""
        sure = announced or (len(pieces) >= 3 and after not in _QUANTITY)
        if whole and sure:
            yield Span(doc.tokens[index].start, doc.tokens[last].end, "CODE", 0.0), announced
        index = at
