# SPDX-License-Identifier: Apache-2.0
"""The codes by which a study calls its participants, and the labels of speakers.

They are pseudonyms already, and stay as they are wherever somebody says them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import regex

from services.deidentification.domain.numbers import UNITS
from services.deidentification.domain.transcript import Finding
from services.registry import role_words

_PIECES = regex.compile(r"[A-Z]+|\d+|-")
_SPEAKER = r"[Ss]\d{1,3}"  # what labels of speakers look like: S1
_SESSION = r"(?:FGD|IDI|KII)[ -]?\d{1,3}"  # interviews and focus groups, as all studies count them
_MOST_DIGITS = 3  # a code with more digits in a row looks like a number of a record, and is masked
_LEAST_DIGITS = 2  # P9 and P10 are of one shape
# Types whose findings are cut where a code stands inside them; others are one value.
_CUT = frozenset(
    (
        "PERSON",
        "USERNAME",
        "ORGANIZATION",
        "FACILITY",
        "LOCATION",
        "ID_NUMBER",
        "VEHICLE_PLATE",
    )
)
_SAID = rf"(?i:{'|'.join(sorted(word for word in UNITS if word.isalpha()))})"


class StudyCodes:
    """The codes of a study, by their shapes: with P03 and IDI-07, P11 and IDI-8 are codes too, so
    that a participant who joins later changes no transcript. `shapes` decide which words are codes.
    """

    def __init__(self, codes: Iterable[str] = ()) -> None:
        self.shapes = tuple(sorted({shape for code in codes if (shape := _shape(code))}))

    @cached_property
    def _pattern(self) -> regex.Pattern[str]:
        forms = "|".join((_SPEAKER, _SESSION, *map(_form, self.shapes)))
        return regex.compile(rf"(?<![\w/.@-])(?:{forms})(?![\w/@]|[.-]\w|[ -](?:\d|{_SAID}(?!\w)))")

    def is_code(self, label: str) -> bool:
        """Return whether a label is a code of the study and nothing else."""
        return self._pattern.fullmatch(label.strip(" :.[]()")) is not None

    def spare(self, findings: Iterable[Finding], texts: Sequence[str]) -> list[Finding]:
        """Return findings without the codes in them, and without roles beside a code: `peserta
        P07`.
        """
        places: dict[int, list[tuple[int, int]]] = {}
        kept: list[Finding] = []
        for finding in findings:
            text = texts[finding.turn]
            if finding.turn not in places:
                places[finding.turn] = [match.span() for match in self._pattern.finditer(text)]
            kept += _without(finding, places[finding.turn], text)
        return kept


def _without(finding: Finding, places: Sequence[tuple[int, int]], text: str) -> Iterator[Finding]:
    """Yield what is left of a finding without codes: nothing, it, or the pieces around them."""
    at = finding.start
    said = text[finding.start : finding.end]
    for start, end in places:
        if text[finding.end : start].isspace() and role_words.role_of(said):
            return
        if start <= finding.start and finding.end <= end:
            return
        inside = finding.start <= start and end <= finding.end
        # In pieces, `P 3` may be a part of another number.
        if inside and finding.entity_type in _CUT and " " not in text[start:end]:
            if piece := _piece(finding, text, at, start):
                yield piece
            at = end
    if at == finding.start:
        yield finding
    elif piece := _piece(finding, text, at, finding.end):
        yield piece


def _piece(finding: Finding, text: str, start: int, end: int) -> Finding | None:
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return replace(finding, start=start, end=end) if start < end else None


def _shape(code: str) -> str:
    """Return a code with each number as so many zeros; empty for one that is not known again: of
    digits alone, or with so many that it looks like the number of a record.
    """
    pieces = _PIECES.findall(code)
    numbers = [len(piece) for piece in pieces if piece.isdigit()]
    if max(numbers, default=0) > _MOST_DIGITS or not any(piece.isalpha() for piece in pieces):
        return ""
    return "".join(
        "0" * max(len(piece), _LEAST_DIGITS) if piece.isdigit() else piece for piece in pieces
    )


def _form(shape: str) -> str:
    """Return the pattern of a shape: `P03`, `p 3`, `P-03` and, as it is said, `P zero three`. A
    code without a digit is itself alone, in capitals.
    """
    if "0" not in shape:
        return regex.escape(shape)
    form, before = "", ""
    for piece in _PIECES.findall(shape):
        # `a 1 March` is no code A1.
        joint = "-?" if before in ("A", "I") else "[ -]?"
        if piece == "-":
            form += "[ -]?"
        elif piece.isdigit():
            most = len(piece)
            said = rf"{_SAID}(?:[ -]{_SAID}){{0,{most - 1}}}"
            form += f"{joint if before.isalpha() else ''}(?:\\d{{1,{most}}}|{said})"
        else:
            form += f"{'[ -]?' if before.isdigit() else ''}(?i:{piece})"
        before = piece
    return form
